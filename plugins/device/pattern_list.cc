#include "plugins/device/pattern_list.h"

#include <algorithm>

namespace personalize::plugins {
namespace {

constexpr int min_literal_bytes = 2;  // single letters are in every text
// Of one pattern's program and its automaton's states, which are made as texts are matched. With less, the
// large patterns for robots fall back to a slower engine; all patterns together took 35 MB after 30 000
// User-Agents made up of pieces.
constexpr std::int64_t pattern_bytes = 8 << 20;
constexpr int many = 200;  // times; smaller bounds are meant

/// ".{0,200}" as ".*": uap-core bounds repetitions for the sake of engines that backtrack, and a program has
/// a copy for each. Texts are bounded anyway.
std::string without_large_bounds(const std::string& regex) {
  std::string result;
  bool in_class = false;
  for (std::size_t i = 0; i < regex.size(); ++i) {
    const char c = regex[i];
    if (c == '\\' && i + 1 < regex.size()) {
      result += {c, regex[++i]};
      continue;
    }
    if (in_class ? c == ']' : c == '[') in_class = !in_class;
    const auto close = c == '{' && !in_class ? regex.find('}', i) : std::string::npos;
    int least = 0, most = 0;
    if (close != std::string::npos &&
        RE2::FullMatch(re2::StringPiece(regex).substr(i, close - i + 1), "\\{([01]),([0-9]{1,4})\\}", &least, &most) &&
        most >= many) {
      result += least == 0 ? '*' : '+';
      i = close;
    } else {
      result += c;
    }
  }
  return result;
}

}  // namespace

PatternList::PatternList() : patterns_(min_literal_bytes) {}

std::string PatternList::add(const std::string& regex, bool caseless) {
  RE2::Options options;
  options.set_encoding(RE2::Options::EncodingLatin1);  // texts may be any bytes
  options.set_case_sensitive(!caseless);
  options.set_log_errors(false);
  options.set_max_mem(pattern_bytes);
  int id;
  if (patterns_.Add(without_large_bounds(regex), options, &id) == RE2::NoError) return {};
  const std::string complaint = RE2(regex, options).error();
  return complaint.empty() ? "not a regular expression" : complaint;
}

std::uint32_t PatternList::compile(LiteralFinder& finder, std::uint32_t first_id) {
  std::vector<std::string> literals;
  patterns_.Compile(&literals);
  first_id_ = first_id;
  end_id_ = first_id + static_cast<std::uint32_t>(literals.size());
  for (std::size_t i = 0; i < literals.size(); ++i) finder.add(literals[i], first_id + static_cast<std::uint32_t>(i));
  return end_id_;
}

int PatternList::first_match(std::string_view text, const std::vector<std::uint32_t>& found, Groups& groups) const {
  std::vector<int> literals;
  for (std::uint32_t id : found)
    if (id >= first_id_ && id < end_id_) literals.push_back(static_cast<int>(id - first_id_));
  std::sort(literals.begin(), literals.end());
  literals.erase(std::unique(literals.begin(), literals.end()), literals.end());

  std::vector<int> candidates;
  patterns_.AllPotentials(literals, &candidates);
  std::sort(candidates.begin(), candidates.end());
  for (int candidate : candidates) {
    const RE2& pattern = patterns_.GetRE2(candidate);
    std::array<re2::StringPiece, std::tuple_size_v<Groups>> pieces;
    const int count = std::min<int>(pattern.NumberOfCapturingGroups() + 1, static_cast<int>(pieces.size()));
    if (!pattern.Match({text.data(), text.size()}, 0, text.size(), RE2::UNANCHORED, pieces.data(), count)) continue;
    for (std::size_t i = 0; i < groups.size(); ++i) groups[i] = {pieces[i].data(), pieces[i].size()};
    return candidate;
  }
  return -1;
}

}  // namespace personalize::plugins
