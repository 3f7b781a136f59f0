// Any content: if it may be inserted, it stays where it was put. Read by the tree builder's own rules, what
// stands behind the slot is where it was before.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "html/extents.h"
#include "html/rewriter.h"

namespace {

using namespace personalize::html;

/// Element of this name that begins at `start`.
const Extent* find(const std::vector<Extent>& elements, std::string_view name, std::size_t start) {
  for (const Extent& element : elements) {
    if (element.start == start && element.name == name) return &element;
  }
  return nullptr;
}

[[noreturn]] void fail(const char* what, const std::string& page) {
  std::fprintf(stderr, "%s\n%s\n", what, page.c_str());
  std::abort();
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view content(reinterpret_cast<const char*>(data), size);
  if (!check_content(content).empty()) return 0;
  const std::string before = "<!doctype html><html><head></head><body><main><section>";
  const std::string after = "</section><aside></aside></main></body></html>";
  const std::string page = before + std::string(content) + after;
  ExtentRecorder recorder;
  recorder.write(page);
  recorder.end();
  const std::size_t end = before.size() + content.size();
  const Extent* const section = find(recorder.elements(), "section", before.size() - 9);
  const Extent* const aside = find(recorder.elements(), "aside", end + 10);
  const Extent* const main = find(recorder.elements(), "main", before.size() - 15);
  if (!section || section->content_end != end) fail("the element around does not end where it did", page);
  if (!aside || aside->end != end + 25) fail("the element behind is not what it was", page);
  if (!main || main->content_end != end + 25) fail("the element outside does not end where it did", page);
  return 0;
}
