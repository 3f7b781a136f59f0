#include "engine/events/make_events.h"

#include <algorithm>

namespace personalize::engine {
namespace {

using learn::events::Event;
using learn::events::EventName;

/// What a visitor does by following a link, and what may be answered by a redirect; all else that is asked for by GET
/// is a page that he sees.
bool may_be_link(EventName name) {
  switch (name) {
    case EventName::add_to_cart:
    case EventName::remove_from_cart:
    case EventName::add_to_wishlist:
    case EventName::select_item:
    case EventName::select_promotion:
    case EventName::login:
    case EventName::sign_up:
    case EventName::share: return true;
    default: return false;
  }
}

bool is_view(const plugins::Request& request, EventName name) { return request.method == "GET" && !may_be_link(name); }

bool succeeded(const plugins::ResponseEnd& response) { return response.status >= 200 && response.status < 400; }
bool is_gone(const plugins::ResponseEnd& response) { return response.status == 404 || response.status == 410; }

/// Nobody has seen or done it; NoEvent::none: somebody may have.
NoEvent why_nobody(const plugins::ResponseEnd& response) {
  if (response.bot) return NoEvent::bot;
  if (response.prefetch) return NoEvent::speculative;
  return succeeded(response) || is_gone(response) ? NoEvent::none : NoEvent::response;
}

std::vector<learn::events::Exposure> logged(std::span<const plugins::Exposure> exposures) {
  std::vector<learn::events::Exposure> shown;
  shown.reserve(exposures.size());
  for (const plugins::Exposure& exposure : exposures)
    shown.push_back({.slot = exposure.slot,
                     .rule = exposure.rule,
                     .experiment = exposure.experiment,
                     .variation = exposure.variation,
                     .applied = exposure.applied});
  return shown;
}

std::span<const html::FactValue> declared_in(const KeptFacts& facts, rules::Arena& arena) {
  const std::size_t count = facts.declared_count();
  if (count == 0) return {};
  auto* values =
      static_cast<html::FactValue*>(arena.allocate(count * sizeof(html::FactValue), alignof(html::FactValue)));
  for (std::size_t i = 0; i < count; ++i) new (values + i) html::FactValue(facts.declared(i));
  return {values, count};
}

void take(std::string_view text, std::string_view& unknown) {
  if (unknown.empty()) unknown = text;
}

/// What the page's own data says of the product that was looked at, where the mapping says nothing.
void take_product(const KeptFacts& facts, Event& event) {
  const KeptFacts::Product product = facts.product(event.path);
  if (product.kind != learn::events::FactsKind::product || event.items.size() > 1) return;
  if (event.items.empty()) {
    if (product.ids == 0) return;
    event.items.emplace_back();
  }
  learn::events::Item& item = event.items.front();
  if (product.ids != 0) take(facts.id(0).id, item.item_id);
  take(product.name, item.item_name);
  take(product.brand, item.item_brand);
  take(product.category, item.item_category);
  if (!item.price) item.price = product.price;
  if (item.price == product.price) take(product.currency, event.currency);
}

/// Those that did not happen, as the response says, go.
void keep_what_happened(std::pmr::vector<Event>& events, const plugins::Request& request,
                        const plugins::ResponseEnd& response, bool seen) {
  const bool gone = is_gone(response);
  std::erase_if(events, [&](Event& event) {
    if (gone) return event.name != EventName::view_item || !opens_page(request) || response.head;
    return is_view(request, event.name) && !seen;
  });
  if (gone)
    for (Event& event : events) event.name = EventName::item_gone;
}

void tell_what_was_shown(MadeEvents& made, const plugins::Request& request,
                         std::span<const plugins::Exposure> exposures) {
  if (exposures.empty()) return;
  auto view = std::ranges::find_if(made.events, [&](const Event& event) { return is_view(request, event.name); });
  if (view == made.events.end()) view = made.events.insert(made.events.begin(), Event{});
  view->shown = logged(exposures);
}

}  // namespace

std::string_view to_string(NoEvent why) {
  switch (why) {
    case NoEvent::none: return "none";
    case NoEvent::no_match: return "no_match";
    case NoEvent::no_visitor: return "no_visitor";
    case NoEvent::no_consent: return "no_consent";
    case NoEvent::bot: return "bot";
    case NoEvent::speculative: return "speculative";
    case NoEvent::response: return "response";
  }
  return "unknown";
}

bool opens_page(const plugins::Request& request) {
  const std::string_view destination = request.header("Sec-Fetch-Dest");
  return request.method == "GET" && (destination.empty() || destination == "document");
}

MadeEvents make_events(Evaluation& evaluation, const RecordedRequest& recorded) {
  const plugins::Request& request = evaluation.request();
  MadeEvents made(evaluation.arena());
  const Visitor visitor = evaluation.identify();
  const std::string_view id = visitor.id.empty() ? recorded.issued_id : visitor.id;
  if (!visitor.measurement || id.empty()) {
    made.why = visitor.measurement ? NoEvent::no_visitor : NoEvent::no_consent;
    return made;
  }
  const rules::Context& context = evaluation.attributes();
  const plugins::PageExposures page = evaluation.exposures(recorded.sent);
  made.why = why_nobody(page.response);
  if (made.why != NoEvent::none) return made;

  made.omissions = evaluation.engine().rules().events().make({.method = request.method,
                                                              .path = request.path,
                                                              .form = recorded.form,
                                                              .facts = declared_in(recorded.facts, evaluation.arena())},
                                                             context, evaluation.arena(), made.events);
  const bool matched = !made.events.empty() || !evaluation.decisions().empty();
  const bool seen = recorded.is_page && opens_page(request) && page.response.viewed();
  keep_what_happened(made.events, request, page.response, seen);
  if (seen) tell_what_was_shown(made, request, page.exposures);
  if (made.events.empty()) made.why = matched ? NoEvent::response : NoEvent::no_match;
  for (Event& event : made.events) {
    event.time = request.now_us / 1000;
    event.visitor = id;
    event.confirmed = !visitor.id.empty();
    event.path = request.path;
    evaluation.engine().event_attributes().fill_in(context, event);
    if (event.name == EventName::view_item) take_product(recorded.facts, event);
  }
  return made;
}

}  // namespace personalize::engine
