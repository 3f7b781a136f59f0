// The interface of everything that adds attributes to the context, fills slots or records what was shown.
//
// Plugins contain no asynchronous code: they say what they need and get the replies. One instance serves all requests
// of a worker, one after the other. If a plugin throws while it serves a request, its attributes or content are missing
// for that request; this is counted and logged, and the page goes on. When rules change, the new rule set gets new
// instances, which are configured and activated in another thread.
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
#include "plugins/fetches.h"
#include "plugins/request.h"
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

/// A slot for the plugin to fill: it was won by a rule with `content: <name of the plugin>`.
class Filling {
 public:
  /// For hosts. `known`: by AttributeId.
  Filling(std::string_view slot, std::string_view rule, std::span<const rules::Value> known, rules::Arena& arena)
      : slot(slot), rule(rule), known_(known), arena_(arena) {}

  const std::string_view slot;
  const std::string_view rule;
  /// An attribute of any plugin; all have been resolved now. `id` is from `Activation::use`.
  const rules::Value& get(rules::AttributeId id) const { return known_[id]; }
  /// For what values point to.
  rules::Arena& arena() const { return arena_; }

 private:
  const std::span<const rules::Value> known_;
  rules::Arena& arena_;
};

/// A rule whose content the visitor saw.
struct Shown {
  std::string_view slot;
  std::string_view rule;
};

/// What was shown on a page that was seen.
struct Outcome {
  std::span<const Shown> shown;  ///< in the order of the slots; may be empty
};

/// What a plugin's `maintain` did.
struct Upkeep {
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
  virtual void adopt(const RuleSettings& settings) { (void)settings; }
  /// Once, after rules were loaded, if they want one of its attributes or its content: in the reverse of the order in
  /// which plugins resolve, so that each may `use` attributes of those before it. Throws ConfigurationError for what
  /// only matters if it is wanted.
  virtual void activate(Activation& activation) { (void)activation; }
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
  virtual void resolve(const Request& request, std::span<const Reply> replies, Attributes& attributes) const = 0;
  /// Whether it fills slots; if so, the next two functions are called.
  virtual bool fills() const { return false; }
  /// What to fetch for the content of a slot, in the second and last round, which has the same deadline as the first.
  /// Not called if the replies of the first round were late.
  virtual void content_needs(const Request& request, const Filling& filling, Fetches& fetches) const {
    (void)request;
    (void)filling;
    (void)fetches;
  }
  /// The content, `{{content}}` in the rule's templates: a string, a number, a list or a map. Strings are UTF-8, and
  /// are escaped for the place they are put in. Missing: the page stays as it is.
  virtual rules::Value content(const Request& request, const Filling& filling, std::span<const Reply> replies) const {
    (void)request;
    (void)filling;
    (void)replies;
    return {};
  }
  /// Whether `record` has something to do.
  virtual bool records() const { return false; }
  /// After a page was seen by a visitor who has an id and, where consent is required, has consented to measurement;
  /// called even if rules use none of its attributes.
  virtual void record(const Request& request, const Outcome& outcome, Commands& commands) const {
    (void)request;
    (void)outcome;
    (void)commands;
  }
};

/// Version of everything above. Raised when the meaning of something changes; changes of sizes are noticed without it.
inline constexpr std::uint32_t interface_version = 1;

/// What must agree between a plugin and its host besides the version: the C++ library, and the sizes of the types in
/// this interface.
struct Shape {
#if defined(_GLIBCXX_USE_CXX11_ABI) && _GLIBCXX_USE_CXX11_ABI && !defined(_GLIBCXX_DEBUG)
  char library[16] = "libstdc++ cxx11";
#else
  char library[16] = "another";
#endif
  std::uint32_t sizes[15] = {sizeof(rules::Value), sizeof(AttributeRow), sizeof(Activation), sizeof(Attributes),
                             sizeof(Fetch),        sizeof(Fetches),      sizeof(Header),     sizeof(Reply),
                             sizeof(Request),      sizeof(RuleSettings), sizeof(Settings),   sizeof(Upkeep),
                             sizeof(Commands),     sizeof(FunctionRow),  sizeof(Filling)};
  bool operator==(const Shape&) const = default;
};

/// What a shared object exports as `personalize_plugin`. The first member is the same in every version.
struct Entry {
  std::uint32_t version = interface_version;
  Shape shape = {};
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
