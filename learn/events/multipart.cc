#include "learn/events/multipart.h"

#include <algorithm>

namespace personalize::learn::events {
namespace {

constexpr std::string_view line_end = "\r\n";
constexpr std::size_t max_boundary_bytes = 70;

char lower(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

bool same(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char x, char y) { return lower(x) == lower(y); });
}

std::string_view trimmed(std::string_view text) {
  const std::size_t first = text.find_first_not_of(" \t");
  return first == text.npos ? std::string_view() : text.substr(first, text.find_last_not_of(" \t") - first + 1);
}

/// Takes what precedes `end` off `text`, and `end`; nothing if there is none.
std::optional<std::string_view> take_until(std::string_view& text, std::string_view end) {
  const std::size_t at = text.find(end);
  if (at == text.npos) return std::nullopt;
  const std::string_view taken = text.substr(0, at);
  text.remove_prefix(at + end.size());
  return taken;
}

/// Browsers escape quotes and line ends of names like this; programs put a backslash before quotes.
std::string decoded_name(std::string_view name) {
  std::string decoded;
  while (!name.empty()) {
    const auto replace = [&](std::string_view written, char meant) {
      if (!name.starts_with(written)) return false;
      decoded += meant;
      name.remove_prefix(written.size());
      return true;
    };
    if (replace("%22", '"') || replace("%0D", '\r') || replace("%0A", '\n') || replace("\\\"", '"')) continue;
    decoded += name[0];
    name.remove_prefix(1);
  }
  return decoded;
}

/// The name in a part's header; none if it is a file, or encoded in a way that forms are not.
std::optional<std::string> name_in(std::string_view header) {
  std::optional<std::string> name;
  while (!header.empty()) {
    const std::string_view line = take_until(header, line_end).value_or(std::string_view());
    const std::size_t colon = std::min(line.find(':'), line.size());
    const std::string_view field = line.substr(0, colon), value = line.substr(std::min(colon + 1, line.size()));
    if (same(field, "content-transfer-encoding") && !same(trimmed(value), "binary") && !same(trimmed(value), "8bit") &&
        !same(trimmed(value), "7bit"))
      return std::nullopt;
    if (!same(field, "content-disposition")) continue;
    const auto written = find_parameter(value, "name");
    if (!written || find_parameter(value, "filename") || find_parameter(value, "filename*")) return std::nullopt;
    name = decoded_name(*written);
  }
  return name;
}

}  // namespace

std::optional<std::string_view> find_parameter(std::string_view field, std::string_view name) {
  field.remove_prefix(std::min(field.find(';'), field.size()));
  while (!field.empty()) {
    field.remove_prefix(1);  // the ;
    const std::size_t end_of_name = std::min(field.find_first_of("=;"), field.size());
    const std::string_view own = trimmed(field.substr(0, end_of_name));
    field.remove_prefix(end_of_name);
    if (field.empty() || field[0] == ';') continue;
    field.remove_prefix(std::min(field.find_first_not_of(" \t", 1), field.size()));  // the =, and space
    std::string_view value;
    if (field.starts_with('"')) {
      std::size_t end = 1;
      while (end < field.size() && field[end] != '"') end += field[end] == '\\' && end + 1 < field.size() ? 2 : 1;
      end = std::min(end, field.size());
      value = field.substr(1, end - 1);
      field.remove_prefix(end);
      field.remove_prefix(std::min(field.find(';'), field.size()));
    } else {
      value = trimmed(field.substr(0, field.find(';')));
      field.remove_prefix(std::min(field.find(';'), field.size()));
    }
    if (same(own, name)) return value;
  }
  return std::nullopt;
}

bool read_multipart(std::string_view body, std::string_view boundary,
                    const std::function<void(std::string&& name, std::string_view value)>& visit) {
  if (boundary.empty() || boundary.size() > max_boundary_bytes) return false;
  const std::string delimiter = "\r\n--" + std::string(boundary);
  // The first one may stand at the very beginning.
  if (body.starts_with(std::string_view(delimiter).substr(line_end.size())))
    body.remove_prefix(delimiter.size() - line_end.size());
  else if (!take_until(body, delimiter))
    return false;
  while (!body.starts_with("--")) {
    const auto padding = take_until(body, line_end);
    if (!padding || !trimmed(*padding).empty()) return false;
    // A part without a header begins with the empty line that ends it.
    std::string_view header;
    if (body.starts_with(line_end)) {
      body.remove_prefix(line_end.size());
    } else {
      const auto taken = take_until(body, "\r\n\r\n");
      if (!taken) return false;
      header = std::string_view(taken->data(), taken->size() + line_end.size());
    }
    const auto value = take_until(body, delimiter);
    if (!value) return false;
    if (auto name = name_in(header)) visit(std::move(*name), *value);
  }
  return true;
}

}  // namespace personalize::learn::events
