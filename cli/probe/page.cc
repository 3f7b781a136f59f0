#include "cli/probe/page.h"

#include <cstdint>
#include <stdexcept>

namespace personalize::cli {
namespace {

constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";

}  // namespace

std::string page_of(const Json& input) {
  if (input.contains("html_base64")) return from_base64(input.at("html_base64").get<std::string>());
  return input.at("html").get<std::string>();
}

std::vector<std::string_view> chunks_of(const std::string& page, const Json& input) {
  std::size_t size = input.value("chunk", std::size_t{0});
  if (size == 0) size = page.size();
  std::vector<std::string_view> chunks;
  for (std::size_t at = 0; at < page.size(); at += size) chunks.push_back(std::string_view(page).substr(at, size));
  return chunks;
}

std::string from_base64(std::string_view text) {
  std::string bytes;
  std::uint32_t bits = 0;
  int count = 0;
  while (text.ends_with('=')) text.remove_suffix(1);
  for (char c : text) {
    const std::size_t value = alphabet.find(c);
    if (value == std::string_view::npos) throw std::runtime_error("not base64");
    bits = (bits << 6) | static_cast<std::uint32_t>(value);
    count += 6;
    if (count >= 8) {
      count -= 8;
      bytes += static_cast<char>((bits >> count) & 0xFF);
    }
  }
  return bytes;
}

std::string to_base64(std::string_view bytes) {
  std::string text;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    const std::string_view group = bytes.substr(at, 3);
    std::uint32_t bits = 0;
    for (std::size_t i = 0; i < 3; ++i)
      bits = (bits << 8) | (i < group.size() ? static_cast<std::uint8_t>(group[i]) : 0);
    for (std::size_t i = 0; i < 4; ++i) text += i <= group.size() ? alphabet[(bits >> (18 - 6 * i)) & 63] : '=';
  }
  return text;
}

}  // namespace personalize::cli
