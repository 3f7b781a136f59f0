#include "learn/events/json_text.h"

#include <unicode/utf8.h>

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <limits>
#include <utility>

namespace personalize::learn::events {
namespace {

void append_escape(std::string& out, char c) {
  constexpr std::string_view hex = "0123456789abcdef";
  switch (c) {
    case '"': out += "\\\""; return;
    case '\\': out += "\\\\"; return;
    case '\n': out += "\\n"; return;
    case '\r': out += "\\r"; return;
    case '\t': out += "\\t"; return;
    default: out.append("\\u00").append(1, hex[c >> 4 & 15]).append(1, hex[c & 15]); return;
  }
}

/// Eight bytes, of which one at least is no printable ASCII, or needs an escape.
[[gnu::always_inline]] inline bool has_special(std::uint64_t bytes) {
  constexpr std::uint64_t ones = 0x0101010101010101, tops = ones * 0x80;
  const auto has_zero = [](std::uint64_t word) { return (word - ones) & ~word; };
  const std::uint64_t control = (bytes - ones * 0x20) & ~bytes;
  const std::uint64_t found =
      control | bytes | has_zero(bytes ^ ones * '"') | has_zero(bytes ^ ones * '\\') | has_zero(bytes ^ ones * 0x7F);
  return (found & tops) != 0;
}

/// Nearly all texts are.
bool is_plain(std::string_view text) {
  for (; text.size() >= sizeof(std::uint64_t); text.remove_prefix(sizeof(std::uint64_t))) {
    std::uint64_t bytes = 0;
    std::memcpy(&bytes, text.data(), sizeof bytes);
    if (has_special(bytes)) return false;
  }
  std::uint64_t rest = 0x2020202020202020;
  if (!text.empty()) std::memcpy(&rest, text.data(), text.size());
  return !has_special(rest);
}

}  // namespace

void append_json_text(std::string& out, std::string_view text) {
  assert(text.size() <= std::numeric_limits<std::int32_t>::max());
  char quoted[128];
  if (text.size() <= sizeof quoted - 2 && is_plain(text)) {
    quoted[0] = '"';
    *std::copy(text.begin(), text.end(), quoted + 1) = '"';
    out.append(quoted, text.size() + 2);
    return;
  }
  out += '"';
  std::size_t done = 0;
  for (std::size_t at = 0; at < text.size();) {
    const auto c = static_cast<std::uint8_t>(text[at]);
    if (c >= 0x20 && c < 0x7F && c != '"' && c != '\\') {
      ++at;
      continue;
    }
    auto next = static_cast<std::int32_t>(at);
    std::int32_t code_point = 0;
    U8_NEXT(text.data(), next, static_cast<std::int32_t>(text.size()), code_point);
    const std::size_t begin = std::exchange(at, static_cast<std::size_t>(next));
    if (code_point >= 0x7F) continue;
    out.append(text.substr(done, begin - done));
    if (code_point < 0)
      out += "\xEF\xBF\xBD";
    else
      append_escape(out, static_cast<char>(code_point));
    done = at;
  }
  out.append(text.substr(done)).append("\"");
}

}  // namespace personalize::learn::events
