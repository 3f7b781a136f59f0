// A compiled set of rules: what a merchandiser's files become when they are loaded, and how they decide.
#pragma once

#include <functional>
#include <memory>
#include <memory_resource>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "html/edits/edit.h"
#include "html/facts/fact_set.h"
#include "html/selectors/selectors.h"
#include "rules/diagnostic.h"
#include "rules/key_use.h"
#include "rules/schema.h"
#include "rules/settings.h"
#include "rules/value.h"

namespace personalize::rules {

class EventRules;  // rules/events/event_rules.h

namespace lua {
class Script;
}

namespace load {
struct Sources;  // rules/load/sources.h
}

/// Larger rule files are refused.
inline constexpr std::size_t max_source_bytes = 8 * 1024 * 1024;
/// … and sets that are larger with all that they include.
inline constexpr std::size_t max_total_source_bytes = 64 * 1024 * 1024;

/// A rule file as it was read. `name` is what diagnostics show.
struct SourceFile {
  std::string name;
  std::string text;
};

/// The text of a file that another one includes, or why it cannot be read (lower case, no full stop).
using ReadFile = std::function<tl::expected<std::string, std::string>(const std::string& path)>;

/// What rules need to know about a request besides its attributes.
struct PageRequest {
  std::string_view path;                      ///< normalized, percent-decoded, without query: matched against `pages`
  std::int64_t now_us = 0;                    ///< microseconds since 1970 UTC, for schedules
  std::string_view visitor_zone;              ///< IANA name or empty
  std::string_view other_visitors_zone = {};  ///< configured for visitors whose own is not known, or empty
};

/// Numbers of a slot or rule in file order, from 0. `html::SlotId` of a slot's selector is its `SlotId`.
using SlotId = html::SlotId;
using RuleId = std::uint32_t;

/// Why a rule that could have filled a slot on this page did not.
enum class Lost : std::uint8_t {
  disabled,           ///< `enabled: false`
  other_page,         ///< the slot's or the rule's `pages` do not match
  schedule,           ///< not now
  condition,          ///< `when` is false
  missing_attribute,  ///< `when` mentions an attribute that is not known
  condition_error,    ///< `when` failed to evaluate
  priority,           ///< another rule won
};
std::string_view to_string(Lost lost);

/// The winner of one slot and operation target.
struct Decision {
  SlotId slot;
  RuleId rule;
};

/// For `explain`: one candidate, and why it won or lost.
struct Candidate {
  SlotId slot;
  RuleId rule;
  bool won;
  Lost lost;                    ///< if not `won`
  std::string detail;           ///< e.g. the sub-expression that was false, with values
  std::string no_content = {};  ///< if `won`: why it changes nothing nevertheless
};

/// Winners in slot order; memory is the arena's that `decide` was given.
using Decisions = std::pmr::vector<Decision>;

class RuleSet {
 public:
  struct Impl;  // rules/compiled.h

  /// Compiles files against `builtin` (the plugins' attributes); attributes that the files declare are added to the
  /// set's own schema. `read` is asked for files that they `include`, by path relative to the including file's name;
  /// without it nothing can be included. All mistakes of all files are reported; null if one of them is an error.
  /// Throws nothing but std::bad_alloc. `sources`, empty before, is for tools: it gets the files and what stands where
  /// in them.
  static std::shared_ptr<const RuleSet> load(std::span<const SourceFile> files, const Schema& builtin,
                                             Diagnostics& diagnostics, const ReadFile& read = {},
                                             load::Sources* sources = nullptr);
  ~RuleSet();

  const Schema& schema() const;
  const html::Selectors& selectors() const;
  const Settings& settings() const;
  /// What is recorded of requests.
  const EventRules& events() const;
  /// What is read from pages for that.
  const html::FactSet& facts() const;
  /// Ids of the attributes that some enabled rule's condition or content, or an event, mentions, ascending.
  std::span<const AttributeId> used_attributes() const;
  /// Keys of those that are maps, each once.
  std::span<const UsedKey> used_keys() const;
  /// Slots whose children some enabled rule may reorder, ascending.
  std::span<const SlotId> sorted_slots() const;
  /// The plugins that enabled rules have their content from, ascending …
  std::span<const ProviderId> content_providers() const;
  /// … and a rule's.
  std::optional<ProviderId> content_provider(RuleId rule) const;
  /// What a rule that has one tells it: a map of constants, which may be empty …
  const Value& content_arguments(RuleId rule) const;
  /// … and a mistake in that.
  Diagnostic content_place(RuleId rule, std::string message) const;
  std::size_t slot_count() const;
  std::size_t rule_count() const;
  std::string_view slot_name(SlotId slot) const;
  std::string_view slot_selector(SlotId slot) const;
  std::string_view rule_name(RuleId rule) const;  ///< its `id`
  /// Hash (XXH3, 16 hexadecimal digits) of the text of all files, including included ones, in the order in which they
  /// were loaded. Names do not matter.
  std::string_view version() const;
  /// Names of all files, including included ones, in the order in which they were loaded.
  std::span<const std::string> files() const;

  /// A file of rules in Lua.
  struct ScriptFile {
    std::string name;
    std::unique_ptr<lua::Script> script;
  };
  std::span<const ScriptFile> scripts() const;

  /// False if no slot is on that page, so that nothing needs to be fetched or decided.
  bool applies_to(std::string_view path) const;

  /// Decides every slot of the page. Does not throw on any input; conditions that fail are false.
  Decisions decide(const PageRequest& page, const Context& context, Arena& arena) const;
  /// The same, with the reason why each candidate won or lost; for tools, not for the data path.
  Decisions explain(const PageRequest& page, const Context& context, Arena& arena,
                    std::vector<Candidate>& candidates) const;

  /// Renders the winners' content: one `html::Edit` per operation, ready for the rewriter, memory from `arena`.
  /// `contents`: by decision, what a plugin returned for it; a rule does nothing if its content is missing or cannot be
  /// used in templates (see rules/content.h).
  std::pmr::vector<html::Edit> render(const Decisions& decisions, const Context& context, Arena& arena,
                                      std::span<const Value> contents = {}) const;

  const Impl& impl() const { return *impl_; }

 private:
  RuleSet();
  std::unique_ptr<Impl> impl_;
};

}  // namespace personalize::rules
