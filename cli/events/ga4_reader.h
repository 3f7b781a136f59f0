// Rows of Google Analytics 4's export to BigQuery, as JSON.
#pragma once

#include <deque>
#include <map>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "learn/events/event.h"

namespace personalize::cli {

class Ga4Reader {
 public:
  /// The row has what GA4's rows have.
  static bool is_row(const nlohmann::json& row) { return row.is_object() && row.contains("event_name"); }

  /// Its event; null: one that is none of ours (session_start, scroll …). Or what is wrong with it. The event and its
  /// texts belong to this reader, until the next call.
  tl::expected<const learn::events::Event*, std::string> read(nlohmann::json row);

 private:
  using Json = nlohmann::json;

  tl::expected<void, std::string> identity();
  void parameters();
  void place();
  void items();
  std::string_view keep(std::string text) { return texts_.emplace_back(std::move(text)); }
  std::string_view text(const Json& object, const char* name);
  std::string_view country(std::string_view name);

  Json row_;
  learn::events::Event event_;
  std::deque<std::string> texts_;                          // what the event's views point to
  std::map<std::string, std::string, std::less<>> codes_;  // of countries, by name
};

}  // namespace personalize::cli
