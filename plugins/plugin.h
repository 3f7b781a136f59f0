// The interface of everything that adds to the context. Plugins contain no asynchronous code: they say what
// they need and are handed the replies. One instance serves all requests of a worker; all functions but
// `configure` and `attributes` are const and must not throw for any request (a host that catches one drops
// the plugin's attributes for that request and counts it). When rules change while they are in use, the new set
// gets instances of its own, which are configured and activated in another thread.
#pragma once

#include <cstdint>
#include <initializer_list>
#include <memory>
#include <memory_resource>
#include <span>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/request.h"
#include "rules/schema.h"
#include "rules/value.h"

namespace personalize::plugins {

/// Thrown by `configure`: bad settings, with their place where there is one (line 0: none).
class ConfigurationError : public std::runtime_error {
 public:
  ConfigurationError(std::string message, std::string file = {}, std::uint32_t line = 0,
                     std::uint32_t column = 0)
      : std::runtime_error(std::move(message)), file(std::move(file)), line(line), column(column) {}
  std::string file;
  std::uint32_t line;
  std::uint32_t column;
};

class WeatherSource;  // plugins/weather/report.h

/// Whether visitors have to agree to being known; see plugins/consent/policy.h.
struct ConsentSettings {
  bool required = false;   ///< false: the site takes care of consent elsewhere
  std::string cookie;      ///< in which the site keeps the visitor's choice
  std::string expression;  ///< CEL over `cookie`, true if it says yes; empty: that it is there says so
  std::vector<std::string> permissive_countries;  ///< ISO codes where silence is consent
  bool operator==(const ConsentSettings&) const = default;
};

/// What the host was configured with (directives of NGINX, flags of the tool).
struct Settings {
  std::vector<std::string> geo_databases;       ///< paths of MaxMind files
  std::string device_regexes;                   ///< path of uap-core's regexes.yaml; empty: Debian's
  std::string profile_prefix = "personalize:";  ///< of every Redis key
  std::string default_time_zone = "UTC";        ///< IANA name, for visitors whose zone is not known
  std::vector<std::string> cookies;             ///< names of those that rules may see, in request.cookies
  std::vector<std::string>
      languages;  ///< the shop's, best first ("en", "de-AT"): request.language is one of them
  ConsentSettings consent;
  WeatherSource* weather = nullptr;  ///< outlives the plugins; null: weather is not known
  bool operator==(const Settings&) const = default;
};

/// A place that visitors can go to.
struct Store {
  std::string id;
  std::string name;
  double latitude = 0;   ///< degrees, north is positive
  double longitude = 0;  ///< degrees, east is positive
};

/// What rule files say for plugins.
struct RuleSettings {
  std::vector<Store> stores;           ///< for geo.nearest_store
  std::vector<std::string> languages;  ///< as in Settings, and in its place if there are any
};

/// One thing to fetch. Views are valid until the request is over (arena or constants).
struct Fetch {
  std::span<const std::string_view> command;  ///< a Redis command and its arguments
};

/// What a plugin wants fetched for one request; all plugins' needs go out together.
class Fetches {
 public:
  explicit Fetches(rules::Arena& arena, const rules::Context* known = nullptr)
      : arena_(arena), known_(known), fetches_(&arena) {}
  /// What plugins before this one resolved already: those that fetch nothing, up to the first that does.
  /// Others' are missing.
  rules::Value known(rules::AttributeId id) const { return known_ ? (*known_)[id] : rules::Value(); }
  /// Adds a Redis command; the reply has the returned position among the plugin's own replies. Copies
  /// `command`'s views, not the bytes.
  std::size_t redis(std::span<const std::string_view> command);
  rules::Arena& arena() { return arena_; }
  std::span<const Fetch> list() const { return fetches_; }

 private:
  rules::Arena& arena_;
  const rules::Context* known_;
  std::pmr::vector<Fetch> fetches_;
};

/// A Redis reply (or its absence) as plain values.
struct Reply {
  enum class Kind : std::uint8_t {
    absent,  ///< not asked, not there before the deadline, connection lost: unknown
    nil,
    string,
    status,
    integer,
    array,
    error,  ///< the server said so; `text` is its message
  };
  Kind kind = Kind::absent;
  std::string_view text = {};
  std::int64_t integer = 0;
  std::span<const Reply> elements = {};
};

/// Where a plugin writes the attributes that it resolved. Only attributes that the active rules mention are
/// wanted.
class Attributes {
 public:
  Attributes(const rules::Schema& schema, std::span<const std::uint8_t> wanted, rules::Context& context,
             rules::Arena& arena)
      : schema_(schema), wanted_(wanted), context_(context), arena_(arena) {}
  bool wanted(rules::AttributeId id) const { return id < wanted_.size() && wanted_[id] != 0; }
  void set(rules::AttributeId id, rules::Value value) {
    if (wanted(id)) context_.set(id, value);
  }
  /// What was set before, by this or an earlier plugin (plugins run in the order geo, consent, device,
  /// request, profile, weather, time, then third parties').
  const rules::Value& get(rules::AttributeId id) const { return context_[id]; }
  const rules::Schema& schema() const { return schema_; }
  rules::Arena& arena() { return arena_; }

 private:
  const rules::Schema& schema_;
  std::span<const std::uint8_t> wanted_;  // by AttributeId, 0 or 1
  rules::Context& context_;
  rules::Arena& arena_;
};

/// What a plugin's `maintain` did.
struct Upkeep {
  bool busy = false;  ///< there is more to do: call again in some milliseconds, else in about a second
  std::vector<std::string> notices;   ///< for the log: what changed
  std::vector<std::string> warnings;  ///< and what could not
};

/// One number for the status page.
struct Metric {
  std::string name;   ///< as Prometheus writes it, without the module's prefix: "geo_database_built_seconds"
  std::string label;  ///< value of the label that tells several of the name apart, or empty
  double value;
};

class Plugin {
 public:
  virtual ~Plugin() = default;
  /// Namespace of its attributes: "geo".
  virtual std::string_view name() const = 0;
  /// Once, at load. Throws ConfigurationError.
  virtual void configure(const Settings& settings) { (void)settings; }
  /// In place of `configure`: takes over from `serving`, of the same settings, whose rule set is about to be replaced
  /// by another one; for what is large or may not be readable any more. Not in the thread that serves: nothing but
  /// what is locked or does not change may be touched. False: it is configured anew.
  virtual bool take_over(const Plugin& serving) {
    (void)serving;
    return false;
  }
  /// Adds its attributes to the schema and keeps their ids. Once, after `configure`, before rules are loaded.
  virtual void attributes(rules::Schema& schema) { (void)schema; }
  /// Once, after rules were loaded and before `activate`. Throws ConfigurationError.
  virtual void adopt(const RuleSettings& settings) { (void)settings; }
  /// Once, after rules were loaded: `wanted[id]` is 1 for every attribute of `schema` that some rule
  /// mentions. The rule files' own attributes (of the profile) are in `schema` now, behind those that plugins
  /// added. A plugin whose attributes are wanted may want attributes of plugins that resolve before it (time
  /// needs geo.time_zone) by setting their 1; hosts call the plugins in reverse order here. Throws
  /// ConfigurationError for what only matters if it is wanted.
  virtual void activate(const rules::Schema& schema, std::span<std::uint8_t> wanted) {
    (void)schema;
    (void)wanted;
  }
  /// What to fetch for this request. Not called if none of its attributes is wanted.
  virtual void needs(const Request& request, Fetches& fetches) const {
    (void)request;
    (void)fetches;
  }
  /// From a timer of the worker, never while a request is being resolved. A millisecond's work at most.
  /// Throws nothing but std::bad_alloc.
  virtual void maintain(Upkeep& upkeep) { (void)upkeep; }
  /// Adds this worker's numbers; few, and always the same names and labels.
  virtual void metrics(std::vector<Metric>& metrics) const { (void)metrics; }
  /// From request and replies (same order as its `needs`) to attributes.
  virtual void resolve(const Request& request, std::span<const Reply> replies,
                       Attributes& attributes) const = 0;
};

/// The built-in plugins in the order in which they resolve.
std::vector<std::unique_ptr<Plugin>> built_in();

}  // namespace personalize::plugins
