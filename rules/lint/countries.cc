// Conditions that compare the visitor's country with what is the code of none.
#include "rules/countries.h"

#include <algorithm>

#include "rules/cel/predicates.h"
#include "rules/events/mapping.h"
#include "rules/lint/findings.h"

namespace personalize::rules::lint {
namespace {

class CountryCheck {
 public:
  CountryCheck(Findings& findings, AttributeId country) : findings_(findings), country_(country) {}

  void check(const yaml::Document& document, const load::Condition& condition, const cel::Program& program) {
    document_ = &document;
    condition_ = &condition;
    program_ = &program;
    check(cel::predicates(program));
  }

 private:
  void check(const std::vector<cel::Predicate>& predicates) {
    for (const cel::Predicate& predicate : predicates) {
      const bool here = predicate.source.data() == program_->source().data();
      const bool compares = predicate.shape == cel::Predicate::Shape::equals && predicate.attribute == country_;
      if (here && compares) check(predicate);
      for (const std::vector<cel::Predicate>& part : cel::alternatives(predicate)) check(part);
    }
  }

  void check(const cel::Predicate& predicate) {
    for (const Value& constant : predicate.constants) {
      if (!constant.is(Kind::string) || constant.text().empty() || is_country(constant.text())) continue;
      const std::string meant = country_meant(constant.text());
      Diagnostic diagnostic = condition_->at(
          *document_, static_cast<std::size_t>(predicate.text.data() - predicate.source.data()),
          findings_.set.schema[country_].name + " is never \"" + std::string(constant.text()) + '"' +
              (meant.empty() ? ": it is a code of two letters, such as GB" : ", did you mean " + meant + "?"));
      diagnostic.severity = Diagnostic::Severity::warning;
      findings_.found.push_back(std::move(diagnostic));
    }
  }

  Findings& findings_;
  const AttributeId country_;
  const yaml::Document* document_ = nullptr;
  const load::Condition* condition_ = nullptr;
  const cel::Program* program_ = nullptr;
};

}  // namespace

void countries(Findings& findings) {
  const auto country = findings.set.schema.find(Role::country);
  if (!country) return;
  CountryCheck checked(findings, *country);
  for (RuleId id = 0; id < findings.set.rules.size(); ++id) {
    const load::RuleSource& source = findings.sources.rule_sources[id];
    if (const auto& when = findings.set.rules[id].when) checked.check(*source.document, source.when, *when);
  }
  for (const auto& [name, definition] : findings.sources.segments) {
    const load::SegmentSource& source = findings.sources.segment_sources[definition.number];
    const auto* segment = findings.set.environment->segment(name);
    if (segment && segment->program) checked.check(*source.document, source.condition, *segment->program);
  }
  for (const events::Mapping& mapping : findings.set.events->impl().mappings) {
    const load::EventSource& source = findings.sources.event_sources[mapping.source];
    if (mapping.when && source.document) checked.check(*source.document, source.when, *mapping.when);
  }
}

}  // namespace personalize::rules::lint
