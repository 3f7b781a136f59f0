// Rules in Lua: `*.lua` among the rule files.
//
//   rule {
//     id = "big-basket", slot = "offer", priority = 5,
//     when = function(c) return (c.profile.basket_value or 0) > 100 and c.geo.country == "DE" end,
//     template = '<a href="{{content.url}}">{{content.title}}</a>',   -- or actions = { inner = …, add_class = … }
//     content = function(c) return { url = "/c/" .. c.profile.interests[1], title = "For you" } end,
//   }
//
//   event { name = "add_to_cart", method = "POST", pages = "/cart/add", item_id = "request.form.sku" }
//   fact { name = "order_id", select = "[data-order]", attribute = "data-order" }
//
// What `content` returns is a value like any other: it goes through a template (`{{content}}` if the rule has
// none) and its escaping. Attributes that are not known are nil, those that do not exist are an error.
//
// Scripts run in a sandbox (sandbox.h) with budgets of instructions, memory and time for every call. A call
// that goes over them, or fails, is an error value; after that, the script's state is rebuilt, and a
// script that keeps doing so pauses.
#pragma once

#include <chrono>
#include <cstdint>
#include <deque>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rules/schema.h"
#include "rules/value.h"
#include "rules/yaml/document.h"

namespace personalize::rules::lua {

struct Error {
  std::uint32_t line;   ///< from 1
  std::string message;  ///< lower case, no full stop
};

/// What one call may use. The file itself, when it is loaded, may use 20 times the instructions and 4 times the time.
struct Budget {
  std::uint64_t instructions = 100'000;       ///< counting one per 512 bytes that library functions go through
  std::size_t memory = 2 * 1024 * 1024;       ///< bytes that the script's state holds at any time
  std::size_t allocations = 8 * 1024 * 1024;  ///< bytes that one call takes in all, given back or not, and may return
  std::uint32_t milliseconds = 50;            ///< of the thread; only against what is slow on large values
};

/// After this many overruns a script pauses: all of its rules are errors for a while.
inline constexpr std::uint32_t max_overruns = 10;
inline constexpr std::chrono::seconds pause_after_overruns{10};

/// One `rule { … }`.
struct RuleDefinition {
  std::string id;
  std::string slot;
  std::string operation = "inner";
  std::string content_template;  ///< what `template` says, or "{{content}}"
  std::vector<std::string> pages;
  std::int32_t priority = 0;
  bool enabled = true;
  const yaml::Node* actions = nullptr;            ///< what `actions` says, as `do` of a rule file would; null if absent
  std::unique_ptr<std::deque<yaml::Node>> nodes;  ///< of `actions`
  bool has_condition = false;
  bool has_content = false;
  bool shows_content = false;  ///< as text: there is no template for it
  std::uint32_t line = 1;      ///< of the call of `rule`
};

/// One `event { … }` or `fact { … }`.
struct RecordDefinition {
  bool is_fact = false;
  yaml::Node name;
  const yaml::Node* fields = nullptr;  ///< all but the name, as rule files have them
  std::deque<yaml::Node> nodes;        ///< of `fields`
  std::uint32_t line = 1;
};

/// What a file that returns a table defines: it adds attributes to what rules know, and brings
/// content.
///
///   return {
///     name = "hours",
///     options = { opens = 9 },                       -- with their defaults
///     attributes = { open = "bool", closes_in = { "int", "minutes until the shop closes" } },
///     configure = function(options) … end,
///     needs = function(request, c) return { { "HGET", "loyalty", "points" } } end,
///     resolve = function(request, replies, c) return { open = c.time.hour >= 9 } end,
///     content_needs = function(request, slot, c, with) return { { "LRANGE", "recommended", "0", "3" } } end,
///     content = function(request, slot, replies, c, with) return { products = replies[1] } end,
///     check_content = function(with) assert(with.limit, "limit is missing") end,
///     response_fields = function(request, c) return { headers = { ["X-Open"] = "1" } } end,
///     on_exposure = function(request, exposures, response, c) return { { "HINCRBY", "seen", "pages", "1" } } end,
///   }
struct ProviderDefinition {
  struct Attribute {
    std::string name;  ///< without the provider's
    Type type;
    std::string description;
  };
  std::string name;
  std::vector<std::pair<std::string, std::string>> options;
  std::vector<Attribute> attributes;  ///< by name
  bool configures = false;
  bool needs = false;
  bool content_needs = false;
  bool provides_content = false;
  bool checks_content = false;
  bool adds_response_fields = false;
  bool observes_exposures = false;
  bool records = false;  ///< it has `record`, as in version 1 of the plugin interface
};

/// Statistics of a script, for counters.
struct Statistics {
  std::uint64_t calls = 0;
  std::uint64_t failures = 0;  ///< overruns included
  std::uint64_t overruns = 0;
  std::uint64_t paused = 0;       ///< calls that were not made because the script pauses
  std::uint64_t rebuilds = 0;     ///< states that were rebuilt after an overrun
  std::size_t memory = 0;         ///< bytes that it holds now
  std::string last_failure = {};  ///< "line 3: …"

  void add(const Statistics& other);
};

class State;

/// One file. Calls are serialized by a lock: a Lua state is not thread-safe.
class Script {
 public:
  /// Runs the file and collects its rules. Null if there are errors.
  static std::unique_ptr<Script> load(std::string_view source, std::vector<Error>& errors, const Budget& budget = {});
  ~Script();

  std::span<const RuleDefinition> rules() const { return rules_; }
  const std::deque<RecordDefinition>& records() const { return records_; }

  /// Nothing if the file does not return a table.
  const std::optional<ProviderDefinition>& provider() const { return provider_; }

  /// Makes the attributes of a schema, which stays where it is, known to the file's functions. False, with an
  /// error, if that does not fit into the script's memory.
  bool expose(const Schema& schema, std::vector<Error>& errors);
  /// The same, and calls each rule's functions once with no attribute known, to find names that do not exist.
  void bind(const Schema& schema, std::vector<Error>& errors);

  /// Whether a word is in the file: its functions may need what it means.
  bool mentions(std::string_view word) const { return words_.contains(word); }
  /// Attributes whose names are in the file, ascending: those that its functions may ask for.
  std::span<const AttributeId> attributes() const { return attributes_; }

  /// Whether a rule's condition holds: bool, or an error. True if it has none.
  Value condition(std::size_t rule, const Context& context, Arena& arena) const;
  /// What a rule's content function returns: `missing` for nil, or an error.
  Value content(std::size_t rule, const Context& context, Arena& arena) const;

  /// Calls the provider's `configure` with text by name, now and whenever the state is rebuilt.
  void configure(const std::vector<std::pair<std::string, std::string>>& options, std::vector<Error>& errors);
  /// Calls a function of the provider with these arguments, then `c`, then `last` if there is one: what it returns,
  /// missing if there is no such function, or an error.
  Value ask(const char* function, std::span<const Value> arguments, const Context& context, Arena& arena,
            const Value* last = nullptr) const;

  Statistics statistics() const;

 private:
  Script(std::string_view source, const Budget& budget);
  Value call(bool condition, std::size_t rule, const Context& context, Arena& arena) const;
  /// Calls the state, rebuilt if need be: `call(state, result)` gives the outcome.
  template <typename Call>
  Value in_state(Call call, Arena& arena) const;
  bool rebuild() const;
  void note_overrun() const;
  void find_attributes(const Schema& schema);

  std::string source_;
  std::set<std::string_view> words_;  // of `source_`
  std::size_t jumps_ = 0;             // words of it that are `goto` or `break`
  Budget budget_;
  const Schema* schema_ = nullptr;
  std::vector<RuleDefinition> rules_;
  std::deque<RecordDefinition> records_;
  std::optional<ProviderDefinition> provider_;
  std::vector<std::pair<std::string, std::string>> options_;  // of the provider
  bool configured_ = false;
  std::vector<AttributeId> attributes_;
  mutable std::mutex lock_;
  mutable std::unique_ptr<State> state_;  // null after an overrun, until the next call
  mutable Statistics statistics_;
  mutable std::uint32_t recent_overruns_ = 0;
  mutable std::chrono::steady_clock::time_point pause_until_{};
};

}  // namespace personalize::rules::lua
