#include "learn/events/facts/price_text.h"

#include <unicode/uchar.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <string>

namespace personalize::learn::events {
namespace {

struct Sign {
  std::string_view text;
  std::string_view code;
};
/// Those that more than one currency has ($, ¥, kr, …) say nothing.
constexpr std::array<Sign, 14> signs = {{{"€", "EUR"},
                                         {"£", "GBP"},
                                         {"₹", "INR"},
                                         {"₽", "RUB"},
                                         {"руб", "RUB"},
                                         {"₺", "TRY"},
                                         {"₩", "KRW"},
                                         {"₴", "UAH"},
                                         {"₫", "VND"},
                                         {"₪", "ILS"},
                                         {"₦", "NGN"},
                                         {"zł", "PLN"},
                                         {"Kč", "CZK"},
                                         {"円", "JPY"}}};

/// Currencies whose smallest coin is a thousandth.
constexpr std::array<std::string_view, 7> thousandths = {"BHD", "IQD", "JOD", "KWD", "LYD", "OMR", "TND"};

constexpr double max_price = 1e12;

/// A piece of a number: digits, or what stands between them.
enum class Mark : std::uint8_t { none, point, comma, space, apostrophe };

Mark mark_of(std::int32_t code_point) {
  switch (code_point) {
    case '.':
    case 0x00B7: return Mark::point;
    case ',':
    case 0x066B: return Mark::comma;  // Arabic
    case 0x066C:                      // Arabic, between thousands
    case '\'':
    case 0x2019: return Mark::apostrophe;
    case ' ':
    case 0x00A0:
    case 0x2009:
    case 0x202F: return Mark::space;
    default: return Mark::none;
  }
}

struct Group {
  std::string digits;
  Mark before = Mark::none;
};

/// The groups of digits of the first number in `text`, at most so many that a price has them.
class Groups {
 public:
  explicit Groups(std::string_view text) : text_(text) {
    while (at_ < size() && digit() < 0) skip();
    while (count_ < groups_.size() && take()) {
    }
  }
  std::size_t size_of_number() const { return count_; }
  const Group& operator[](std::size_t i) const { return groups_[i]; }

 private:
  std::int32_t size() const { return static_cast<std::int32_t>(text_.size()); }
  std::int32_t peek(std::int32_t& at) const {
    std::int32_t code_point = 0;
    U8_NEXT(text_.data(), at, size(), code_point);
    return code_point;
  }
  std::int32_t digit() const {
    std::int32_t at = at_;
    const std::int32_t code_point = peek(at);
    return code_point < 0 ? -1 : u_charDigitValue(code_point);
  }
  void skip() { peek(at_); }

  /// A group with the mark before it; false if the number ends.
  bool take() {
    Group& group = groups_[count_];
    const std::int32_t begin = at_;
    if (count_ != 0) {
      if (at_ >= size()) return false;
      group.before = mark_of(peek(at_));
      if (group.before == Mark::none || at_ >= size() || digit() < 0) {
        at_ = begin;
        return false;
      }
    }
    while (at_ < size() && digit() >= 0) {
      group.digits += static_cast<char>('0' + digit());
      skip();
    }
    if (group.digits.empty()) return false;
    // A space is between thousands, or the number has ended.
    if (group.before == Mark::space && group.digits.size() != 3) return false;
    ++count_;
    return true;
  }

  std::string_view text_;
  std::int32_t at_ = 0;
  std::array<Group, 8> groups_;
  std::size_t count_ = 0;
};

/// The last group is a fraction.
bool ends_in_fraction(const Groups& groups, PriceWriter writer, std::string_view currency) {
  const std::size_t count = groups.size_of_number();
  const Group& last = groups[count - 1];
  if (count == 1 || last.before == Mark::space || last.before == Mark::apostrophe) return false;
  for (std::size_t i = 1; i + 1 < count; ++i) {
    if (groups[i].before == last.before) return false;  // "1,299,000"
    if (groups[i].before != last.before) return true;   // "1.299,00"
  }
  if (last.digits.size() != 3) return true;
  if (std::ranges::find(thousandths, currency) != thousandths.end()) return true;
  return last.before == Mark::point && (writer == PriceWriter::machine || groups[0].digits == "0");
}

/// Those between marks have three digits, or two, but not the last one ("1,29,999"). A date or a version is no price.
bool are_thousands(const Groups& groups, std::size_t whole) {
  for (std::size_t i = 1; i < whole; ++i) {
    const std::size_t size = groups[i].digits.size();
    if (size != 3 && (size != 2 || i + 1 == whole)) return false;
  }
  return true;
}

}  // namespace

std::optional<double> read_price(std::string_view text, PriceWriter writer, std::string_view currency) {
  const Groups groups(text.substr(0, 256));
  const std::size_t count = groups.size_of_number();
  if (count == 0) return std::nullopt;
  const bool fraction = ends_in_fraction(groups, writer, currency);
  if (!are_thousands(groups, fraction ? count - 1 : count)) return std::nullopt;
  std::string number;
  for (std::size_t i = 0; i < count; ++i) {
    if (i == count - 1 && fraction) number += '.';
    number += groups[i].digits;
  }
  double price = 0;
  const auto [end, error] = std::from_chars(number.data(), number.data() + number.size(), price);
  if (error != std::errc() || end != number.data() + number.size() || price > max_price) return std::nullopt;
  return price;
}

std::string_view read_currency(std::string_view text) {
  std::size_t at = 0;
  while (at < text.size()) {
    std::size_t end = at;
    while (end < text.size() && text[end] >= 'A' && text[end] <= 'Z') ++end;
    if (end - at == 3) return text.substr(at, 3);
    at = end == at ? at + 1 : end;
  }
  for (const Sign& sign : signs) {
    if (text.find(sign.text) != std::string_view::npos) return sign.code;
  }
  return {};
}

}  // namespace personalize::learn::events
