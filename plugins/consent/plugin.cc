#include "plugins/consent/plugin.h"

#include <iterator>

#include "plugins/consent/tcf.h"

namespace personalize::plugins {
namespace {

using rules::Kind;
using rules::Value;

constexpr AttributeRow rows[] = {
    {"personalization", {Kind::boolean}, "the profile may be read, content may be chosen by it"},
    {"measurement", {Kind::boolean}, "what was shown may be recorded"},
    {"source", {Kind::string}, "what decided: not_required, gpc, dnt, tcf, cookie, country or none"},
    {"gpc", {Kind::boolean}, "the browser signals Global Privacy Control"},
    {"dnt", {Kind::boolean}, "the browser signals Do Not Track"},
    {"tcf_purposes", {Kind::list, Kind::int64}, "numbers of the purposes agreed to in the TCF cookie"},
};
static_assert(std::size(rows) == ConsentPlugin::field_count);

Value purposes_of(const TcfConsent& tcf, rules::Arena& arena) {
  auto* list = static_cast<Value*>(arena.allocate(24 * sizeof(Value), alignof(Value)));
  std::size_t size = 0;
  for (unsigned number = 1; number <= 24; ++number)
    if (tcf.purpose(number)) new (list + size++) Value(Value::int64(number));
  return Value::list({list, size});
}

}  // namespace

void ConsentPlugin::configure(const Settings& settings) {
  policy_ = std::make_unique<ConsentPolicy>(settings.consent);
}

std::span<const AttributeRow> ConsentPlugin::attributes() const {
  return rows;
}

void ConsentPlugin::activate(Activation& activation) { geo_country_ = activation.use("geo.country"); }

void ConsentPlugin::resolve(const Request& request, std::span<const Reply>, Attributes& attributes) const {
  std::string_view country;
  if (geo_country_ && attributes.get(*geo_country_).is(Kind::string))
    country = attributes.get(*geo_country_).text();
  const Consent consent = policy_->decide(request, country);
  attributes.set(personalization, Value::boolean(consent.personalization));
  attributes.set(measurement, Value::boolean(consent.measurement));
  attributes.set(source, Value::string(to_string(consent.source)));
  attributes.set(gpc, Value::boolean(request.header("sec-gpc") == "1"));
  attributes.set(dnt, Value::boolean(request.header("dnt") == "1"));
  if (attributes.wants(tcf_purposes))
    if (const auto tcf = parse_tcf(request.cookie("euconsent-v2")))
      attributes.set(tcf_purposes, purposes_of(*tcf, attributes.arena()));
}

}  // namespace personalize::plugins
