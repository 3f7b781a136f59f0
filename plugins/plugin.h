// The interface of everything that adds attributes to the context, brings content, or is told what visitors saw.
//
// Plugins contain no asynchronous code: they say what they need and get the replies. One instance serves all requests
// of a worker, one after the other. If a plugin throws while it serves a request, its attributes or content are missing
// for that request; this is counted and logged, and the page goes on. When rules change, the new rule set gets new
// instances, which are configured and activated in another thread.
//
//   at load       configure (or take_over), attributes, functions, apply_rule_settings, check_content, activate
//   per request   needs, resolve; content_needs, content; add_response_fields; on_exposure, after the response
//   by a timer    maintain, metrics
//
// A plugin needs no headers but this one and those that it includes; nothing has to be linked.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/configuration.h"
#include "plugins/exposure.h"
#include "plugins/fetches.h"
#include "plugins/interface_hash.h"
#include "plugins/request.h"
#include "plugins/response_fields.h"
#include "rules/type.h"
#include "rules/value.h"

namespace personalize::plugins {

/// One attribute of a plugin.
struct AttributeRow {
  std::string_view name;  ///< "tier" of loyalty.tier; may have dots of its own: "nearest_store.id"
  rules::Type type;
  std::string_view description = {};  ///< one line for documents and editors
  /// All values that the attribute can have, if they are known: comparing it with another one is a warning.
  std::span<const std::string_view> values = {};
};

/// A function that conditions may call: geo.distance_km(53.3, -6.2).
struct FunctionRow {
  std::string_view name;                    ///< "distance_km"
  std::span<const rules::Type> parameters;  ///< of the call; `double` takes numbers of every type
  rules::Type result;
  std::span<const std::size_t> attributes;  ///< positions of the plugin's own, whose values follow the
                                            ///< arguments; if one is missing, so is the result
  /// The result, or an error: arguments that are not known when rules are loaded may be of any type.
  rules::Value (*value)(std::span<const rules::Value> arguments);
  /// Why a constant cannot be that argument, or null.
  const char* (*refuse)(std::size_t argument, const rules::Value& value);
};

/// Which attributes rules use; passed once, after the rules have been loaded.
struct Activation {
  /// All attributes with their full names, those of the plugins first, then those that rule files declare (of
  /// the profile). The position is the AttributeId.
  std::span<const AttributeRow> attributes;
  /// By AttributeId: 1 if some rule, or a plugin that resolves later, mentions it.
  std::span<std::uint8_t> wanted;
  rules::AttributeId first = 0;  ///< id of the plugin's own first attribute

  /// True if the plugin's attribute of that position is mentioned.
  bool wants(std::size_t own) const { return wanted[first + own] != 0; }
  std::optional<rules::AttributeId> find(std::string_view name) const {
    for (rules::AttributeId id = 0; id < attributes.size(); ++id)
      if (attributes[id].name == name) return id;
    return std::nullopt;
  }
  /// Finds an attribute of a plugin that resolves before this one, for `Attributes::get`, and has it resolved.
  std::optional<rules::AttributeId> use(std::string_view name) {
    const auto id = find(name);
    if (id) wanted[*id] = 1;
    return id;
  }
};

/// Receives the attributes that a plugin resolves. Only those that rules use are wanted; setting others does nothing.
class Attributes {
 public:
  static constexpr std::uint8_t assumed_mark = 2;
  /// For hosts. `values` and `wanted` by AttributeId; the plugin's own begin at `first`. `wanted`: 1, or `assumed_mark`
  /// for what has its value already.
  Attributes(std::span<rules::Value> values, std::span<const std::uint8_t> wanted, rules::AttributeId first,
             rules::Arena& arena)
      : values_(values), wanted_(wanted), first_(first), arena_(arena) {}

  /// Sets one of the plugin's own attributes, by its position in `Plugin::attributes`.
  bool wants(std::size_t own) const { return wanted_[first_ + own] != 0; }
  void set(std::size_t own, rules::Value value) { set_id(static_cast<rules::AttributeId>(first_ + own), value); }
  const rules::Value& own(std::size_t own) const { return values_[first_ + own]; }
  /// Whether somebody asks what would be if it had the value that it has: it stays, and others are derived from it.
  bool assumed(std::size_t own) const { return wanted_[first_ + own] == assumed_mark; }

  /// Sets one that rule files declare in the plugin's namespace, by its id in `Activation`.
  void set_id(rules::AttributeId id, rules::Value value) {
    if (wanted_[id] == 1) values_[id] = value;
  }
  /// An attribute of a plugin before this one; `id` is from `Activation::use`. Built-in plugins run first, in the order
  /// that docs/plugins.md gives, then third parties' as configured.
  const rules::Value& get(rules::AttributeId id) const { return values_[id]; }
  /// For what values point to.
  rules::Arena& arena() { return arena_; }

 private:
  std::span<rules::Value> values_;
  std::span<const std::uint8_t> wanted_;  // 0, 1 or assumed_mark
  const rules::AttributeId first_;
  rules::Arena& arena_;
};

/// Content that a rule wants from the plugin: `content: NAME` or `content: { plugin: NAME, with: { … } }`.
class ContentRequest {
 public:
  /// For hosts.
  ContentRequest(std::string_view slot, std::string_view rule, const rules::Value& with, KnownAttributes known,
                 rules::Arena& arena)
      : slot(slot), rule(rule), with(with), known_(known), arena_(arena) {}

  const std::string_view slot;
  const std::string_view rule;
  const rules::Value& with;  ///< the rule's arguments, a map; always the same for a rule
  /// An attribute of any plugin.
  const rules::Value& get(rules::AttributeId id) const { return known_.get(id); }
  /// For what values point to.
  rules::Arena& arena() const { return arena_; }

 private:
  const KnownAttributes known_;
  rules::Arena& arena_;
};

/// What a plugin's `maintain` did.
struct MaintenanceReport {
  bool busy = false;                  ///< there is more to do: call again in some milliseconds, else in about a second
  std::vector<std::string> notices;   ///< for the log: changes
  std::vector<std::string> warnings;  ///< for the log: failures
};

/// One number for the status page.
struct Metric {
  /// How the numbers of all workers are combined.
  enum class Merge : std::uint8_t { sum, lowest };

  std::string name;   ///< as Prometheus wants it, without the module's prefix: "_total" at the end of what only grows
  std::string label;  ///< value of the label that distinguishes several of that name, or empty
  double value;
  std::string help = {};            ///< one line: what is counted
  std::string label_name = "name";  ///< of `label`
  Merge merge = Merge::sum;
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
  /// what is locked or does not change may be touched. False: it is configured instead.
  virtual bool take_over(const Plugin& serving) {
    (void)serving;
    return false;
  }
  /// The attributes that it adds. Asked once, after `configure` and before rules are loaded; also if `configure`
  /// threw. What the rows view lives as long as the plugin.
  virtual std::span<const AttributeRow> attributes() const { return {}; }
  /// The functions that it adds, under the same terms.
  virtual std::span<const FunctionRow> functions() const { return {}; }
  /// Once, after rules were loaded and before `activate`. Throws ConfigurationError.
  virtual void apply_rule_settings(const RuleSettings& settings) { (void)settings; }
  /// Once for every rule that wants its content, after rules were loaded: throws ConfigurationError if it does not
  /// understand the arguments, which are a mistake in the rule then.
  virtual void check_content(const rules::Value& with) const { (void)with; }
  /// Once, after rules were loaded, if they want one of its attributes or its content, or if it adds response fields or
  /// is told of exposures: in the reverse of the order in which plugins resolve, so that each may `use` attributes of
  /// those before it. Throws ConfigurationError for what only matters if it is wanted.
  virtual void activate(Activation& activation) { (void)activation; }
  /// What to fetch for this request. Not called if none of its attributes is wanted.
  virtual void needs(const Request& request, Fetches& fetches) const {
    (void)request;
    (void)fetches;
  }
  /// From a timer of the worker, never while a request is being resolved. A millisecond's work at most.
  /// Throws nothing but std::bad_alloc.
  virtual void maintain(MaintenanceReport& report) { (void)report; }
  /// Adds this worker's numbers; few, and always the same names and labels.
  virtual void metrics(std::vector<Metric>& metrics) const { (void)metrics; }
  /// From request and replies (same order as its `needs`) to attributes.
  virtual void resolve(const Request& request, std::span<const Reply> replies, Attributes& attributes) const = 0;

  /// Whether rules may have content from it; if so, the next two functions are called.
  virtual bool provides_content() const { return false; }
  /// What to fetch for content, in the second and last round, which has the same deadline as the first. Not called if
  /// the replies of the first round were late.
  virtual void content_needs(const Request& request, const ContentRequest& content, Fetches& fetches) const {
    (void)request;
    (void)content;
    (void)fetches;
  }
  /// The content, `{{content}}` in the rule's templates: a string, a number, a list or a map. Strings are UTF-8, and
  /// are escaped for the place they are put in. Missing: the page stays as it is. Of a map with a list of maps under
  /// `items`, the `item_id` of each is told to `on_exposure`.
  virtual rules::Value content(const Request& request, const ContentRequest& content,
                               std::span<const Reply> replies) const {
    (void)request;
    (void)content;
    (void)replies;
    return {};
  }

  /// Whether `add_response_fields` has something to do.
  virtual bool adds_response_fields() const { return false; }
  /// For every page that rules have just decided about, before its header is sent.
  virtual void add_response_fields(const Request& request, ResponseFields& fields) const {
    (void)request;
    (void)fields;
  }

  /// Whether `on_exposure` has something to do.
  virtual bool observes_exposures() const { return false; }
  /// When the response of a page that rules decided about is over, whether anybody saw it or not
  /// (`page.response.viewed()`). For visitors who have an id and, where consent is required, have consented to
  /// measurement; called even if rules use none of its attributes.
  virtual void on_exposure(const Request& request, const PageExposures& page, Commands& commands) const {
    (void)request;
    (void)page;
    (void)commands;
  }
};

/// Version of everything above. Raised when the meaning of something changes, so that the message can say so.
inline constexpr std::uint32_t interface_version = 2;

/// What must agree between a plugin and its host besides the version: the text of the headers, which says all about
/// types and virtual functions; and what their compilers made of them.
struct InterfaceBuild {
  char headers[33] = PERSONALIZE_INTERFACE_HASH;
#if defined(_GLIBCXX_USE_CXX11_ABI) && _GLIBCXX_USE_CXX11_ABI && !defined(_GLIBCXX_DEBUG)
  char library[16] = "libstdc++ cxx11";
#else
  char library[16] = "another";
#endif
  std::uint32_t sizes[25] = {sizeof(void*),
                             sizeof(std::string),
                             sizeof(std::vector<Metric>),
                             sizeof(rules::Value),
                             sizeof(AttributeRow),
                             sizeof(FunctionRow),
                             sizeof(Activation),
                             sizeof(Attributes),
                             sizeof(ContentRequest),
                             sizeof(Exposure),
                             sizeof(ResponseEnd),
                             sizeof(PageExposures),
                             sizeof(MaintenanceReport),
                             sizeof(Metric),
                             sizeof(Fetch),
                             sizeof(Fetches),
                             sizeof(Commands),
                             sizeof(Parameter),
                             sizeof(Reply),
                             sizeof(Header),
                             sizeof(Request),
                             sizeof(Cookie),
                             sizeof(ResponseFields),
                             sizeof(RuleSettings),
                             sizeof(Settings)};
  bool operator==(const InterfaceBuild&) const = default;
};

/// What a shared object exports as `personalize_plugin`. The first member is the same in every version.
struct Entry {
  std::uint32_t version = interface_version;
  InterfaceBuild build = {};
  Plugin* (*make)() = nullptr;  ///< with `new`; the host deletes it
};

}  // namespace personalize::plugins

/// Once in a plugin's sources, outside of all namespaces: PERSONALIZE_PLUGIN(shop::LoyaltyPlugin)
#define PERSONALIZE_PLUGIN(type)                                                                      \
  extern "C" {                                                                                        \
  __attribute__((visibility("default"))) extern const personalize::plugins::Entry personalize_plugin; \
  const personalize::plugins::Entry personalize_plugin = {                                            \
      .make = []() -> personalize::plugins::Plugin* { return new type; }};                            \
  }
