#include "rules/events/field_value.h"

#include <charconv>
#include <cmath>

#include "rules/cel/program.h"
#include "rules/text/ascii.h"
#include "rules/text/utf8.h"

namespace personalize::rules::events {
namespace {

constexpr std::string_view blank = " \t\r\n\f\v";

/// Text, or a whole number as text.
std::optional<std::string_view> text_in(const Value& value, Arena& arena) {
  if (value.is(Kind::string)) return text::trim(value.text(), blank);
  char digits[24];
  std::to_chars_result end{};
  if (value.is(Kind::int64))
    end = std::to_chars(digits, std::end(digits), value.as_int64());
  else if (value.is(Kind::uint64))
    end = std::to_chars(digits, std::end(digits), value.as_uint64());
  else
    return std::nullopt;
  return copy(arena, {digits, static_cast<std::size_t>(end.ptr - digits)});
}

std::string_view cut(std::string_view text, std::size_t size) {
  if (text.size() <= size) return text;
  while (size > 0 && text::continues_code_point(text[size])) --size;
  return text.substr(0, size);
}

/// In capitals; empty if that is no currency.
std::string_view currency_in(std::string_view text, Arena& arena) {
  constexpr std::size_t letters = 3;
  if (text.size() != letters || !std::ranges::all_of(text, [](char c) { return text::is_ascii_letter(c); })) return {};
  char capitals[letters];
  std::ranges::transform(text, capitals, [](char c) { return static_cast<char>(c & ~0x20); });
  return copy(arena, {capitals, letters});
}

Said say_text(FieldKind kind, const Value& value, Arena& arena, std::string_view& out) {
  const auto text = text_in(value, arena);
  if (!text) return Said::wrong;
  if (text->empty()) return Said::absent;
  if (kind == FieldKind::text) {
    out = cut(*text, max_text_bytes);
  } else if (kind == FieldKind::currency) {
    out = currency_in(*text, arena);
  } else if (text->size() <= max_id_bytes) {
    out = *text;
  }
  return out.empty() ? Said::wrong : Said::yes;
}

Said say_amount(const Value& value, std::optional<double>& out) {
  double amount = 0;
  if (value.is(Kind::real))
    amount = value.as_real();
  else if (value.is(Kind::int64))
    amount = static_cast<double>(value.as_int64());
  else if (value.is(Kind::uint64))
    amount = static_cast<double>(value.as_uint64());
  else
    return Said::wrong;
  if (!(amount >= 0 && amount <= max_amount)) return Said::wrong;
  out = amount;
  return Said::yes;
}

Said say_whole(const Value& value, std::optional<std::int64_t>& out) {
  if (value.is(Kind::int64) && value.as_int64() >= 0 && value.as_int64() <= max_whole)
    out = value.as_int64();
  else if (value.is(Kind::uint64) && value.as_uint64() <= static_cast<std::uint64_t>(max_whole))
    out = static_cast<std::int64_t>(value.as_uint64());
  else
    return Said::wrong;
  return Said::yes;
}

}  // namespace

Value unwrapped(Value value) {
  while (value.is(Kind::optional)) value = value.as_optional() ? *value.as_optional() : Value();
  return value;
}

bool is_absent(const Value& value) { return value.missing() || value.is(Kind::null) || cel::says_absent(value); }

template <class Owner>
Said say(const Field<Owner>& field, const Value& value, Arena& arena, Owner& owner) {
  const Value plain = unwrapped(value);
  if (is_absent(plain)) return Said::absent;
  if (const auto* text = std::get_if<std::string_view Owner::*>(&field.member))
    return say_text(field.kind, plain, arena, owner.*(*text));
  if (const auto* amount = std::get_if<std::optional<double> Owner::*>(&field.member))
    return say_amount(plain, owner.*(*amount));
  return say_whole(plain, owner.*(*std::get_if<std::optional<std::int64_t> Owner::*>(&field.member)));
}
template Said say(const Field<learn::events::Event>& field, const Value& value, Arena& arena,
                  learn::events::Event& owner);
template Said say(const Field<learn::events::Item>& field, const Value& value, Arena& arena,
                  learn::events::Item& owner);

std::string_view needs(FieldKind kind) {
  switch (kind) {
    case FieldKind::id: return "text or a whole number, of at most 128 bytes";
    case FieldKind::text: return "text or a whole number";
    case FieldKind::currency: return "three letters, such as \"EUR\"";
    case FieldKind::amount: return "a number that is not negative";
    case FieldKind::whole: return "a whole number that is not negative";
  }
  return "";
}

}  // namespace personalize::rules::events
