#include "plugins/consent/gpp.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cstddef>
#include <utility>

#include "plugins/consent/base64_bits.h"

namespace personalize::plugins {
namespace {

constexpr std::size_t max_bytes = 4096;
constexpr std::size_t max_sections = 64;
constexpr unsigned header_type = 3, header_version = 1;
constexpr unsigned uspv1 = 6, usnat = 7, last_us_section = 27;
constexpr unsigned signal_integrity = 4;  // no visitor's choice
constexpr unsigned opted_out = 1, no_choice = 3;

/// Where a section of the US has its opt-outs, two bits each, in the core segment: of sale, of sharing or targeted
/// advertising, and in usnat of both. Before them stand the version and the notices that were given.
struct UsLayout {
  std::uint8_t first_opt_out, opt_outs, last_version;
};
constexpr UsLayout layout_of(unsigned section) {
  switch (section) {
    case usnat: return {18, 3, 2};
    case 11: return {14, 2, 1};  // usut and
    case 18: return {14, 2, 1};  // usia have one notice more
    case 24:                     // usmd,
    case 25:                     // usin,
    case 26:                     // usky and
    case 27: return {16, 2, 1};  // usri begin with what the contract (MSPA) wants to know
    default: return {12, 2, 1};
  }
}

/// Numbers of the sections, in the order in which they follow.
class SectionList {
 public:
  /// False if it is malformed.
  bool read(std::string_view header) {
    if (!is_base64url(header)) return false;
    const Base64Bits bits(header);
    constexpr std::size_t ranges_at = 24;
    if (bits.size() < ranges_at || bits.number(0, 6) != header_type || bits.number(6, 6) != header_version)
      return false;
    std::size_t at = ranges_at;
    unsigned last = 0;
    for (std::uint64_t ranges = bits.number(12, 12); ranges > 0; --ranges) {
      if (at >= bits.size()) return false;
      const bool is_range = bits.at(at++);
      const unsigned first = last + fibonacci(bits, at);
      const unsigned more = is_range ? fibonacci(bits, at) : 0;
      if (first == last || (is_range && more == 0) || more >= max_sections) return false;
      for (last = first; last <= first + more; ++last)
        if (!add(last)) return false;
      --last;
    }
    return true;
  }

  const unsigned* begin() const { return sections_.data(); }
  const unsigned* end() const { return sections_.data() + size_; }

 private:
  bool add(unsigned section) {
    if (size_ == max_sections) return false;
    sections_[size_++] = section;
    return true;
  }

  /// A number in Fibonacci's code, which ends with two ones; zero if there is none.
  static unsigned fibonacci(const Base64Bits& bits, std::size_t& at) {
    constexpr unsigned max_digits = 16;
    unsigned value = 0, worth = 1, next = 2;
    bool before = false;
    for (unsigned digit = 0; digit < max_digits && at < bits.size(); ++digit) {
      const bool one = bits.at(at++);
      if (one && before) return value;
      if (one) value += worth;
      before = one;
      next += std::exchange(worth, next);
    }
    return 0;
  }

  std::array<unsigned, max_sections> sections_;
  std::size_t size_ = 0;
};

/// The next of `separator`'s parts, taken from `rest`.
std::string_view take_part(std::string_view& rest, char separator) {
  const std::size_t end = std::min(rest.find(separator), rest.size());
  const std::string_view part = rest.substr(0, end);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return part;
}

/// Such as "CAAq.QA".
bool are_segments(std::string_view text) {
  if (text.empty() || text.back() == '.') return false;
  while (!text.empty()) {
    const std::string_view segment = take_part(text, '.');
    if (segment.empty() || !is_base64url(segment)) return false;
  }
  return true;
}

/// After the core segment there may be one that repeats the browser's Global Privacy Control: the type 1 and a bit. In
/// usin, usky and usri another one stands there, without a type.
bool repeats_gpc(unsigned section, std::string_view segment) {
  const Base64Bits bits(segment);
  return section < 25 && bits.size() >= 3 && bits.number(0, 2) == 1 && bits.at(2);
}

/// Did the visitor opt out? Nothing if that cannot be read.
std::optional<bool> read_us_section(unsigned section, std::string_view text) {
  if (!are_segments(text)) return std::nullopt;
  const UsLayout layout = layout_of(section);
  const Base64Bits bits(take_part(text, '.'));
  if (bits.size() < layout.first_opt_out + 2u * layout.opt_outs) return std::nullopt;
  const std::uint64_t version = bits.number(0, 6);
  if (version == 0 || version > layout.last_version) return std::nullopt;
  bool out = false;
  for (std::size_t i = 0; i < layout.opt_outs; ++i) {
    const std::uint64_t choice = bits.number(layout.first_opt_out + 2 * i, 2);
    if (choice == no_choice) return std::nullopt;
    out = out || choice == opted_out;
  }
  while (!text.empty()) out = repeats_gpc(section, take_part(text, '.')) || out;
  return out;
}

/// Agrees to nothing if it cannot be read.
TcfConsent read_canada(std::string_view text) {
  constexpr std::size_t features_at = 139, express_at = 151, implied_at = 175, needed_bits = 199;
  if (!are_segments(text)) return {};
  const Base64Bits bits(text.substr(0, text.find('.')));
  if (bits.size() < needed_bits || bits.number(0, 6) != 1) return {};
  return {.purposes = bits.set(express_at, 24) | bits.set(implied_at, 24),
          .special_features = static_cast<std::uint16_t>(bits.set(features_at, 12))};
}

/// False if the section cannot be read.
bool read_section(unsigned section, std::string_view text, GppChoices& choices) {
  if (section == gpp_section_tcf_eu) choices.tcf_eu = parse_tcf(text).value_or(TcfConsent{});
  if (section == gpp_section_tcf_ca) choices.tcf_ca = read_canada(text);
  if (section == gpp_section_tcf_eu || section == gpp_section_tcf_ca || section == signal_integrity) return true;
  std::optional<bool> out;
  if (section == uspv1)
    out = parse_us_privacy(text);
  else if (section >= usnat && section <= last_us_section)
    out = read_us_section(section, text);
  choices.opted_out = choices.opted_out || out.value_or(false);
  return out.has_value();
}

}  // namespace

std::optional<GppChoices> parse_gpp(std::string_view text) {
  if (text.empty() || text.size() > max_bytes || text.back() == '~') return std::nullopt;
  GppChoices choices;
  choices.tcf_eu = parse_tcf(text);
  if (choices.tcf_eu) return choices;  // as strings were before there were sections
  SectionList sections;
  if (!sections.read(take_part(text, '~'))) return std::nullopt;
  for (const unsigned section : sections) {
    const std::string_view content = take_part(text, '~');
    if (content.empty() || !read_section(section, content, choices)) return std::nullopt;
  }
  return text.empty() ? std::optional(choices) : std::nullopt;
}

bool gpp_section_applies(unsigned section, std::string_view applicable) {
  bool applies = applicable.empty();
  while (!applicable.empty()) {
    const std::size_t end = std::min(applicable.find_first_of("_,"), applicable.size());
    int number = 0;
    const auto [last, error] = std::from_chars(applicable.data(), applicable.data() + end, number);
    if (error != std::errc() || last != applicable.data() + end) return true;
    applies = applies || number == static_cast<int>(section);
    applicable.remove_prefix(std::min(end + 1, applicable.size()));
  }
  return applies;
}

std::optional<bool> parse_us_privacy(std::string_view text) {
  constexpr std::string_view answers = "YNyn-";
  if (text.size() != 4 || text[0] != '1') return std::nullopt;
  for (const char answer : text.substr(1))
    if (answers.find(answer) == answers.npos) return std::nullopt;
  return text[2] == 'Y' || text[2] == 'y';
}

}  // namespace personalize::plugins
