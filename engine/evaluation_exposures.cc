// What plugins add to the response of a page, and what they are told of it once it is over.
#include <cassert>
#include <new>

#include "engine/evaluation_impl.h"
#include "rules/decide/edit_owners.h"

namespace personalize::engine {

std::span<const plugins::Header> Evaluation::response_fields() {
  Impl& v = *impl_;
  for (const plugins::PluginSet::LoadedPlugin* loaded : engine_->plugins_.adding_fields()) {
    const std::size_t first = v.response_fields.size();
    const bool done = attempt(*loaded, [&] {
      plugins::ResponseFields fields(v.response_fields, plugins::KnownAttributes(v.context.values()), v.memory);
      loaded->plugin->add_response_fields(v.request, fields);
    });
    if (!done) v.response_fields.resize(first);
  }
  return v.response_fields;
}

plugins::PageExposures Evaluation::exposures(const Sent& sent) const {
  Impl& v = *impl_;
  const rules::RuleSet& rules = engine_->rules();
  auto* exposures = static_cast<plugins::Exposure*>(
      v.memory.allocate((v.decisions.size() + 1) * sizeof(plugins::Exposure), alignof(plugins::Exposure)));
  const auto owners = rules::owners_of(v.edits, v.decisions, rules, v.memory);
  const std::span<const html::Edit> edits = v.edits;
  for (std::size_t i = 0, first = 0; i < v.decisions.size(); ++i) {
    std::size_t last = first;
    assert(owners.size() == edits.size());
    while (last < owners.size() && owners[last] == i) ++last;
    const auto results =
        sent.results.size() >= last ? sent.results.subspan(first, last - first) : std::span<const html::EditResult>();
    const std::string_view reason = why_not_applied(edits.subspan(first, last - first), results);
    new (exposures + i) plugins::Exposure{.slot = rules.slot_name(v.decisions[i].slot),
                                          .rule = rules.rule_name(v.decisions[i].rule),
                                          .applied = reason.empty(),
                                          .reason = reason};
    if (i < v.contents.size()) exposures[i].items = item_ids(v.contents[i], v.memory);
    first = last;
  }
  return {.exposures = {exposures, v.decisions.size()},
          .response = {.status = sent.status,
                       .bytes = sent.bytes,
                       .complete = sent.complete,
                       .head = v.request.method == "HEAD",
                       .prefetch = is_prefetch(v.request),
                       .bot = engine_->is_bot_ && v.context[*engine_->is_bot_].is_true()},
          .known = plugins::KnownAttributes(v.context.values())};
}

std::span<const plugins::Fetch> Evaluation::record(const Sent& sent) {
  Impl& v = *impl_;
  const auto observing = engine_->plugins_.observing();
  if (observing.empty()) return {};
  const std::string_view visitor = this->visitor().recorded();
  if (visitor.empty()) return {};
  const plugins::PageExposures page = exposures(sent);
  for (const plugins::PluginSet::LoadedPlugin* loaded : observing) {
    const std::size_t first = v.records.size();
    const bool done = attempt(*loaded, [&] {
      plugins::Commands commands(v.records, v.prefix, visitor, v.memory);
      loaded->plugin->on_exposure(v.request, page, commands);
    });
    if (!done) v.records.resize(first);
  }
  return v.records;
}

}  // namespace personalize::engine
