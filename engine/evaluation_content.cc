// What plugins have for the slots that rules won with their content.
#include <cassert>
#include <stdexcept>

#include "engine/evaluation_impl.h"
#include "rules/content.h"

namespace personalize::engine {

bool Evaluation::content_due() const {
  return impl_->stage < Impl::Stage::chosen && !engine_->rules().content_providers().empty();
}

std::span<const plugins::Fetch> Evaluation::fetch_content() {
  Impl& v = *impl_;
  if (!content_due() || v.pending != 0) return {};
  choose_rules();
  const rules::RuleSet& rules = engine_->rules();
  const std::size_t before = v.fetches.size();
  for (std::size_t i = 0; i < v.decisions.size(); ++i) {
    const std::size_t first = v.fetches.size();
    bool asked = true;
    if (const auto provider = rules.content_provider(v.decisions[i].rule)) {
      const plugins::PluginSet::LoadedPlugin& loaded = engine_->plugins_.content_provider(*provider);
      asked = attempt(loaded, [&] {
        plugins::Fetches fetches(v.fetches, v.prefix, visitor().read(), v.context.values(), v.memory);
        loaded.plugin->content_needs(v.request, content_request(i), fetches);
      });
      if (!asked) v.fetches.resize(first);
    }
    v.content_shares.push_back({first, v.fetches.size(), !asked});
  }
  v.pending = v.fetches.size() - before;
  v.replies.resize(v.fetches.size());
  v.statuses.resize(v.fetches.size(), FetchStatus::pending);
  return std::span(v.fetches).subspan(before);
}

plugins::ContentRequest Evaluation::content_request(std::size_t decision) {
  Impl& v = *impl_;
  const auto [slot, rule] = v.decisions[decision];
  const rules::RuleSet& rules = engine_->rules();
  return {rules.slot_name(slot), rules.rule_name(rule), rules.content_arguments(rule),
          plugins::KnownAttributes(v.context.values()), v.memory};
}

/// What a plugin has for the winner of a slot.
void Evaluation::take_content(std::size_t decision) {
  Impl& v = *impl_;
  const auto provider = engine_->rules().content_provider(v.decisions[decision].rule);
  assert(decision < v.content_shares.size() && decision < v.contents.size());
  const Impl::Share& share = v.content_shares[decision];
  if (!provider || share.failed) return;
  const plugins::PluginSet::LoadedPlugin& loaded = engine_->plugins_.content_provider(*provider);
  attempt(loaded, [&] {
    const rules::Value content = loaded.plugin->content(v.request, content_request(decision), share.of(v.replies));
    if (!rules::fit_for_templates(content))
      throw std::runtime_error("its content cannot be put into a page: it is not UTF-8, or nested too deeply");
    v.contents[decision] = content;
  });
}

}  // namespace personalize::engine
