// Events as rows of Google Analytics 4's export to BigQuery, as JSON: name, parameters, items
// (https://support.google.com/analytics/answer/7029846).
#include <fmt/chrono.h>
#include <fmt/format.h>

#include <chrono>
#include <string>

#include "cli/events/formats.h"
#include "learn/events/json_text.h"

namespace personalize::cli {
namespace {

using learn::events::Event;
using learn::events::EventName;
using learn::events::Exposure;
using learn::events::Item;
using learn::events::JsonWriter;

void member(JsonWriter& json, std::string_view name, std::string_view text) {
  if (text.empty()) return;
  json.key(name);
  json.text(text);
}

/// One of `event_params`: a name and one of several kinds of value.
template <class Value>
void parameter(JsonWriter& json, std::string_view name, std::string_view kind, const Value& write) {
  json.begin_object();
  member(json, "key", name);
  json.key("value");
  json.begin_object();
  json.key(kind);
  write();
  json.end_object();
  json.end_object();
}

void text_parameter(JsonWriter& json, std::string_view name, std::string_view text) {
  if (!text.empty()) parameter(json, name, "string_value", [&] { json.text(text); });
}

/// Whole numbers are texts, as in BigQuery's own JSON.
void count_parameter(JsonWriter& json, std::string_view name, const std::optional<std::int64_t>& count) {
  if (count) parameter(json, name, "int_value", [&] { json.text(std::to_string(*count)); });
}

std::string_view ga4_name(EventName name) { return name == EventName::dwell ? "user_engagement" : to_string(name); }

std::string_view ga4_device(std::string_view device) { return device == "phone" ? "mobile" : device; }

void head(JsonWriter& json, const Event& event, std::string_view name) {
  const std::chrono::sys_time<std::chrono::milliseconds> time{std::chrono::milliseconds(event.time)};
  json.begin_object();
  member(json, "event_date", fmt::format("{:%Y%m%d}", std::chrono::floor<std::chrono::seconds>(time)));
  member(json, "event_timestamp", std::to_string(event.time) + "000");
  member(json, "event_name", name);
  member(json, "user_pseudo_id", event.visitor);
}

void tail(JsonWriter& json, const Event& event) {
  if (!event.device.empty() || !event.language.empty()) {
    json.key("device");
    json.begin_object();
    member(json, "category", ga4_device(event.device));
    member(json, "language", event.language);
    json.end_object();
  }
  if (!event.country.empty()) {
    json.key("geo");
    json.begin_object();
    member(json, "country", event.country);
    json.end_object();
  }
}

void items(JsonWriter& json, const Event& event) {
  if (event.items.empty()) return;
  json.key("items");
  json.begin_array();
  for (const Item& item : event.items) {
    json.begin_object();
    member(json, "item_id", item.item_id);
    member(json, "item_name", item.item_name);
    member(json, "item_brand", item.item_brand);
    member(json, "item_category", item.item_category);
    member(json, "item_variant", item.item_variant);
    if (item.price) {
      json.key("price");
      json.number(*item.price);
    }
    if (item.quantity) member(json, "quantity", std::to_string(*item.quantity));
    json.end_object();
  }
  json.end_array();
}

void ecommerce(JsonWriter& json, const Event& event) {
  if (event.name != EventName::purchase && event.name != EventName::refund) return;
  json.key("ecommerce");
  json.begin_object();
  member(json, "transaction_id", event.transaction_id);
  if (event.value) {
    json.key(event.name == EventName::purchase ? "purchase_revenue" : "refund_value");
    json.number(*event.value);
  }
  json.end_object();
}

void common_parameters(JsonWriter& json, const Event& event) {
  text_parameter(json, "event_id", event.id);
  text_parameter(json, "shop", event.shop);
  text_parameter(json, "page_path", event.path);
}

class Ga4 final : public ExportFormat {
 public:
  void append(std::string& out, const Event& event) override {
    append_event(out, event);
    for (const Exposure& exposure : event.shown)
      if (exposure.applied) append_exposure(out, event, exposure);
  }

 private:
  static void append_event(std::string& out, const Event& event) {
    JsonWriter json(out);
    head(json, event, ga4_name(event.name));
    json.key("event_params");
    json.begin_array();
    common_parameters(json, event);
    text_parameter(json, "page_referrer_class", event.referrer);
    text_parameter(json, "search_term", event.search_term);
    text_parameter(json, "currency", event.currency);
    text_parameter(json, "transaction_id", event.transaction_id);
    if (event.value) parameter(json, "value", "double_value", [&] { json.number(*event.value); });
    count_parameter(json, "results", event.results);
    count_parameter(json, "engagement_time_msec", event.duration);
    text_parameter(json, "source", event.campaign.utm_source);
    text_parameter(json, "medium", event.campaign.utm_medium);
    text_parameter(json, "campaign", event.campaign.utm_campaign);
    text_parameter(json, "term", event.campaign.utm_term);
    text_parameter(json, "content", event.campaign.utm_content);
    json.end_array();
    tail(json, event);
    ecommerce(json, event);
    items(json, event);
    json.end_object();
    out += '\n';
  }

  /// What a rule has shown is an event of its own there.
  static void append_exposure(std::string& out, const Event& event, const Exposure& exposure) {
    JsonWriter json(out);
    head(json, event, "view_promotion");
    json.key("event_params");
    json.begin_array();
    common_parameters(json, event);
    text_parameter(json, "promotion_id", exposure.rule);
    text_parameter(json, "creative_slot", exposure.slot);
    if (!exposure.experiment.empty())
      text_parameter(json, "exp_variant_string",
                     fmt::format("personalize-{}-{}", exposure.experiment, exposure.variation));
    json.end_array();
    tail(json, event);
    if (!exposure.items.empty()) {
      json.key("items");
      json.begin_array();
      for (const std::string_view id : exposure.items) {
        json.begin_object();
        member(json, "item_id", id);
        json.end_object();
      }
      json.end_array();
    }
    json.end_object();
    out += '\n';
  }
};

}  // namespace

std::unique_ptr<ExportFormat> ga4_format() { return std::make_unique<Ga4>(); }

}  // namespace personalize::cli
