// Any selector text: it is refused with a place in it and a reason, or matches some page without a crash.
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "tests/unit/html/rewriting.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using namespace personalize::html;
  using namespace personalize::html::testing;
  constexpr std::string_view page =
      "<!doctype html><html lang=en><body class='a b'><div id=a><p title=\"x &amp; "
      "y\">1<p>2</div><ul><li>1<li class=b>2"
      "<li>3</ul><svg viewBox='0 0 1 1'><linearGradient/><use "
      "xlink:href='#a'/></svg><table><tr><td>1<td>2</table>"
      "<form><input type=radio checked disabled><select><option>1<option "
      "selected>2</select></form><i></i><b> </b>";
  const std::string_view text(reinterpret_cast<const char*>(data), size);
  Selectors selectors;
  if (const auto error = selectors.add(text)) {
    if (error->message.empty() || error->offset > text.size() || selectors.size() != 0) std::abort();
    return 0;
  }
  Edit edit;
  edit.operation = Operation::add_class;
  edit.value = "found";
  const Rewritten whole = rewrite(selectors, {&edit, 1}, page);
  const Rewritten cut = rewrite(selectors, {&edit, 1}, page, 3);
  if (whole.html != cut.html) std::abort();
  return 0;
}
