#include "module/status/format.h"

#include <algorithm>

#include "module/coding/weighted_list.h"

namespace personalize::module {
namespace {

// How precisely a range names a format. If it has parameters that the format does not have it names another version of
// it: a client that asks for that gets our version rather than the other format.
enum Precision : int { nothing, anything, type, other_version, subtype, version };

/// `range` is an element's name, as in "text/*".
int precision(std::string_view range, std::string_view type_name, std::string_view subtype_name) {
  if (range == "*/*") return anything;
  const std::size_t slash = range.find('/');
  if (slash == range.npos || !same(range.substr(0, slash), type_name)) return nothing;
  const std::string_view rest = range.substr(slash + 1);
  return rest == "*" ? type : same(rest, subtype_name) ? subtype : nothing;
}

bool is_our_text(std::string_view parameters) {
  while (!parameters.empty()) {
    const auto [name, value] = take_parameter(parameters);
    const bool ours = (same(name, "version") && (value == "0.0.4" || value == "\"0.0.4\"")) ||
                      (same(name, "charset") && (same(value, "utf-8") || same(value, "\"utf-8\"")));
    if (!ours) return false;
  }
  return true;
}

}  // namespace

void AcceptedFormat::Range::narrow(int new_precision, int new_quality) {
  if (new_precision == nothing || new_precision < precision) return;
  quality = new_precision > precision ? new_quality : std::max(quality, new_quality);
  precision = new_precision;
}

void AcceptedFormat::read(std::string_view field) {
  while (!field.empty()) {
    const WeightedElement element = take_element(field);
    if (!element.quality) continue;
    const bool plain = element.parameters.empty();
    const int json = precision(element.name, "application", "json");
    const int text = precision(element.name, "text", "plain");
    json_.narrow(json == subtype && !plain ? other_version : json, *element.quality);
    text_.narrow(text != subtype || plain          ? text
                 : is_our_text(element.parameters) ? version
                                                   : other_version,
                 *element.quality);
    if (same(element.name, "application/openmetrics-text")) open_metrics_ = std::max(open_metrics_, *element.quality);
  }
}

bool AcceptedFormat::is_prometheus() const { return std::max(text_.quality, open_metrics_) > json_.quality; }

}  // namespace personalize::module
