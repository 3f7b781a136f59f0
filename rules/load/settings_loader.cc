// The part of the loader that reads what rule files say for plugins.
#include <algorithm>

#include "rules/load/loader.h"
#include "rules/text/language_tag.h"

namespace personalize::rules::load {
std::optional<double> Loader::read_degrees(const yaml::Document& document, const Fields& fields, std::string_view key,
                                           double most) {
  const yaml::Node* node = fields.find(key);
  if (!node) return std::nullopt;
  const std::optional<double> degrees = parse_number(*node);
  if (!degrees || (*degrees >= -most && *degrees <= most)) return degrees;
  reports_.add(document.at(*node, in_quotes(key) + " must be degrees from -" + std::to_string(static_cast<int>(most)) +
                                      " to " + std::to_string(static_cast<int>(most))));
  return std::nullopt;
}

void Loader::read_stores(const File& file) {
  const yaml::Node* stores = file.fields->find("stores");
  if (!stores) return;
  constexpr std::size_t max_stores = 10'000;  // the nearest is found by looking at each
  const yaml::Document& document = *file.document;
  for (const yaml::Node* node : stores->items) {
    const Fields fields(document, *node, store_object, reports_);
    const auto latitude = read_degrees(document, fields, "latitude", max_latitude);
    const auto longitude = read_degrees(document, fields, "longitude", max_longitude);
    const yaml::Node* id = fields.find("id");
    const auto number = static_cast<std::uint32_t>(set_.settings.stores.size());
    if (!id || !define(sources_.stores, "store", document, *id, number) || !latitude || !longitude) continue;
    if (number >= max_stores)
      return reports_.add(document.at(*node, "more than " + std::to_string(max_stores) + " stores"));
    set_.settings.stores.push_back({id->text, fields.text("name"), *latitude, *longitude});
  }
}

void Loader::read_languages(const File& file) {
  for (const yaml::Node* language : file.fields->texts("languages")) {
    std::vector<std::string>& known = set_.settings.languages;
    if (!text::is_language_tag(language->text)) {
      reports_.add(file.document->at(*language, text::not_a_language(in_quotes(language->text))));
    } else if (std::find(known.begin(), known.end(), language->text) == known.end()) {
      known.push_back(language->text);
    }
  }
}

}  // namespace personalize::rules::load
