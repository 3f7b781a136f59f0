#include "learn/events/beacon.h"

#include <simdjson.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <deque>
#include <new>
#include <optional>
#include <string>

namespace personalize::learn::events {
namespace {

namespace dom = simdjson::dom;
using Wrong = std::optional<BeaconVerdict>;

constexpr std::size_t max_beacon_depth = 16;
constexpr std::size_t max_path = 2048, max_text = 500, max_id = 128;  // bytes
constexpr std::int64_t max_duration = limits::max_beacon_age;
constexpr std::int64_t max_quantity = 1'000'000;
constexpr double max_money = 1e12;

/// Ids may be numbers, as shops number their products.
bool take_text(const dom::element& value, std::string_view& text, std::size_t max, std::deque<std::string>& numbers) {
  if (value.is_int64())
    text = numbers.emplace_back(std::to_string(value.get_int64().value_unsafe()));
  else if (value.get(text) != simdjson::SUCCESS)
    return false;
  return text.size() <= max;
}

bool take_money(const dom::element& value, std::optional<double>& number) {
  double read = 0;
  if (value.get(read) != simdjson::SUCCESS || !(read >= 0 && read <= max_money)) return false;
  number = read;
  return true;
}

bool take_count(const dom::element& value, std::optional<std::int64_t>& number, std::int64_t max) {
  std::int64_t read = 0;
  if (value.get(read) != simdjson::SUCCESS || read < 0 || read > max) return false;
  number = read;
  return true;
}

/// Without its query string, which may say more than one wants to know.
bool take_path(const dom::element& value, std::string_view& path) {
  if (value.get(path) != simdjson::SUCCESS || !path.starts_with('/')) return false;
  path = path.substr(0, path.find_first_of("?#"));
  return path.size() <= max_path;
}

/// Three letters, as ISO 4217 has them.
bool take_currency(const dom::element& value, std::string_view& currency) {
  return value.get(currency) == simdjson::SUCCESS && currency.size() == 3 &&
         std::ranges::all_of(currency, [](char c) { return c >= 'A' && c <= 'Z'; });
}

bool is_about_items(EventName name) {
  using enum EventName;
  constexpr std::array names = {view_item, view_item_list, select_item, add_to_cart, remove_from_cart, add_to_wishlist};
  return std::ranges::find(names, name) != names.end();
}

}  // namespace

std::string_view to_string(BeaconVerdict verdict) {
  constexpr std::array<std::string_view, static_cast<std::size_t>(BeaconVerdict::last) + 1> names = {
      "accepted", "no_object", "unknown_name", "forbidden_name", "wrong_type", "incomplete", "future", "too_old"};
  return names[static_cast<std::size_t>(verdict)];
}

class BeaconReader::Impl {
 public:
  Impl() : parser_(limits::max_beacon_bytes) {
    if (parser_.allocate(limits::max_beacon_bytes, max_beacon_depth) != simdjson::SUCCESS) throw std::bad_alloc();
  }

  tl::expected<std::span<const BeaconEvent>, BeaconProblem> read(std::string_view body, std::int64_t now,
                                                                 bool trust_purchase) {
    if (body.size() > limits::max_beacon_bytes) return tl::unexpected(BeaconProblem::too_large);
    now_ = now;
    trust_purchase_ = trust_purchase;
    numbers_.clear();
    events_.clear();
    dom::element document;
    if (parser_.parse(body.data(), body.size()).get(document) != simdjson::SUCCESS)
      return tl::unexpected(BeaconProblem::not_json);
    dom::array list;
    if (document["events"].get(list) != simdjson::SUCCESS) return tl::unexpected(BeaconProblem::not_events);
    if (list.size() > limits::max_beacon_events) return tl::unexpected(BeaconProblem::too_many);
    for (const dom::element& element : list) {
      BeaconEvent& added = events_.emplace_back();
      added.verdict = judge(element, added.event).value_or(BeaconVerdict::accepted);
    }
    return std::span<const BeaconEvent>(events_);
  }

 private:
  /// Nothing: it is accepted.
  Wrong judge(const dom::element& element, Event& event) {
    dom::object object;
    std::string_view name;
    if (element.get(object) != simdjson::SUCCESS || object["name"].get(name) != simdjson::SUCCESS)
      return BeaconVerdict::no_object;
    const std::optional<EventName> known = find_event_name(name);
    if (!known) return BeaconVerdict::unknown_name;
    const bool trusted = trust_purchase_ && *known == EventName::purchase;
    if (!browsers_may_say(*known) && !trusted) return BeaconVerdict::forbidden_name;
    event.name = *known;
    event.time = now_;
    for (const auto& [key, value] : object)
      if (!member(event, key, value)) return BeaconVerdict::wrong_type;
    if (event.time > now_ + limits::max_clock_error) return BeaconVerdict::future;
    if (event.time < now_ - limits::max_beacon_age) return BeaconVerdict::too_old;
    event.time = std::min(event.time, now_);
    return is_complete(event) ? Wrong() : BeaconVerdict::incomplete;
  }

  static bool is_complete(const Event& event) {
    if (event.name == EventName::dwell) return event.duration.has_value();
    if (event.name == EventName::purchase) return !event.transaction_id.empty();
    return !is_about_items(event.name) || !event.items.empty();
  }

  /// False: it is wrong.
  bool member(Event& event, std::string_view key, const dom::element& value) {
    if (value.is_null()) return true;
    if (key == "time") return value.get(event.time) == simdjson::SUCCESS;
    if (key == "path") return take_path(value, event.path);
    if (key == "currency") return take_currency(value, event.currency);
    if (key == "value") return take_money(value, event.value);
    if (key == "duration") return take_count(value, event.duration, max_duration);
    if (key == "transaction_id") return take_text(value, event.transaction_id, max_id, numbers_);
    return key != "items" || items(event, value);
  }

  bool items(Event& event, const dom::element& value) {
    dom::array list;
    if (value.get(list) != simdjson::SUCCESS) return false;
    event.items.clear();
    for (const dom::element& element : list) {
      dom::object object;
      if (element.get(object) != simdjson::SUCCESS) return false;
      if (event.items.size() == limits::max_items) return true;
      Item& item = event.items.emplace_back();
      for (const auto& [key, member] : object)
        if (!this->member(item, key, member)) return false;
      if (item.item_id.empty()) return false;
    }
    return true;
  }

  bool member(Item& item, std::string_view key, const dom::element& value) {
    if (value.is_null()) return true;
    if (key == "item_id") return take_text(value, item.item_id, max_id, numbers_);
    if (key == "item_name") return take_text(value, item.item_name, max_text, numbers_);
    if (key == "item_brand") return take_text(value, item.item_brand, max_text, numbers_);
    if (key == "item_category") return take_text(value, item.item_category, max_text, numbers_);
    if (key == "item_variant") return take_text(value, item.item_variant, max_text, numbers_);
    if (key == "price") return take_money(value, item.price);
    return key != "quantity" || take_count(value, item.quantity, max_quantity);
  }

  dom::parser parser_;
  std::int64_t now_ = 0;
  bool trust_purchase_ = false;
  std::deque<std::string> numbers_;  // texts that were numbers
  std::vector<BeaconEvent> events_;
};

BeaconReader::BeaconReader() : impl_(std::make_unique<Impl>()) {}
BeaconReader::~BeaconReader() = default;
BeaconReader::BeaconReader(BeaconReader&&) noexcept = default;
BeaconReader& BeaconReader::operator=(BeaconReader&&) noexcept = default;

tl::expected<std::span<const BeaconEvent>, BeaconProblem> BeaconReader::read(std::string_view body, std::int64_t now,
                                                                             bool trust_purchase) {
  return impl_->read(body, now, trust_purchase);
}

}  // namespace personalize::learn::events
