// The configuration of plugins.
#pragma once

#include <charconv>
#include <cstdint>
#include <memory>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rules/settings.h"

namespace personalize::plugins {

/// Thrown by `configure`: bad settings, with their place where there is one (line 0: none).
class ConfigurationError : public std::runtime_error {
 public:
  ConfigurationError(const std::string& message, std::string file = {}, std::uint32_t line = 0,
                     std::uint32_t column = 0)
      : std::runtime_error(message), file(std::move(file)), line(line), column(column) {}
  std::string file;
  std::uint32_t line;
  std::uint32_t column;
};

class WeatherSource;  // plugins/weather/report.h
class PluginFile;     // plugins/plugin_file.h

/// The options of a plugin in the configuration: `personalize_plugin loyalty.so gold=1000`. Options that the plugin's
/// `configure` does not ask for are an error.
class Options {
 public:
  struct Option {
    std::string name;
    std::string value;
    bool operator==(const Option&) const = default;
  };
  void add(std::string name, std::string value) { all_.push_back({std::move(name), std::move(value)}); }
  const std::vector<Option>& all() const { return all_; }

  /// The value, or nothing if the configuration does not have that option.
  std::optional<std::string_view> find(std::string_view name) const {
    asked_.emplace_back(name);
    for (const Option& option : all_)
      if (option.name == name) return option.value;
    return std::nullopt;
  }
  std::string_view text(std::string_view name, std::string_view fallback) const {
    return find(name).value_or(fallback);
  }
  /// Throws ConfigurationError if the value is not a number.
  std::int64_t integer(std::string_view name, std::int64_t fallback) const {
    const auto value = find(name);
    if (!value) return fallback;
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(value->data(), value->data() + value->size(), number);
    if (error != std::errc() || end != value->data() + value->size())
      throw ConfigurationError("option " + std::string(name) + " must be a whole number, not \"" + std::string(*value) +
                               "\"");
    return number;
  }
  /// Names that were asked for.
  const std::vector<std::string>& asked() const { return asked_; }
  bool operator==(const Options& other) const { return all_ == other.all_; }

 private:
  std::vector<Option> all_;
  mutable std::vector<std::string> asked_;
};

/// A third party's plugin and its options.
struct PluginUse {
  std::shared_ptr<const PluginFile> file;
  Options options;
  bool operator==(const PluginUse&) const = default;
};

/// A cookie of the site that holds the visitor's choice.
struct ConsentCookie {
  std::string name;
  std::string expression;  ///< condition in CEL over `cookie`, its value; empty: its presence is consent
  bool operator==(const ConsentCookie&) const = default;
};

/// Whether consent is required, and how it is given; see plugins/consent/policy.h.
struct ConsentSettings {
  bool required = false;                          ///< false: the site takes care of consent elsewhere
  std::vector<ConsentCookie> cookies;             ///< the first one that was sent decides
  std::vector<std::string> permissive_countries;  ///< ISO codes of countries where no answer is consent
  bool operator==(const ConsentSettings&) const = default;
};

/// The host's configuration (directives of NGINX, flags of the tool).
struct Settings {
  std::vector<std::string> geo_databases;       ///< paths of MaxMind files
  std::string device_regexes;                   ///< path of uap-core's regexes.yaml; empty: Debian's
  std::string profile_prefix = "personalize:";  ///< of every Redis key
  std::string default_time_zone = "UTC";        ///< IANA name, for visitors whose zone is not known
  std::vector<std::string> cookies;             ///< names of those that rules may see, in request.cookies
  std::vector<std::string> languages;  ///< the shop's, best first ("en", "de-AT"): request.language is one of them
  ConsentSettings consent;
  WeatherSource* weather = nullptr;  ///< outlives the plugins; null: weather is not known
  std::vector<PluginUse> plugins;    ///< third parties', in the order in which they resolve
  Options options;                   ///< of the plugin that is configured
  bool operator==(const Settings&) const = default;
};

/// What rule files configure; `languages`, if any, replace those of `Settings`.
using RuleSettings = rules::Settings;

}  // namespace personalize::plugins
