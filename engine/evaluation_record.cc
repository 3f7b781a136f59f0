// What became of the page, and what plugins write down of it.
#include <cassert>
#include <new>

#include "engine/evaluation_impl.h"
#include "rules/decide/edit_owners.h"

namespace personalize::engine {

Outcome Evaluation::outcome(const Sent& sent) const {
  Impl& v = *impl_;
  auto* decisions = static_cast<DecisionOutcome*>(
      v.memory.allocate((v.decisions.size() + 1) * sizeof(DecisionOutcome), alignof(DecisionOutcome)));
  const auto owners = rules::owners_of(v.edits, v.decisions, engine_->rules(), v.memory);
  const std::span<const html::Edit> edits = v.edits;
  for (std::size_t i = 0, first = 0; i < v.decisions.size(); ++i) {
    std::size_t last = first;
    assert(owners.size() == edits.size());
    while (last < owners.size() && owners[last] == i) ++last;
    const auto results =
        sent.results.size() >= last ? sent.results.subspan(first, last - first) : std::span<const html::EditResult>();
    new (decisions + i) DecisionOutcome(outcome_of(edits.subspan(first, last - first), results));
    first = last;
  }
  return {.sent = sent,
          .head = v.request.method == "HEAD",
          .prefetch = is_prefetch(v.request),
          .bot = engine_->is_bot_ && v.context[*engine_->is_bot_].is_true(),
          .decisions = {decisions, v.decisions.size()}};
}

std::span<const plugins::Fetch> Evaluation::record(const Sent& sent) {
  Impl& v = *impl_;
  const plugins::PluginSet& plugins = engine_->plugins_;
  if (plugins.recording().empty()) return {};
  const std::string_view visitor = this->visitor().recorded();
  if (visitor.empty()) return {};
  const Outcome outcome = this->outcome(sent);
  if (!outcome.is_view()) return {};
  const rules::RuleSet& rules = engine_->rules();
  std::pmr::vector<plugins::Shown> shown(&v.memory);
  for (std::size_t i = 0; i < v.decisions.size(); ++i) {
    const auto [slot, rule] = v.decisions[i];
    if (outcome.decisions[i].applied) shown.push_back({rules.slot_name(slot), rules.rule_name(rule)});
  }
  for (const plugins::PluginSet::LoadedPlugin* loaded : plugins.recording()) {
    const std::size_t first = v.records.size();
    const bool done = attempt(*loaded, [&] {
      plugins::Commands commands(v.records, v.prefix, visitor, v.memory);
      loaded->plugin->record(v.request, {shown}, commands);
    });
    if (!done) v.records.resize(first);
  }
  return v.records;
}

}  // namespace personalize::engine
