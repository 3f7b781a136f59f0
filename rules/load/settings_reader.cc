#include "rules/load/settings_reader.h"

#include <algorithm>

#include "rules/load/file_format.h"
#include "rules/text/language_tag.h"

namespace personalize::rules::load {
namespace {

std::optional<double> read_degrees(const yaml::Document& document, const Fields& fields, std::string_view key,
                                   double most, Reports& reports) {
  const yaml::Node* node = fields.find(key);
  if (!node) return std::nullopt;
  const std::optional<double> degrees = parse_number(*node);
  if (!degrees || (*degrees >= -most && *degrees <= most)) return degrees;
  reports.add(document.at(*node, in_quotes(key) + " must be degrees from -" + std::to_string(static_cast<int>(most)) +
                                     " to " + std::to_string(static_cast<int>(most))));
  return std::nullopt;
}

}  // namespace

void SettingsReader::read_stores(const yaml::Document& document, const Fields& file) {
  const yaml::Node* stores = file.find("stores");
  if (!stores) return;
  constexpr std::size_t max_stores = 10'000;  // the nearest is found by looking at each
  for (const yaml::Node* node : stores->items) {
    const Fields fields(document, *node, store_object, reports_);
    const auto latitude = read_degrees(document, fields, "latitude", max_latitude, reports_);
    const auto longitude = read_degrees(document, fields, "longitude", max_longitude, reports_);
    const yaml::Node* id = fields.find("id");
    const auto number = static_cast<std::uint32_t>(settings_.stores.size());
    if (!id || !define(sources_.stores, "store", document, *id, number, reports_) || !latitude || !longitude) continue;
    if (number >= max_stores)
      return reports_.add(document.at(*node, "more than " + std::to_string(max_stores) + " stores"));
    settings_.stores.push_back({id->text, fields.text("name"), *latitude, *longitude});
  }
}

void SettingsReader::read_languages(const yaml::Document& document, const Fields& file) {
  for (const yaml::Node* language : file.texts("languages")) {
    std::vector<std::string>& known = settings_.languages;
    if (!text::is_language_tag(language->text)) {
      reports_.add(document.at(*language, text::not_a_language(in_quotes(language->text))));
    } else if (std::find(known.begin(), known.end(), language->text) == known.end()) {
      known.push_back(language->text);
    }
  }
}

}  // namespace personalize::rules::load
