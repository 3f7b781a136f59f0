// Events as comma-separated values: texts and numbers as they are, lists as JSON.
#include <array>
#include <optional>
#include <string>

#include "cli/events/csv.h"
#include "cli/events/event_columns.h"
#include "cli/events/formats.h"
#include "learn/events/event_json.h"
#include "learn/events/json_text.h"

namespace personalize::cli {
namespace {

using learn::events::Event;

/// The member's list as it stands in the JSON form.
std::string list_of(const std::string& json, std::string_view name) {
  const std::string begin = "\"" + std::string(name) + "\":[";
  const std::size_t at = json.rfind(begin);
  return at == json.npos ? std::string() : json.substr(at + begin.size() - 1);
}

template <class Number>
void append_number(std::string& out, const std::optional<Number>& number) {
  if (number) learn::events::JsonWriter(out).number(*number);
}

class Csv final : public ExportFormat {
 public:
  void begin(std::string& out) override {
    for (const std::string_view& name : event_columns) (out += &name == event_columns.data() ? "" : ",") += name;
    out += "\r\n";
  }

  void append(std::string& out, const Event& event) override {
    const auto next = [&out](std::string_view value) {
      out += ',';
      append_csv(out, value);
    };
    out += std::to_string(event.time);
    for (const std::string_view text : {event.id, event.shop, event.visitor}) next(text);
    next(event.confirmed ? "true" : "false");
    next(to_string(event.name));
    for (const std::string_view text :
         {event.path, event.country, event.device, event.language, event.referrer, event.search_term, event.currency,
          event.transaction_id, event.campaign.utm_source, event.campaign.utm_medium, event.campaign.utm_campaign,
          event.campaign.utm_term, event.campaign.utm_content})
      next(text);
    append_number(out += ',', event.value);
    append_number(out += ',', event.results);
    append_number(out += ',', event.duration);
    next(list("items", {.items = event.items, .shown = {}}));
    next(list("shown", {.items = {}, .shown = event.shown}));
    out += "\r\n";
  }

 private:
  /// The list alone is written, as the last member of an event that has nothing else.
  std::string list(std::string_view name, const Event& alone) {
    json_.clear();
    learn::events::append_json(json_, alone);
    std::string list = list_of(json_, name);
    if (!list.empty()) list.pop_back();  // the object's brace
    return list;
  }

  std::string json_;
};

}  // namespace

std::unique_ptr<ExportFormat> csv_format() { return std::make_unique<Csv>(); }

}  // namespace personalize::cli
