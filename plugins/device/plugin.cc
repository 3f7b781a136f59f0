#include "plugins/device/plugin.h"

#include <charconv>
#include <iterator>

namespace personalize::plugins {
namespace {

using rules::Kind;
using rules::Value;

constexpr AttributeRow device_rows[] = {
    {"type", {Kind::string}, "phone, tablet, desktop, tv, console, wearable, bot or unknown", device_type_names},
    {"family", {Kind::string}, "device by uap-core's name: iPhone, Samsung SM-S918B, Mac, Other"},
    {"brand", {Kind::string}, "maker: Apple, Samsung"},
    {"model", {Kind::string}, "model: iPhone, SM-S918B"},
    {"os", {Kind::string}, "operating system: iOS, Android, Windows, Mac OS X, Linux"},
    {"os_version", {Kind::string}, "as far as known: 17.4.1"},
    {"os_major", {Kind::int64}, "its first number"},
    {"browser", {Kind::string}, "Chrome, Chrome Mobile, Mobile Safari, Firefox, Edge"},
    {"browser_version", {Kind::string}, "as far as known: 124.0.6367"},
    {"browser_major", {Kind::int64}, "its first number"},
    {"is_bot", {Kind::boolean}, "says that it is a robot"},
    {"is_mobile", {Kind::boolean}, "phone or tablet"},
    {"is_touch", {Kind::boolean}, "has a touch screen, as far as known"},
};
static_assert(std::size(device_rows) == DevicePlugin::field_count);

}  // namespace

void DevicePlugin::configure(const Settings& settings) {
  path_ = settings.device_regexes.empty() ? UserAgentParser::default_file : settings.device_regexes;
}

bool DevicePlugin::take_over(const Plugin& serving) {
  const auto& other = static_cast<const DevicePlugin&>(serving);
  path_ = other.path_;
  regexes_ = other.regexes_;
  return true;
}

std::span<const AttributeRow> DevicePlugin::attributes() const { return device_rows; }

std::span<const RoleRow> DevicePlugin::roles() const {
  static constexpr RoleRow rows[] = {
      {is_bot, rules::Role::bot},
  };
  return rows;
}

void DevicePlugin::activate(Activation&) {
  const std::lock_guard guard(regexes_->lock);
  try {
    if (!regexes_->watched) regexes_->watched = std::make_unique<WatchedRegexes>(path_);
  } catch (const std::exception& error) {
    throw ConfigurationError(std::string("device regexes: ") + error.what(), path_);
  }
  parser_ = regexes_->watched->current();
}

void DevicePlugin::maintain(MaintenanceReport& report) {
  if (!parser_) return;
  const std::lock_guard guard(regexes_->lock);
  poll(report);
  if (parser_ != regexes_->watched->current()) {
    parser_ = regexes_->watched->current();
    recent_.clear();
  }
  report.busy |= parser_->warm_up();
}

void DevicePlugin::poll(MaintenanceReport& report) {
  WatchedRegexes& watched = *regexes_->watched;
  switch (watched.poll()) {
    case WatchedRegexes::Outcome::idle: break;
    case WatchedRegexes::Outcome::replaced:
      ++regexes_->replaced;
      report.notices.push_back("device regexes \"" + watched.path() + "\" were replaced");
      break;
    case WatchedRegexes::Outcome::refused:
      ++regexes_->refused;
      report.warnings.push_back("device regexes \"" + watched.path() + "\": " + watched.refusal() +
                                "; the old ones stay in use");
      break;
  }
}

void DevicePlugin::metrics(std::vector<Metric>& metrics) const {
  metrics.push_back({.name = "device_cache_entries",
                     .label = {},
                     .value = static_cast<double>(recent_.size()),
                     .help = "Devices that workers remember"});
  metrics.push_back({.name = "device_cache_bytes",
                     .label = {},
                     .value = static_cast<double>(recent_.bytes()),
                     .help = "Memory that they take"});
  metrics.push_back({.name = "device_regexes_replaced_total",
                     .label = {},
                     .value = static_cast<double>(regexes_->replaced),
                     .help = "New device regexes that workers took in"});
  metrics.push_back({.name = "device_regexes_refused_total",
                     .label = {},
                     .value = static_cast<double>(regexes_->refused),
                     .help = "New device regexes that workers could not use"});
  if (parser_)
    metrics.push_back({.name = "device_regexes_modified_timestamp_seconds",
                       .label = {},
                       .value = static_cast<double>(regexes_->watched->modified_s()),
                       .help = "When the device regexes in use were written, of the oldest in any worker",
                       .merge = Metric::Merge::lowest});
}

void DevicePlugin::resolve(const Request& request, std::span<const Reply>, Attributes& attributes) const {
  const DeviceHeaders headers = DeviceHeaders::of(request.headers);
  if (headers.user_agent.empty() && !headers.has_hints()) return;
  const DeviceDescription& device = recent_.of(headers, *parser_);
  // Texts are copied: the description may make room for another before the page is written.
  const auto set_text = [&](Field field, std::string_view text) {
    if (!text.empty() && attributes.wants(field))
      attributes.set(field, Value::string(rules::copy(attributes.arena(), text)));
  };
  const auto set_number = [&](Field field, std::string_view text) {
    std::int64_t number;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error == std::errc() && end == text.data() + text.size()) attributes.set(field, Value::int64(number));
  };
  const auto set_flag = [&](Field field, bool flag) { attributes.set(field, Value::boolean(flag)); };

  attributes.set(type, Value::string(to_string(device.type)));
  set_text(family, device.parsed.device.family);
  set_text(brand, device.parsed.device.brand);
  set_text(model, device.parsed.device.model);
  set_text(os, device.parsed.system.family);
  set_text(os_version, device.system_version);
  set_number(os_major, device.parsed.system.major);
  set_text(browser, device.parsed.browser.family);
  set_text(browser_version, device.browser_version);
  set_number(browser_major, device.parsed.browser.major);
  set_flag(is_bot, device.type == DeviceType::bot);
  set_flag(is_mobile, device.type == DeviceType::phone || device.type == DeviceType::tablet);
  set_flag(is_touch, device.is_touch);
}

}  // namespace personalize::plugins
