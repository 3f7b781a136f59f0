#include "rules/events/event_rules.h"

#include <algorithm>

#include "rules/events/mapping.h"

namespace personalize::rules {

namespace events {

std::optional<std::size_t> find_method(std::string_view name) {
  const auto* const found = std::ranges::find(methods, name);
  if (found == methods.end()) return std::nullopt;
  return static_cast<std::size_t>(found - methods.begin());
}

namespace {

void add_to_index(MethodIndex& index, const Mapping& mapping, std::uint32_t number) {
  if (mapping.pages.empty()) return index.on_all_pages.push_back(number);
  const std::uint32_t list = index.pages.add(mapping.pages);
  if (list >= index.by_list.size()) index.by_list.resize(list + 1);
  index.by_list[list].push_back(number);
}

bool some_match(const std::array<MethodIndex, methods.size()>& indexes, std::string_view method,
                std::string_view path) {
  const auto number = find_method(method);
  if (!number) return false;
  const MethodIndex& index = indexes[*number];
  return !index.on_all_pages.empty() || index.pages.matches(path);
}

}  // namespace
}  // namespace events

std::string_view to_string(Unmade why) {
  switch (why) {
    case Unmade::other_method: return "other_method";
    case Unmade::other_page: return "other_page";
    case Unmade::condition: return "condition";
    case Unmade::missing_attribute: return "missing_attribute";
    case Unmade::condition_error: return "condition_error";
    case Unmade::earlier: return "earlier";
    case Unmade::other_event: return "other_event";
  }
  return "";
}

void EventRules::Impl::build_indexes() {
  for (std::uint32_t number = 0; number < mappings.size(); ++number) {
    const events::Mapping& mapping = mappings[number];
    for (std::size_t method = 0; method < events::methods.size(); ++method) {
      if ((mapping.methods >> method & 1) == 0) continue;
      events::add_to_index(index[method], mapping, number);
      if (mapping.reads_form) events::add_to_index(form_index[method], mapping, number);
    }
  }
  for (auto* indexes : {&index, &form_index})
    for (events::MethodIndex& one : *indexes) one.pages.build();
}

EventRules::EventRules(std::unique_ptr<const Impl> impl) : impl_(std::move(impl)) {}
EventRules::~EventRules() = default;

bool EventRules::empty() const { return impl_->mappings.empty(); }
std::size_t EventRules::mapping_count() const { return impl_->mappings.size(); }

bool EventRules::applies_to(std::string_view method, std::string_view path) const {
  return events::some_match(impl_->index, method, path);
}

bool EventRules::reads_form(std::string_view method, std::string_view path) const {
  return events::some_match(impl_->form_index, method, path);
}

std::span<const std::string> EventRules::form_fields() const { return impl_->form_fields; }
bool EventRules::reads_all_form_fields() const { return impl_->all_form_fields; }
std::uint64_t EventRules::used_facts() const { return impl_->used_facts; }

}  // namespace personalize::rules
