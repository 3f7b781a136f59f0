#include "learn/events/event_json.h"

#include <simdjson.h>
#include <xxhash.h>

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <deque>
#include <new>
#include <span>
#include <utility>

#include "learn/events/json_text.h"

namespace personalize::learn::events {
namespace {

namespace dom = simdjson::dom;

/// Members of an object that are texts or numbers, by name: for writing and for reading.
template <class Object, class Member>
struct Field {
  std::string_view name;
  Member Object::*member;
};

using EventText = Field<Event, std::string_view>;
// In the order in which they are written; `name` stands between the first four and the others.
constexpr std::array event_identity{EventText{"id", &Event::id}, EventText{"shop", &Event::shop},
                                    EventText{"visitor", &Event::visitor}};
constexpr std::array event_texts{
    EventText{"path", &Event::path},         EventText{"country", &Event::country},
    EventText{"device", &Event::device},     EventText{"language", &Event::language},
    EventText{"referrer", &Event::referrer}, EventText{"search_term", &Event::search_term},
    EventText{"currency", &Event::currency}, EventText{"transaction_id", &Event::transaction_id}};
using CampaignText = Field<Campaign, std::string_view>;
constexpr std::array campaign_texts{
    CampaignText{"utm_source", &Campaign::utm_source}, CampaignText{"utm_medium", &Campaign::utm_medium},
    CampaignText{"utm_campaign", &Campaign::utm_campaign}, CampaignText{"utm_term", &Campaign::utm_term},
    CampaignText{"utm_content", &Campaign::utm_content}};
using EventCount = Field<Event, std::optional<std::int64_t>>;
constexpr std::array event_counts{EventCount{"results", &Event::results}, EventCount{"duration", &Event::duration}};
using ItemText = Field<Item, std::string_view>;
constexpr std::array item_texts{ItemText{"item_id", &Item::item_id}, ItemText{"item_name", &Item::item_name},
                                ItemText{"item_brand", &Item::item_brand},
                                ItemText{"item_category", &Item::item_category},
                                ItemText{"item_variant", &Item::item_variant}};
using ExposureText = Field<Exposure, std::string_view>;
constexpr std::array exposure_texts{ExposureText{"slot", &Exposure::slot}, ExposureText{"rule", &Exposure::rule},
                                    ExposureText{"experiment", &Exposure::experiment},
                                    ExposureText{"variation", &Exposure::variation}};

// --- writing --------------------------------------------------------------------------------------------------------

void write_texts(JsonWriter& out, const auto& fields, const auto& object) {
  for (const auto& field : fields) {
    if ((object.*field.member).empty()) continue;
    out.key(field.name);
    out.text(object.*field.member);
  }
}

void write_number(JsonWriter& out, std::string_view name, const auto& number) {
  if (!number) return;
  out.key(name);
  out.number(*number);
}

void write(JsonWriter& out, const Item& item) {
  out.begin_object();
  write_texts(out, item_texts, item);
  write_number(out, "price", item.price);
  write_number(out, "quantity", item.quantity);
  out.end_object();
}

void write(JsonWriter& out, const Exposure& exposure) {
  out.begin_object();
  write_texts(out, exposure_texts, exposure);
  out.key("applied");
  out.boolean(exposure.applied);
  if (!exposure.items.empty()) {
    out.key("items");
    out.begin_array();
    for (std::string_view id : exposure.items) out.text(id);
    out.end_array();
  }
  out.end_object();
}

template <class T>
void write_list(JsonWriter& out, std::string_view name, const std::vector<T>& list, std::size_t max) {
  if (list.empty()) return;
  out.key(name);
  out.begin_array();
  for (const T& element : std::span(list).first(std::min(list.size(), max))) write(out, element);
  out.end_array();
}

// --- reading --------------------------------------------------------------------------------------------------------

/// The field's text. Numbers count as texts too: shops number their products.
void read_text(const dom::element& element, std::string_view& text, std::deque<std::string>& numbers) {
  if (element.is_string()) {
    text = element.get_string().value_unsafe();
  } else if (element.is_int64() || element.is_uint64()) {
    text = numbers.emplace_back(element.is_int64() ? std::to_string(element.get_int64().value_unsafe())
                                                   : std::to_string(element.get_uint64().value_unsafe()));
  }
}

/// The field's number. Texts count as numbers too: many tools write "129.00".
template <class Number>
void read_number(const dom::element& element, std::optional<Number>& number) {
  Number value{};
  if (element.get(value) != simdjson::SUCCESS) {
    std::string_view text;
    if (element.get(text) != simdjson::SUCCESS) return;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc() || end != text.data() + text.size()) return;
  }
  if (std::isfinite(static_cast<double>(value))) number = value;
}

void read_flag(const dom::element& element, bool& flag) {
  if (bool value; element.get(value) == simdjson::SUCCESS) flag = value;
}

tl::unexpected<std::string> refused(std::string why) { return tl::unexpected(std::move(why)); }

}  // namespace

void append_json(std::string& out, const Event& event) {
  JsonWriter writer(out);
  writer.begin_object();
  writer.key("time");
  writer.number(event.time);
  write_texts(writer, event_identity, event);
  writer.key("confirmed");
  writer.boolean(event.confirmed);
  writer.key("name");
  writer.text(to_string(event.name));
  write_texts(writer, event_texts, event);
  write_number(writer, "value", event.value);
  for (const EventCount& count : event_counts) write_number(writer, count.name, event.*count.member);
  write_texts(writer, campaign_texts, event.campaign);
  write_list(writer, "items", event.items, limits::max_items);
  write_list(writer, "shown", event.shown, limits::max_exposures);
  writer.end_object();
}

class EventReader::Impl {
 public:
  Impl() : parser_(limits::max_event_bytes) {
    if (parser_.allocate(limits::max_event_bytes, max_depth) != simdjson::SUCCESS) throw std::bad_alloc();
  }

  tl::expected<const Event*, std::string> read(std::string_view line) {
    if (line.size() > limits::max_event_bytes) return refused("it is longer than 64 kB");
    if (line.empty()) return refused("it is not JSON: there is nothing");
    clear();
    dom::element document;
    if (const auto error = parser_.parse(line.data(), line.size()).get(document); error != simdjson::SUCCESS)
      return refused(std::string("it is not JSON: ") + simdjson::error_message(error));
    dom::object object;
    if (document.get(object) != simdjson::SUCCESS) return refused("it is not a JSON object");
    bool has_time = false;
    std::string_view name;
    for (const auto& [key, value] : object) {
      if (key == "time") has_time = value.get(event_.time) == simdjson::SUCCESS;
      if (key == "name") read_text(value, name, numbers_);
      member(key, value);
    }
    if (!has_time) return refused("`time` must be milliseconds since 1970");
    if (event_.visitor.empty()) return refused("it needs a `visitor`");
    const std::optional<EventName> known = find_event_name(name);
    if (!known) return refused(name.empty() ? "it needs a `name`" : "unknown event `" + std::string(name) + "`");
    event_.name = *known;
    if (event_.id.empty()) event_.id = hash(line);
    return &event_;
  }

 private:
  static constexpr std::size_t max_depth = 8;

  void clear() {
    event_ = Event();
    numbers_.clear();
  }

  void member(std::string_view key, const dom::element& value) {
    if (texts(event_identity, event_, key, value) || texts(event_texts, event_, key, value) ||
        texts(campaign_texts, event_.campaign, key, value))
      return;
    for (const EventCount& count : event_counts)
      if (count.name == key) return read_number(value, event_.*count.member);
    if (key == "value") return read_number(value, event_.value);
    if (key == "confirmed") read_flag(value, event_.confirmed);
    if (key == "items") list(value, event_.items, limits::max_items);
    if (key == "shown") list(value, event_.shown, limits::max_exposures);
  }

  bool texts(const auto& fields, auto& object, std::string_view key, const dom::element& value) {
    for (const auto& field : fields) {
      if (field.name != key) continue;
      read_text(value, object.*field.member, numbers_);
      return true;
    }
    return false;
  }

  template <class T>
  void list(const dom::element& value, std::vector<T>& list, std::size_t max) {
    dom::array elements;
    if (value.get(elements) != simdjson::SUCCESS) return;
    for (const dom::element& element : elements) {
      dom::object object;
      if (list.size() == max) return;
      if (element.get(object) != simdjson::SUCCESS) continue;
      T& added = list.emplace_back();
      for (const auto& [key, member] : object) read_member(added, key, member);
    }
  }

  void read_member(Item& item, std::string_view key, const dom::element& value) {
    if (texts(item_texts, item, key, value)) return;
    if (key == "price") read_number(value, item.price);
    if (key == "quantity") read_number(value, item.quantity);
  }

  void read_member(Exposure& exposure, std::string_view key, const dom::element& value) {
    if (texts(exposure_texts, exposure, key, value)) return;
    if (key == "applied") read_flag(value, exposure.applied);
    dom::array ids;
    if (key != "items" || value.get(ids) != simdjson::SUCCESS) return;
    for (const dom::element& id : ids) {
      if (exposure.items.size() == limits::max_items) return;
      if (std::string_view text; read_text(id, text, numbers_), !text.empty()) exposure.items.push_back(text);
    }
  }

  std::string_view hash(std::string_view line) {
    constexpr std::string_view hex = "0123456789abcdef";
    const XXH128_hash_t bits = XXH3_128bits(line.data(), line.size());
    hash_.clear();
    for (const std::uint64_t half : {bits.high64, bits.low64})
      for (int shift = 60; shift >= 0; shift -= 4) hash_ += hex[half >> shift & 15];
    return hash_;
  }

  dom::parser parser_;
  Event event_;
  std::deque<std::string> numbers_;  // texts that were numbers: they stay where they are
  std::string hash_;
};

EventReader::EventReader() : impl_(std::make_unique<Impl>()) {}
EventReader::~EventReader() = default;
EventReader::EventReader(EventReader&&) noexcept = default;
EventReader& EventReader::operator=(EventReader&&) noexcept = default;

tl::expected<const Event*, std::string> EventReader::read(std::string_view line) { return impl_->read(line); }

}  // namespace personalize::learn::events
