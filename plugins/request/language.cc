#include "plugins/request/language.h"

#include <algorithm>

#include "rules/text/ascii.h"

namespace personalize::plugins {
namespace {

using rules::text::ascii_lower;
using rules::text::is_ascii_digit;
using rules::text::is_ascii_letter;
using rules::text::trim;

char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }

/// Takes what is before the next `separator` off the front of `rest`.
std::string_view next_part(std::string_view& rest, char separator) {
  const auto end = std::min(rest.find(separator), rest.size());
  const std::string_view part = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return part;
}

/// Thousandths: "0.85" is 850; malformed weights count as 0.
int weight(std::string_view text) {
  if (text.empty() || text.size() > 5 || (text[0] != '0' && text[0] != '1')) return 0;
  int thousandths = (text[0] - '0') * 1000;
  if (text.size() > 1 && text[1] != '.') return 0;
  int unit = 100;
  for (char c : text.substr(std::min<std::size_t>(2, text.size()))) {
    if (!is_ascii_digit(c)) return 0;
    thousandths += (c - '0') * unit;
    unit /= 10;
  }
  return std::min(thousandths, 1000);
}

/// The tag in BCP 47's recommended case, or empty if it is none.
std::string_view canonical_tag(std::string_view tag, std::pmr::memory_resource& memory) {
  if (tag.empty() || tag.size() > 35) return {};
  auto* text = static_cast<char*>(memory.allocate(tag.size(), 1));
  std::size_t start = 0;
  for (std::size_t i = 0; i <= tag.size(); ++i) {
    if (i < tag.size() && tag[i] != '-') {
      if (!is_ascii_letter(tag[i]) && !(start > 0 && is_ascii_digit(tag[i]))) return {};
      text[i] = ascii_lower(tag[i]);
      continue;
    }
    const std::size_t length = i - start;
    if (length == 0 || length > 8 || (start == 0 && length < 2)) return {};
    if (start > 0 && length == 2) std::transform(text + start, text + i, text + start, upper);
    if (start > 0 && length == 4 && is_ascii_letter(text[start])) text[start] = upper(text[start]);
    if (i < tag.size()) text[i] = '-';
    start = i + 1;
  }
  return {text, tag.size()};
}

}  // namespace

std::pmr::vector<std::string_view> accepted_languages(std::string_view header, std::pmr::memory_resource& memory) {
  struct Range {
    std::string_view tag;
    int weight;
  };
  std::pmr::vector<Range> ranges(&memory);
  header = header.substr(0, max_accept_language_bytes);
  while (!header.empty() && ranges.size() < max_languages) {
    std::string_view item = next_part(header, ',');
    const std::string_view tag = trim(next_part(item, ';'));
    const std::string_view parameter = trim(item);
    int w = 1000;
    if (!parameter.empty())
      w = parameter.starts_with("q=") || parameter.starts_with("Q=") ? weight(trim(parameter.substr(2))) : 0;
    if (w == 0) continue;
    if (const std::string_view canonical = canonical_tag(tag, memory); !canonical.empty())
      ranges.push_back({canonical, w});
  }
  std::stable_sort(ranges.begin(), ranges.end(), [](const Range& a, const Range& b) { return a.weight > b.weight; });
  std::pmr::vector<std::string_view> tags(&memory);
  tags.reserve(ranges.size());
  for (const Range& range : ranges) tags.push_back(range.tag);
  return tags;
}

}  // namespace personalize::plugins
