// Definitions that nothing uses.
#include "rules/lint/findings.h"

namespace personalize::rules::lint {
namespace {

void report(Findings& findings, const load::Definition& definition, std::string_view kind, std::string_view why) {
  findings.add(*definition.document, *definition.node,
               std::string(kind) + " " + load::in_quotes(definition.node->text) + " is not used: " + std::string(why));
}

}  // namespace

void unused(Findings& findings) {
  const load::Sources& sources = findings.sources;
  for (const auto& [name, slot] : sources.slots) {
    const Slot& known = findings.set.slots[slot.number];
    if (known.candidates.empty() && known.disabled.empty())
      report(findings, slot, "slot", "no rule fills it, and it has no fallback");
  }
  for (const auto& [name, segment] : sources.segments) {
    const auto* known = findings.set.environment->segment(name);
    if (known && !known->mentioned) report(findings, segment, "segment", "no condition mentions it");
  }
  for (const auto& [name, partial] : sources.partials)
    if (!partial.used) report(findings, partial, "partial", "no template says {{> " + std::string(name) + "}}");
  for (const auto& [name, block] : sources.blocks)
    if (!block.used) report(findings, block, "block", "nothing says `use: " + std::string(name) + "`");
  for (const auto& [name, holidays] : sources.holidays)
    if (!holidays.used) report(findings, holidays, "list of holidays", "no schedule mentions it");
}

}  // namespace personalize::rules::lint
