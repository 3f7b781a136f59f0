#include "plugins/request/language.h"

#include <algorithm>

namespace personalize::plugins {
namespace {

bool is_alpha(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z'); }
bool is_decimal(char c) { return c >= '0' && c <= '9'; }
char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; }
char upper(char c) { return c >= 'a' && c <= 'z' ? static_cast<char>(c - 32) : c; }

std::string_view without_blanks(std::string_view text) {
  const auto first = text.find_first_not_of(" \t");
  if (first == std::string_view::npos) return {};
  return text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

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
    if (!is_decimal(c)) return 0;
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
      if (!is_alpha(tag[i]) && !(start > 0 && is_decimal(tag[i]))) return {};
      text[i] = lower(tag[i]);
      continue;
    }
    const std::size_t length = i - start;
    if (length == 0 || length > 8 || (start == 0 && length < 2)) return {};
    if (start > 0 && length == 2) std::transform(text + start, text + i, text + start, upper);
    if (start > 0 && length == 4 && is_alpha(text[start])) text[start] = upper(text[start]);
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
    const std::string_view tag = without_blanks(next_part(item, ';'));
    const std::string_view parameter = without_blanks(item);
    int w = 1000;
    if (!parameter.empty())
      w = parameter.starts_with("q=") || parameter.starts_with("Q=") ? weight(without_blanks(parameter.substr(2))) : 0;
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
