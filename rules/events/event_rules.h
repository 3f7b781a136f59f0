// What rule files say is recorded of requests: `events` and `facts`, compiled.
#pragma once

#include <cstdint>
#include <memory>
#include <memory_resource>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "html/facts/page_facts.h"
#include "learn/events/event.h"
#include "rules/diagnostic.h"
#include "rules/schema.h"
#include "rules/value.h"

namespace personalize::rules {

/// A request whose response is over.
struct EventRequest {
  std::string_view method = {};
  std::string_view path = {};  ///< as for `PageRequest`
  Value form = {};             ///< its body's fields, a map of strings; missing if it has none that was read
  /// What the page says, by position in `RuleSet::facts()`; empty if it was not read.
  std::span<const html::FactValue> facts = {};
};

/// What events could not say, for counters.
struct Omissions {
  std::uint32_t fields = 0;         ///< values that are not what their field needs, or are too long
  std::uint64_t missing_facts = 0;  ///< a bit by position: a mapping that matched needs a fact that is not in the page
};

/// Why a mapping made no event.
enum class Unmade : std::uint8_t {
  other_method,
  other_page,         ///< `pages` do not match
  condition,          ///< `when` is false
  missing_attribute,  ///< `when` needs something that is not known
  condition_error,    ///< `when` failed to evaluate
  earlier,            ///< a mapping of the same event before it made one
  other_event,        ///< of `page_view`: the request is known to be something more
};
std::string_view to_string(Unmade why);

/// For `explain`: what a mapping made of a request.
struct EventCandidate {
  struct LeftOut {
    std::string field;  ///< "value", "items[0].price"
    std::string why;
  };
  learn::events::EventName name;
  Diagnostic place;  ///< of the mapping; without a message
  bool made = false;
  Unmade why = {};          ///< if not `made`
  std::string detail = {};  ///< the sub-expression that was false, with values
  std::vector<LeftOut> left_out = {};
  std::optional<learn::events::Event> event = {};  ///< if `made`
};

/// Immutable; shared by all threads. Of the mappings of one event, the first that matches makes it; `page_view` is made
/// only of requests that no other mapping matches.
class EventRules {
 public:
  struct Impl;  // rules/events/mapping.h

  explicit EventRules(std::unique_ptr<const Impl> impl);
  ~EventRules();
  EventRules(const EventRules&) = delete;
  EventRules& operator=(const EventRules&) = delete;

  bool empty() const;
  std::size_t mapping_count() const;

  /// False if such a request makes no event, whatever else is known of it. Cheap: to be asked for every request.
  bool applies_to(std::string_view method, std::string_view path) const;
  /// Whether fields of its body matter.
  bool reads_form(std::string_view method, std::string_view path) const;
  /// The fields of bodies that expressions mention, ascending …
  std::span<const std::string> form_fields() const;
  /// … or whether they may ask for any.
  bool reads_all_form_fields() const;
  /// By position in `RuleSet::facts()`: a bit for each that some mapping mentions.
  std::uint64_t used_facts() const;

  /// Adds an event for each mapping that matches, with `name` and what its mapping says; all else is the host's.
  /// `context` is of the rule set's schema. Texts belong to the arena, the context, the request or the rule set. Throws
  /// nothing but std::bad_alloc.
  Omissions make(const EventRequest& request, const Context& context, Arena& arena,
                 std::pmr::vector<learn::events::Event>& made) const;
  /// The same for all mappings, in the order in which they are asked; for tools.
  std::vector<EventCandidate> explain(const EventRequest& request, const Context& context, Arena& arena) const;

  const Impl& impl() const { return *impl_; }

 private:
  std::unique_ptr<const Impl> impl_;
};

}  // namespace personalize::rules
