// The `encoders` extension.
#include "rules/cel/encoding.h"
#include "rules/cel/functions.h"

namespace personalize::rules::cel {
namespace {

using Args = std::span<const Value>;

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

Value encode(Args args, Scope& scope) {
  if (!args[0].is(Kind::bytes)) return no_overload();
  if (!scope.charge_bytes(args[0].text().size() * 2)) return over_budget();
  return Value::string(scope.copy(base64_encode(args[0].text())));
}

Value decode(Args args, Scope& scope) {
  if (!args[0].is(Kind::string)) return no_overload();
  if (!scope.charge_bytes(args[0].text().size() * 2)) return over_budget();
  const auto bytes = base64_decode(args[0].text());
  return bytes ? Value::bytes(scope.copy(*bytes)) : Value::error("text is not base64");
}

constexpr Definition encoder_definitions[] = {
    {"base64.encode", "(bytes):string", encode},
    {"base64.decode", "(string):bytes", decode},
};

}  // namespace

std::string base64_encode(std::string_view bytes) {
  std::string out;
  out.reserve((bytes.size() + 2) / 3 * 4);
  for (std::size_t i = 0; i < bytes.size(); i += 3) {
    std::uint32_t bits = 0;
    for (std::size_t j = 0; j < 3; ++j) {
      bits = bits << 8 | (i + j < bytes.size() ? static_cast<unsigned char>(bytes[i + j]) : 0u);
    }
    for (std::size_t j = 0; j < 4; ++j) out += i + j > bytes.size() ? '=' : alphabet[bits >> (18 - 6 * j) & 63];
  }
  return out;
}

std::optional<std::string> base64_decode(std::string_view text) {
  if (text.ends_with('=') && text.size() % 4 != 0) return std::nullopt;
  for (int i = 0; i < 2 && text.ends_with('='); ++i) text.remove_suffix(1);
  if (text.size() % 4 == 1) return std::nullopt;
  std::string out;
  out.reserve(text.size() / 4 * 3 + 2);
  std::uint32_t bits = 0;
  int count = 0;
  for (const char c : text) {
    const std::size_t digit = alphabet.find(c);
    if (digit == std::string_view::npos) return std::nullopt;
    bits = bits << 6 | static_cast<std::uint32_t>(digit);
    count += 6;
    if (count >= 8) {
      count -= 8;
      out += static_cast<char>(bits >> count & 0xff);
    }
  }
  return out;
}

std::span<const Definition> encoder_functions() { return encoder_definitions; }

}  // namespace personalize::rules::cel
