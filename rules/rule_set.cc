#include "rules/rule_set.h"

#include "rules/compiled.h"
#include "rules/load/loader.h"

namespace personalize::rules {

std::string_view to_string(Lost lost) {
  switch (lost) {
    case Lost::disabled: return "disabled";
    case Lost::other_page: return "other_page";
    case Lost::schedule: return "schedule";
    case Lost::condition: return "condition";
    case Lost::missing_attribute: return "missing_attribute";
    case Lost::condition_error: return "condition_error";
    case Lost::priority: return "priority";
  }
  return "";
}

void describe_next(std::string_view value, std::string& text) {
  text += std::to_string(value.size());
  text += ' ';
  text += value;
}

void ListedOrder::add(std::string value) {
  describe_next(value, description_);
  keys_.emplace(std::move(value), static_cast<std::int64_t>(keys_.size()));
}

std::int64_t ListedOrder::key(std::string_view value) const {
  const auto found = keys_.find(value);
  return found == keys_.end() ? static_cast<std::int64_t>(keys_.size()) : found->second;
}

RuleSet::RuleSet() : impl_(std::make_unique<Impl>()) {}
RuleSet::~RuleSet() = default;

std::shared_ptr<const RuleSet> RuleSet::load(std::span<const SourceFile> files, const Schema& builtin,
                                             Diagnostics& diagnostics, const ReadFile& read, load::Sources* sources) {
  std::shared_ptr<RuleSet> set(new RuleSet);
  set->impl_->schema = builtin;
  Diagnostics found;
  load::Sources unneeded;
  load::Loader(*set->impl_, files, read, sources ? *sources : unneeded, found).load();
  const bool good = !has_errors(found);
  if (good) set->impl_->build_indexes();
  diagnostics.insert(diagnostics.end(), std::make_move_iterator(found.begin()), std::make_move_iterator(found.end()));
  return good ? set : nullptr;
}

const Schema& RuleSet::schema() const { return impl_->schema; }
const html::Selectors& RuleSet::selectors() const { return impl_->selectors; }
const Settings& RuleSet::settings() const { return impl_->settings; }
const EventRules& RuleSet::events() const { return *impl_->events; }
const html::FactSet& RuleSet::facts() const { return impl_->facts; }
std::span<const AttributeId> RuleSet::used_attributes() const { return impl_->used_attributes; }
std::span<const UsedKey> RuleSet::used_keys() const { return impl_->used_keys; }
std::span<const SlotId> RuleSet::sorted_slots() const { return impl_->sorted_slots; }
std::span<const ProviderId> RuleSet::content_providers() const { return impl_->content_providers; }
std::optional<ProviderId> RuleSet::content_provider(RuleId rule) const { return impl_->rules[rule].content; }
const Value& RuleSet::content_arguments(RuleId rule) const { return impl_->rules[rule].content_arguments->with; }
Diagnostic RuleSet::content_place(RuleId rule, std::string message) const {
  Diagnostic place = impl_->rules[rule].content_arguments->place;
  place.message = std::move(message);
  return place;
}
std::size_t RuleSet::slot_count() const { return impl_->slots.size(); }
std::size_t RuleSet::rule_count() const { return impl_->rules.size(); }
std::string_view RuleSet::slot_name(SlotId slot) const { return impl_->slots[slot].name; }
std::string_view RuleSet::slot_selector(SlotId slot) const { return impl_->slots[slot].selector; }
std::string_view RuleSet::rule_name(RuleId rule) const { return impl_->rules[rule].id; }
std::string_view RuleSet::version() const { return impl_->version; }
std::span<const RuleSet::ScriptFile> RuleSet::scripts() const { return impl_->scripts; }
std::span<const std::string> RuleSet::files() const { return impl_->files; }

}  // namespace personalize::rules
