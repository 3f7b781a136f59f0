#include "module/page/remains.h"

#include "module/page/exchange.h"

namespace personalize::module {

std::string decisions(const Exchange& exchange) {
  if (exchange.remains) return std::string(exchange.remains->decisions);
  std::string text;
  if (!exchange.decided) return text;
  const rules::RuleSet& rules = exchange.evaluation->engine().rules();
  for (const rules::Decision& decision : exchange.evaluation->decisions()) {
    if (!text.empty()) text += ',';
    text.append(rules.slot_name(decision.slot)).append("=").append(rules.rule_name(decision.rule));
  }
  return text;
}

std::string unmade_edits(const Exchange& exchange) {
  if (exchange.remains) return std::string(exchange.remains->unmade_edits);
  std::string text;
  std::span<const html::EditResult> results = exchange.results();
  if (results.empty()) return text;
  std::span<const html::Edit> edits = exchange.evaluation->edits();
  const rules::RuleSet& rules = exchange.evaluation->engine().rules();
  for (std::size_t i = 0; i < results.size(); ++i) {
    bool told = i != 0 && edits[i].slot == edits[i - 1].slot && results[i - 1].reason != html::Skip::none;
    if (results[i].reason == html::Skip::none || told) continue;
    if (!text.empty()) text += ',';
    text.append(rules.slot_name(edits[i].slot)).append("=").append(html::to_string(results[i].reason));
  }
  return text;
}

std::string_view profile_status(const Exchange& exchange) {
  if (exchange.remains) return to_string(exchange.remains->profile_status);
  return exchange.evaluation ? to_string(exchange.evaluation->profile_status()) : std::string_view();
}

Remains remains_of(const Exchange& exchange) {
  const auto keep = [&](std::string_view text) { return view(copy(exchange.request->pool, text)); };
  return {keep(exchange.evaluation->engine().rules().version()), keep(decisions(exchange)),
          keep(unmade_edits(exchange)), exchange.evaluation->profile_status()};
}

}  // namespace personalize::module
