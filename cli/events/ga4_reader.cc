#include "cli/events/ga4_reader.h"

#include <charconv>
#include <cmath>
#include <optional>

#include "rules/countries.h"

namespace personalize::cli {
namespace {

using Ga4Json = nlohmann::json;
using learn::events::EventName;
using learn::events::Item;

const Ga4Json& member(const Ga4Json& object, const char* name) {
  static const Ga4Json nothing;
  const auto found = object.is_object() ? object.find(name) : object.end();
  return object.is_object() && found != object.end() ? *found : nothing;
}

/// A text, or a number as text; empty for all else, and for what GA4 writes where it knows nothing.
std::string text_of(const Ga4Json& value) {
  if (value.is_number()) return value.dump();
  if (!value.is_string()) return {};
  const auto& text = value.get_ref<const std::string&>();
  return text == "(not set)" ? std::string() : text;
}

template <class Number>
std::optional<Number> number_of(const Ga4Json& value) {
  const std::string text = text_of(value);
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  if constexpr (std::is_floating_point_v<Number>)
    if (!std::isfinite(number)) return std::nullopt;
  return number;
}

/// The value of one of `event_params`, whichever kind it is.
const Ga4Json& value_of(const Ga4Json& parameter) {
  const Ga4Json& value = member(parameter, "value");
  for (const char* kind : {"string_value", "int_value", "double_value", "float_value"})
    if (const Ga4Json& found = member(value, kind); !found.is_null()) return found;
  return member(value, "");
}

/// Of "https://shop.example/p/boots?x=1#top": "/p/boots".
std::string path_of(const std::string& url) {
  std::size_t begin = url.find("://");
  begin = begin == url.npos ? 0 : url.find('/', begin + 3);
  if (begin == url.npos) return "/";
  return url.substr(begin, std::min(url.find_first_of("?#", begin), url.size()) - begin);
}

std::string device_of(const std::string& category) { return category == "mobile" ? "phone" : category; }

}  // namespace

tl::expected<const learn::events::Event*, std::string> Ga4Reader::read(Ga4Json row) {
  row_ = std::move(row);
  event_ = {};
  texts_.clear();
  const std::string name = text_of(member(row_, "event_name"));
  const auto known = name == "user_engagement" ? EventName::dwell : learn::events::find_event_name(name);
  if (!known) return nullptr;
  event_.name = *known;
  if (auto found = identity(); !found) return tl::unexpected(found.error());
  parameters();
  if (event_.name == EventName::dwell && !event_.duration) return nullptr;
  place();
  items();
  return &event_;
}

tl::expected<void, std::string> Ga4Reader::identity() {
  const auto microseconds = number_of<std::int64_t>(member(row_, "event_timestamp"));
  if (!microseconds) return tl::unexpected<std::string>("`event_timestamp` must be microseconds since 1970");
  event_.time = *microseconds / 1000;
  event_.visitor = text(row_, "user_pseudo_id");
  if (event_.visitor.empty()) event_.visitor = text(row_, "user_id");
  if (event_.visitor.empty()) return tl::unexpected<std::string>("it needs a `user_pseudo_id`");
  return {};
}

void Ga4Reader::parameters() {
  for (const Ga4Json& parameter : member(row_, "event_params")) {
    const std::string key = text_of(member(parameter, "key"));
    const Ga4Json& value = value_of(parameter);
    if (key == "page_location" && event_.path.empty()) event_.path = keep(path_of(text_of(value)));
    if (key == "page_path") event_.path = keep(text_of(value));
    if (key == "event_id") event_.id = keep(text_of(value));
    if (key == "shop") event_.shop = keep(text_of(value));
    if (key == "page_referrer_class") event_.referrer = keep(text_of(value));
    if (key == "search_term") event_.search_term = keep(text_of(value));
    if (key == "currency") event_.currency = keep(text_of(value));
    if (key == "transaction_id") event_.transaction_id = keep(text_of(value));
    if (key == "value") event_.value = number_of<double>(value);
    if (key == "results") event_.results = number_of<std::int64_t>(value);
    if (key == "engagement_time_msec" && event_.name == EventName::dwell)
      event_.duration = number_of<std::int64_t>(value);
    if (key == "source") event_.campaign.utm_source = keep(text_of(value));
    if (key == "medium") event_.campaign.utm_medium = keep(text_of(value));
    if (key == "campaign") event_.campaign.utm_campaign = keep(text_of(value));
    if (key == "term") event_.campaign.utm_term = keep(text_of(value));
    if (key == "content") event_.campaign.utm_content = keep(text_of(value));
  }
  const Ga4Json& ecommerce = member(row_, "ecommerce");
  if (event_.transaction_id.empty()) event_.transaction_id = text(ecommerce, "transaction_id");
  if (!event_.value && event_.name == EventName::purchase)
    event_.value = number_of<double>(member(ecommerce, "purchase_revenue"));
  if (!event_.value && event_.name == EventName::refund)
    event_.value = number_of<double>(member(ecommerce, "refund_value"));
}

void Ga4Reader::place() {
  const Ga4Json& device = member(row_, "device");
  event_.device = keep(device_of(text_of(member(device, "category"))));
  event_.language = keep(text_of(member(device, "language")).substr(0, 2));
  event_.country = country(text(member(row_, "geo"), "country"));
}

void Ga4Reader::items() {
  for (const Ga4Json& row : member(row_, "items")) {
    if (!row.is_object() || event_.items.size() == learn::events::limits::max_items) continue;
    Item item;
    item.item_id = text(row, "item_id");
    item.item_name = text(row, "item_name");
    item.item_brand = text(row, "item_brand");
    item.item_category = text(row, "item_category");
    item.item_variant = text(row, "item_variant");
    item.price = number_of<double>(member(row, "price"));
    item.quantity = number_of<std::int64_t>(member(row, "quantity"));
    event_.items.push_back(item);
  }
}

std::string_view Ga4Reader::text(const Ga4Json& object, const char* name) {
  return keep(text_of(member(object, name)));
}

/// GA4 writes names: "Ireland".
std::string_view Ga4Reader::country(std::string_view name) {
  if (name.empty() || rules::is_country(name)) return name;
  const auto known = codes_.find(name);
  if (known != codes_.end()) return known->second;
  return codes_.emplace(name, rules::country_meant(name)).first->second;
}

}  // namespace personalize::cli
