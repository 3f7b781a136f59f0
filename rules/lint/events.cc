// Events that can never be made, or that say too little to be of use. Presets are left alone: nobody can mend them.
#include <algorithm>

#include "rules/cel/constraints.h"
#include "rules/events/fields.h"
#include "rules/events/mapping.h"
#include "rules/lint/findings.h"
#include "rules/load/event_format.h"

namespace personalize::rules::lint {
namespace {

using learn::events::EventName;
using rules::events::Mapping;

constexpr rules::events::Methods get = 1;

class EventLints {
 public:
  explicit EventLints(Findings& findings) : findings_(findings), mappings_(findings.set.events->impl().mappings) {
    for (const Mapping& mapping : mappings_)
      constraints_.push_back(mapping.when ? cel::Constraints(*mapping.when, terms_) : cel::Constraints());
  }

  void check() {
    for (std::size_t i = 0; i < mappings_.size(); ++i) {
      const Mapping& mapping = mappings_[i];
      if (mapping.place.file.starts_with(load::preset_prefix)) continue;
      if (!check_turn(i)) continue;
      if (mapping.reads_form && mapping.methods == get)
        add(mapping, "`request.form` is never known here, as a GET has no body: is `method: POST` missing?");
      check_content(mapping);
    }
  }

 private:
  /// Whether some request gets as far as this mapping.
  bool check_turn(std::size_t number) {
    const Mapping& mapping = mappings_[number];
    for (std::size_t before = 0; before < number; ++before) {
      const Mapping& other = mappings_[before];
      if (other.name != mapping.name || (mapping.methods & ~other.methods) != 0) continue;
      if (!other.pages.covers(mapping.pages) || !constraints_[number].implies(constraints_[before])) continue;
      const bool here = other.place.file == mapping.place.file;
      add(mapping, "this never makes " + load::in_quotes(to_string(mapping.name)) + ": the mapping at " +
                       (here ? "line " : other.place.file + ":") + std::to_string(other.place.line) +
                       " comes first, and matches whenever this one does");
      return false;
    }
    return true;
  }

  void check_content(const Mapping& mapping) {
    switch (mapping.name) {
      case EventName::purchase:
      case EventName::refund:
        if (!says(mapping, "transaction_id"))
          add(mapping, "without `transaction_id` it counts again each time the page is loaded again");
        break;
      case EventName::view_search_results:
        if (!says(mapping, "search_term")) add(mapping, "without `search_term` nobody knows what was searched for");
        break;
      case EventName::add_to_cart:
      case EventName::remove_from_cart:
      case EventName::add_to_wishlist:
      case EventName::select_item:
        if (!has_items(mapping)) add(mapping, "without `item_id` or `items` nobody knows which product it was");
        break;
      default: break;
    }
  }

  static bool says(const Mapping& mapping, std::string_view field) {
    return std::ranges::any_of(mapping.fields, [&](const rules::events::FieldProgram& program) {
      return rules::events::event_fields[program.field].name == field;
    });
  }

  static bool has_items(const Mapping& mapping) { return !mapping.items.empty() || mapping.item_list; }

  void add(const Mapping& mapping, std::string message) {
    Diagnostic diagnostic = mapping.place;
    diagnostic.message = std::move(message);
    findings_.found.push_back(std::move(diagnostic));
  }

  Findings& findings_;
  const std::vector<Mapping>& mappings_;
  cel::Terms terms_{findings_.set.events->impl().schema};
  std::vector<cel::Constraints> constraints_;  // by mapping
};

}  // namespace

void events(Findings& findings) { EventLints(findings).check(); }

}  // namespace personalize::rules::lint
