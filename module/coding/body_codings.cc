#include "module/coding/body_codings.h"

#include <algorithm>
#include <optional>

#include "html/tokens/encoding.h"
#include "module/coding/weighted_list.h"

namespace personalize::module {
namespace {

std::optional<BodyCoding> coding_named(std::string_view name) {
  if (same(name, "gzip") || same(name, "x-gzip")) return BodyCoding::gzip;
  if (same(name, "br")) return BodyCoding::brotli;
  if (same(name, "deflate")) return BodyCoding::deflate;
  return std::nullopt;
}

bool is_no_coding(std::string_view word) {
  constexpr std::string_view words[] = {"",      "identity", "none", "null",         "no",     "off",
                                        "false", "7bit",     "8bit", "text",         "plain",  "html",
                                        "utf",   "raw",      "ansi", "uncompressed", "binary", "chunked"};
  return std::any_of(std::begin(words), std::end(words), [&](std::string_view w) { return same(word, w); }) ||
         word.find('/') != word.npos || html::encoding_of_label(word) != html::Encoding::unknown;
}

std::string_view name_of(BodyCoding coding) {
  switch (coding) {
    case BodyCoding::gzip: return "gzip";
    case BodyCoding::deflate: return "deflate";
    case BodyCoding::brotli: break;
  }
  return "br";
}

}  // namespace

void BodyCodings::add(std::string_view value) {
  while (!value.empty()) {
    const std::string_view word = take_part(value, ',');
    const std::optional<BodyCoding> coding = coding_named(word);
    if (coding && size_ < max_codings)
      codings_[size_++] = *coding;
    else if (coding || !is_no_coding(word))
      readable_ = false;
  }
}

std::string BodyCodings::text() const {
  std::string all;
  for (BodyCoding coding : list()) (all += all.empty() ? "" : ", ") += name_of(coding);
  return all;
}

bool is_readable_coding(std::string_view name) { return same(name, "identity") || coding_named(name).has_value(); }

}  // namespace personalize::module
