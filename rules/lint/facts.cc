// Facts that are missing in pages of the shop.
#include "html/facts/fact_reader.h"
#include "rules/events/mapping.h"
#include "rules/lint/lint.h"
#include "rules/load/fields.h"

namespace personalize::rules {
namespace {

constexpr events::Methods get_method = 1;

bool is_found(const html::FactDeclaration& fact, const html::FactValue& value) {
  return fact.count ? value.count != 0 : value.known;
}

}  // namespace

Diagnostics lint_facts(const RuleSet& set, std::span<const Page> pages) {
  Diagnostics found;
  const auto declared = set.facts().declarations();
  for (const Page& page : pages) {
    if (page.path.empty() || declared.empty()) continue;
    const html::PageFacts facts = html::read_facts(set.facts(), page.html);
    for (const events::Mapping& mapping : set.events().impl().mappings) {
      // Where something else decides, too, it may be another page that is meant.
      if (mapping.when || mapping.pages.empty() || !mapping.pages.match(page.path)) continue;
      if ((mapping.methods & get_method) == 0) continue;
      for (std::size_t i = 0; i < declared.size(); ++i) {
        if ((mapping.facts >> i & 1) == 0 || is_found(declared[i], facts.declared[i])) continue;
        found.push_back({.file = std::string(page.name),
                         .line = 0,
                         .message = "fact " + load::in_quotes(declared[i].name) + " is not in this page, and " +
                                    load::in_quotes(to_string(mapping.name)) + " (" + mapping.place.file + ":" +
                                    std::to_string(mapping.place.line) + ") needs it",
                         .severity = Diagnostic::Severity::warning});
      }
    }
  }
  return found;
}

}  // namespace personalize::rules
