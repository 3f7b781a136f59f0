#include "plugins/consent/plugin.h"

#include <iterator>

#include "plugins/consent/signals.h"
#include "plugins/consent/tcf.h"

namespace personalize::plugins {
namespace {

using rules::Kind;
using rules::Value;

constexpr AttributeRow consent_rows[] = {
    {"personalization", {Kind::boolean}, "the profile may be read, content may be chosen by it"},
    {"measurement", {Kind::boolean}, "what was shown may be recorded"},
    {"source", {Kind::string}, "what decided: not_required, gpc, dnt, gpp, usprivacy, tcf, cookie, country or none"},
    {"gpc", {Kind::boolean}, "the browser signals Global Privacy Control"},
    {"dnt", {Kind::boolean}, "the browser signals Do Not Track"},
    {"tcf_purposes", {Kind::list, Kind::int64}, "numbers of the purposes agreed to in the TCF cookie"},
    {"tcf_special_features",
     {Kind::list, Kind::int64},
     "numbers of the special features agreed to there: 1 is the precise place, 2 scanning the device"},
};
static_assert(std::size(consent_rows) == ConsentPlugin::field_count);

/// The numbers of the bits that are set, the lowest being 1.
Value numbers_of(std::uint32_t bits, rules::Arena& arena) {
  auto* list = static_cast<Value*>(arena.allocate(32 * sizeof(Value), alignof(Value)));
  std::size_t size = 0;
  for (unsigned number = 1; bits != 0; ++number, bits >>= 1)
    if ((bits & 1) != 0) new (list + size++) Value(Value::int64(number));
  return Value::list({list, size});
}

}  // namespace

void ConsentPlugin::configure(const Settings& settings) { policy_ = std::make_unique<ConsentPolicy>(settings.consent); }

std::span<const AttributeRow> ConsentPlugin::attributes() const { return consent_rows; }

std::span<const RoleRow> ConsentPlugin::roles() const {
  static constexpr RoleRow rows[] = {
      {personalization, rules::Role::consent_personalization},
      {measurement, rules::Role::consent_measurement},
  };
  return rows;
}

void ConsentPlugin::activate(Activation& activation) {
  if (policy_->asks_for_country()) geo_country_ = activation.use("geo.country");
}

void ConsentPlugin::resolve(const Request& request, std::span<const Reply>, Attributes& attributes) const {
  std::string_view country;
  if (geo_country_ && attributes.get(*geo_country_).is(Kind::string)) country = attributes.get(*geo_country_).text();
  const Consent consent = policy_->decide(request, country);
  attributes.set(personalization, Value::boolean(consent.personalization));
  attributes.set(measurement, Value::boolean(consent.measurement));
  attributes.set(source, Value::string(to_string(consent.source)));
  attributes.set(gpc, Value::boolean(signals_gpc(request)));
  attributes.set(dnt, Value::boolean(signals_dnt(request)));
  if (!attributes.wants(tcf_purposes) && !attributes.wants(tcf_special_features)) return;
  if (const auto tcf = parse_tcf(request.cookie("euconsent-v2"))) {
    attributes.set(tcf_purposes, numbers_of(tcf->purposes, attributes.arena()));
    attributes.set(tcf_special_features, numbers_of(tcf->special_features, attributes.arena()));
  }
}

}  // namespace personalize::plugins
