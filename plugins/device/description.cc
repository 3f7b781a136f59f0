#include "plugins/device/description.h"

#include <algorithm>
#include <initializer_list>
#include <iterator>

namespace personalize::plugins {
namespace {

bool has(std::string_view text, std::string_view word) { return text.find(word) != std::string_view::npos; }

template <std::size_t n>
bool has_any(std::string_view text, const std::string_view (&words)[n]) {
  return std::any_of(std::begin(words), std::end(words), [&](std::string_view word) { return has(text, word); });
}

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> names) {
  return std::find(names.begin(), names.end(), text) != names.end();
}

// Words of User-Agents that tell a kind of device. Televisions before tablets (Android without "Mobile"),
// consoles before phones and desktops (Windows Phone and Xbox name Windows).
constexpr std::string_view tv_words[] = {
    "SmartTV",   "Smart-TV",   "SMART-TV",      "Smart TV", "AppleTV",   "Apple TV", "tvOS",    "GoogleTV",
    "Google TV", "Android TV", "AndroidTV",     "HbbTV",    "Web0S",     "webOS.TV", "NetCast", "BRAVIA",
    "Roku",      "CrKey",      "InettvBrowser", "Opera TV", "PhilipsTV", "NETTV",    "DTV",     "Viera",
    "VIZIO",     "Aquos",      "AQUOS",         "Tizen TV", "SmartHub",  "MiTV",     "MiBOX",   "AFTB",
    "AFTS",      "AFTM",       "AFTT",          "AFTN",     "AFTA",      "AFTK",     "AFTR",    "AFTEU"};
constexpr std::string_view console_words[] = {"PlayStation", "PLAYSTATION", "Xbox", "Nintendo", "Wii"};
constexpr std::string_view wearable_words[] = {"watchOS", "Apple Watch", "Wear OS",       "SM-R8",   "SM-R9",
                                               "Watch1,", "Watch2,",     "Watch3,",       "Watch4,", "Watch5,",
                                               "Watch6,", "Watch7,",     "OculusBrowser", "Glass 1", "Galaxy Watch"};
constexpr std::string_view tablet_words[] = {"iPad",  "Tablet",   "tablet",  "PlayBook", "Kindle",
                                             "Silk/", "TouchPad", "Nexus 7", "Nexus 9",  "Nexus 10",
                                             "SM-T",  "SM-X",     "GT-P",    "Xoom",     "KFAPWI"};
constexpr std::string_view phone_words[] = {"iPhone",   "iPod",       "Windows Phone", "IEMobile", "BlackBerry",
                                            "BB10",     "Opera Mini", "Opera Mobi",    "Symbian",  "SymbOS",
                                            "Series60", "Series40",   "webOS/",        "MIDP",     "Mobile",
                                            "UCWEB",    "NetFront",   "KAIOS",         "J2ME",     "Maemo"};
constexpr std::string_view desktop_words[] = {"Windows NT", "Win64", "Windows",  "Macintosh",
                                              "X11",        "CrOS",  "Linux x86"};

DeviceType type_of_form_factor(std::string_view factor) {
  if (factor == "Mobile") return DeviceType::phone;
  if (factor == "Tablet" || factor == "EInk") return DeviceType::tablet;
  if (factor == "Desktop") return DeviceType::desktop;
  if (factor == "XR" || factor == "Watch") return DeviceType::wearable;
  return DeviceType::unknown;
}

/// An iPad's web view, and other browsers there, that ask for desktop sites: no Mac has these words.
bool is_ipad_as_mac(std::string_view text) {
  constexpr std::string_view words[] = {"Mobile/", "CriOS/", "FxiOS/", "EdgiOS/"};
  return has(text, "(Macintosh") && has_any(text, words);
}

bool is_bot(const UserAgent& parsed, std::string_view text) {
  return parsed.device.family == "Spider" || parsed.device.brand == "Spider" || has(text, "HeadlessChrome") ||
         parsed.browser.family == "HeadlessChrome";
}

DeviceType type_of(const UserAgent& parsed, const DeviceHeaders& headers) {
  const std::string_view text = headers.user_agent;
  const std::string_view system = parsed.system.family;
  if (is_bot(parsed, text)) return DeviceType::bot;
  if (const auto type = type_of_form_factor(first_string(headers.form_factors)); type != DeviceType::unknown)
    return type;
  if (is_one_of(system, {"tvOS", "ATV OS X", "Chromecast", "Roku OS", "WebTV", "HbbTV", "GoogleTV"}) ||
      has_any(text, tv_words) || (has(text, "Tizen") && has(text, "TV")))
    return DeviceType::tv;
  if (has_any(text, console_words)) return DeviceType::console;
  if (is_one_of(system, {"WatchOS", "watchOS"}) || has_any(text, wearable_words)) return DeviceType::wearable;
  if (headers.mobile == "?1") return has(text, "iPad") ? DeviceType::tablet : DeviceType::phone;
  if (is_ipad_as_mac(text)) return DeviceType::tablet;
  if (has_any(text, tablet_words) && !is_one_of(system, {"Windows Phone"}))
    return has(text, "Windows NT") ? DeviceType::desktop : DeviceType::tablet;  // "Tablet PC 2.0" is any Windows
  if (system == "Android") return has(text, "Mobile") ? DeviceType::phone : DeviceType::tablet;
  if (has_any(text, phone_words)) return DeviceType::phone;
  if (is_one_of(parsed.device.family, {"Generic Smartphone", "Generic Feature Phone"}) ||
      is_one_of(system, {"iOS", "Windows Phone", "BlackBerry OS", "Symbian OS", "Bada", "Firefox OS", "KaiOS"}))
    return DeviceType::phone;
  if (parsed.device.family == "Generic Tablet") return DeviceType::tablet;
  if (is_one_of(system, {"Windows", "Mac OS X", "Linux", "Ubuntu", "Chrome OS", "Fedora", "Debian", "FreeBSD",
                         "OpenBSD", "NetBSD", "Solaris", "Mac OS"}) ||
      has_any(text, desktop_words))
    return DeviceType::desktop;
  return DeviceType::unknown;
}

/// Takes out what is no knowledge: "K", which stands for any model in Chrome's reduced User-Agent together with
/// "Android 10" for any version, and makers that uap-core calls generic.
void forget_placeholders(const DeviceHeaders& headers, UserAgent& parsed) {
  if (parsed.device.brand.starts_with("Generic")) parsed.device.brand.clear();
  if (has(headers.user_agent, "; K)") && parsed.device.model == "K") {
    parsed.device = {"Other", "", ""};
    if (headers.platform_version.empty() && parsed.system.major == "10") parsed.system = {"Android", "", "", "", ""};
  }
  if (is_ipad_as_mac(headers.user_agent)) {
    parsed.device = {"iPad", "Apple", "iPad"};
    parsed.system = {"iOS", "", "", "", ""};
  }
}

std::string joined(std::initializer_list<std::string_view> parts) {
  std::string version;
  for (std::string_view part : parts) {
    if (part.empty()) break;
    if (!version.empty()) version += '.';
    version += part;
  }
  return version;
}

}  // namespace

std::string_view to_string(DeviceType type) { return device_type_names[static_cast<std::size_t>(type)]; }

DeviceDescription describe(const DeviceHeaders& headers, const UserAgentParser& parser) {
  DeviceDescription device;
  device.parsed = parser.parse(headers.user_agent);
  if (headers.has_hints()) apply_hints(headers, parser, device.parsed);
  device.type = type_of(device.parsed, headers);
  forget_placeholders(headers, device.parsed);
  const auto& s = device.parsed.system;
  const auto& b = device.parsed.browser;
  device.system_version = joined({s.major, s.minor, s.patch, s.patch_minor});
  device.browser_version = joined({b.major, b.minor, b.patch});
  device.is_touch = device.type == DeviceType::phone || device.type == DeviceType::tablet ||
                    device.type == DeviceType::wearable || has(headers.user_agent, "Touch");
  return device;
}

}  // namespace personalize::plugins
