#include "plugins/device/client_hints.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <optional>
#include <vector>

#include "rules/text/ascii.h"

namespace personalize::plugins {
namespace {

constexpr std::size_t max_hint_bytes = 512;
constexpr std::size_t max_brands = 8;

struct Brand {
  std::string name;
  std::string version;
};

/// Reads a quoted string off the front of `rest`.
std::optional<std::string> take_string(std::string_view& rest) {
  if (!rest.starts_with('"')) return std::nullopt;
  std::string text;
  for (std::size_t i = 1; i < rest.size(); ++i) {
    if (rest[i] == '"') {
      rest.remove_prefix(i + 1);
      return text;
    }
    if (rest[i] == '\\' && ++i == rest.size()) break;
    if (rest[i] < 0x20 || rest[i] > 0x7e) break;
    text += rest[i];
  }
  return std::nullopt;
}

void skip_spaces(std::string_view& rest) {
  while (rest.starts_with(' ') || rest.starts_with('\t')) rest.remove_prefix(1);
}

/// `"Chromium";v="124", "Google Chrome";v="124"`; what is malformed ends the list.
std::vector<Brand> parse_brands(std::string_view field) {
  std::vector<Brand> brands;
  for (skip_spaces(field); brands.size() < max_brands; skip_spaces(field)) {
    auto name = take_string(field);
    if (!name) break;
    Brand brand{std::move(*name), {}};
    for (skip_spaces(field); field.starts_with(';'); skip_spaces(field)) {
      field.remove_prefix(1);
      skip_spaces(field);
      const bool is_version = field.starts_with("v=");
      field.remove_prefix(std::min(field.find('=') + 1, field.size()));
      auto value = take_string(field);
      if (!value) return brands;
      if (is_version) brand.version = std::move(*value);
    }
    brands.push_back(std::move(brand));
    if (!field.starts_with(',')) break;
    field.remove_prefix(1);
  }
  return brands;
}

/// Made-up brands, there to keep parsers honest: "Not A(Brand", "Not.A/Brand", " Not;A Brand".
bool is_grease(std::string_view name) { return name.find("Not") <= 1 && name.find("Brand") != std::string_view::npos; }

/// The most telling brand: Chromium only if there is no other.
const Brand* chosen(const std::vector<Brand>& brands) {
  const Brand* best = nullptr;
  for (const Brand& brand : brands)
    if (!is_grease(brand.name) && (!best || best->name == "Chromium")) best = &brand;
  return best;
}

struct Name {
  std::string_view hint, desktop, mobile;
};
constexpr Name browser_names[] = {
    {"Google Chrome", "Chrome", "Chrome Mobile"},
    {"Chromium", "Chromium", "Chrome Mobile"},
    {"Microsoft Edge", "Edge", "Edge Mobile"},
    {"Microsoft Edge WebView2", "Edge", "Edge Mobile"},
    {"Opera", "Opera", "Opera Mobile"},
    {"OperaMobile", "Opera", "Opera Mobile"},
    {"YaBrowser", "Yandex Browser", "Yandex Browser"},
    {"Yandex", "Yandex Browser", "Yandex Browser"},
    {"Samsung Internet", "Samsung Internet", "Samsung Internet"},
    {"Android WebView", "Chrome Mobile WebView", "Chrome Mobile WebView"},
};

constexpr std::array<std::string_view, 2> system_names[] = {
    {"macOS", "Mac OS X"},        {"Mac OS X", "Mac OS X"}, {"Windows", "Windows"},
    {"Android", "Android"},       {"Linux", "Linux"},       {"Chrome OS", "Chrome OS"},
    {"Chromium OS", "Chrome OS"}, {"iOS", "iOS"},           {"Fuchsia", "Fuchsia"}};

/// Up to four numbers of "124.0.6367.60".
std::array<std::string, 4> split_version(std::string_view version) {
  std::array<std::string, 4> parts;
  for (std::string& part : parts) {
    const auto end = std::min(version.find('.'), version.size());
    const std::string_view digits = version.substr(0, end);
    if (digits.empty() || !std::all_of(digits.begin(), digits.end(), rules::text::is_ascii_digit)) break;
    part = digits;
    version.remove_prefix(std::min(end + 1, version.size()));
  }
  return parts;
}

/// Windows' platform version counts API contracts
/// (https://learn.microsoft.com/microsoft-edge/web-platform/how-to-detect-win11).
UserAgent::System windows(const std::array<std::string, 4>& version) {
  int major = 0;
  std::from_chars(version[0].data(), version[0].data() + version[0].size(), major);
  if (major >= 13) return {"Windows", "11", "", "", ""};
  if (major >= 1) return {"Windows", "10", "", "", ""};
  if (version[1] == "3") return {"Windows", "8", "1", "", ""};
  return {"Windows", version[1] == "2" ? "8" : "7", "", "", ""};
}

void apply_browser(const DeviceHeaders& headers, UserAgent::Browser& browser) {
  const auto brands = parse_brands(headers.brands);
  const auto full = parse_brands(headers.full_versions);
  const Brand* brand = chosen(brands.empty() ? full : brands);
  if (!brand) return;
  const bool mobile = headers.mobile == "?1";
  browser.family = brand->name;
  for (const Name& name : browser_names)
    if (name.hint == brand->name) browser.family = mobile ? name.mobile : name.desktop;
  std::string_view version = brand->version;
  for (const Brand& detailed : full)
    if (detailed.name == brand->name) version = detailed.version;
  auto parts = split_version(version);
  browser.major = std::move(parts[0]);
  browser.minor = std::move(parts[1]);
  browser.patch = std::move(parts[2]);
  browser.patch_minor = std::move(parts[3]);
}

void apply_system(const DeviceHeaders& headers, UserAgent::System& system) {
  const std::string platform = first_string(headers.platform);
  const auto name = std::find_if(std::begin(system_names), std::end(system_names),
                                 [&](const auto& names) { return names[0] == platform; });
  if (name == std::end(system_names)) return;
  // Linux says less than the distribution that the User-Agent may name.
  if (system.family != (*name)[1] && !(platform == "Linux" && system.family != "Other" && system.family != "Android"))
    system = {std::string((*name)[1]), "", "", "", ""};
  const auto version = split_version(first_string(headers.platform_version));
  if (version[0].empty()) return;
  if (platform == "Windows")
    system = windows(version);
  else
    system = {system.family, version[0], version[1], version[2], ""};
}

void apply_model(const DeviceHeaders& headers, const UserAgentParser& parser, UserAgent& parsed) {
  const std::string model = first_string(headers.model);
  if (model.empty() || model.find_first_of(";()") != std::string::npos) return;
  parsed.device = parser.parse_device("Mozilla/5.0 (Linux; Android 13; " + model +
                                      " Build/TP1A) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/124.0.0.0 Mobile "
                                      "Safari/537.36");
  if (parsed.device.brand.empty() || parsed.device.brand == "Generic" || parsed.device.brand == "Generic_Android")
    parsed.device = {model, "", model};
}

}  // namespace

DeviceHeaders DeviceHeaders::of(std::span<const Header> headers) {
  struct Name {
    std::string_view name;
    std::string_view DeviceHeaders::*member;
  };
  static constexpr Name names[] = {
      {"user-agent", &DeviceHeaders::user_agent},
      {"sec-ch-ua", &DeviceHeaders::brands},
      {"sec-ch-ua-full-version-list", &DeviceHeaders::full_versions},
      {"sec-ch-ua-mobile", &DeviceHeaders::mobile},
      {"sec-ch-ua-platform", &DeviceHeaders::platform},
      {"sec-ch-ua-platform-version", &DeviceHeaders::platform_version},
      {"sec-ch-ua-model", &DeviceHeaders::model},
      {"sec-ch-ua-form-factors", &DeviceHeaders::form_factors},
  };
  const auto same = [](std::string_view name, std::string_view sent) {
    return std::equal(name.begin(), name.end(), sent.begin(),
                      [](char n, char s) { return n == (s >= 'A' && s <= 'Z' ? s + ('a' - 'A') : s); });
  };
  DeviceHeaders result;
  for (const Header& header : headers) {
    if (header.name.size() < names[1].name.size()) continue;
    for (const Name& name : names) {
      if (header.name.size() != name.name.size() || !same(name.name, header.name)) continue;
      if (name.member == &DeviceHeaders::user_agent)
        result.user_agent = header.value.substr(0, UserAgentParser::max_bytes);
      else if (header.value.size() <= max_hint_bytes)
        result.*name.member = header.value;
      break;
    }
  }
  return result;
}

void apply_hints(const DeviceHeaders& headers, const UserAgentParser& parser, UserAgent& parsed) {
  apply_browser(headers, parsed.browser);
  apply_system(headers, parsed.system);
  apply_model(headers, parser, parsed);
}

std::string first_string(std::string_view field) {
  skip_spaces(field);
  return take_string(field).value_or("");
}

}  // namespace personalize::plugins
