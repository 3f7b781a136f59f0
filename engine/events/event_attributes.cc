#include "engine/events/event_attributes.h"

namespace personalize::engine {
namespace {

using learn::events::Campaign;
using learn::events::Event;

template <class Owner>
struct AttributeOf {
  std::string_view name;
  std::string_view Owner::*member;
};
constexpr AttributeOf<Event> event_attributes[] = {
    {"geo.country", &Event::country},
    {"device.type", &Event::device},
    {"request.language", &Event::language},
    {"request.referrer_class", &Event::referrer},
};
constexpr AttributeOf<Campaign> campaign_attributes[] = {
    {"request.utm_source", &Campaign::utm_source},     {"request.utm_medium", &Campaign::utm_medium},
    {"request.utm_campaign", &Campaign::utm_campaign}, {"request.utm_term", &Campaign::utm_term},
    {"request.utm_content", &Campaign::utm_content},
};

constexpr std::size_t max_text_bytes = 256;  // so that no address makes long events

void take_text(const rules::Value& value, std::string_view& text) {
  if (value.is(rules::Kind::string) && value.text().size() <= max_text_bytes) text = value.text();
}

}  // namespace

EventAttributes::EventAttributes(const rules::Schema& schema) {
  const auto find = [&](std::string_view name) {
    const auto id = schema.find(name);
    if (id) used_.push_back(*id);
    return id;
  };
  for (const auto& [name, member] : event_attributes)
    if (const auto id = find(name)) texts_.emplace_back(*id, member);
  for (const auto& [name, member] : campaign_attributes)
    if (const auto id = find(name)) campaign_.emplace_back(*id, member);
  if (const auto bot = schema.find(rules::Role::bot)) used_.push_back(*bot);
}

void EventAttributes::fill_in(const rules::Context& context, Event& event) const {
  for (const auto& [id, member] : texts_) take_text(context[id], event.*member);
  for (const auto& [id, member] : campaign_) take_text(context[id], event.campaign.*member);
}

}  // namespace personalize::engine
