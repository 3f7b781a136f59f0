// Conditions that are provably always or never true: by folding constants, and by combining what they require of the
// same attribute.
#include <algorithm>

#include "rules/cel/comparisons.h"
#include "rules/cel/constraints.h"
#include "rules/events/mapping.h"
#include "rules/lint/findings.h"
#include "rules/spelling.h"

namespace personalize::rules::lint {
namespace {

using cel::Constraints;
using cel::Predicate;

/// As the author wrote it, with any negation around it.
std::string text_of(const Predicate& predicate) {
  std::string text(predicate.text);
  if (predicate.negated != predicate.inverted) {
    const bool one = text.find(' ') == text.npos || (text.starts_with('(') && text.ends_with(')'));
    text = one ? "!" + text : "!(" + text + ")";
  }
  return load::in_quotes(text);
}

std::string why(const Constraints::Conflict& conflict) {
  if (!conflict.second) return text_of(*conflict.first) + " is never true";
  return text_of(*conflict.first) + " and " + text_of(*conflict.second) + " exclude each other";
}

/// One condition of a file: that of a rule or a segment.
class Checked {
 public:
  /// `environment`: what the program was compiled with.
  Checked(Findings& findings, const yaml::Document& document, const load::Condition& condition,
          const cel::Program& program, const cel::Environment& environment)
      : findings_(findings),
        document_(document),
        condition_(condition),
        program_(program),
        environment_(environment),
        terms_(environment.schema()) {}

  /// `subject`: "`when`", "segment `x`"; advice for constants.
  void check(const std::string& subject, const std::string& if_true, const std::string& if_false) {
    if (const auto value = program_.constant())
      return add(0, subject + (value->is_true() ? " is always true" + if_true : " is never true" + if_false));
    check_pieces();
    for (const cel::Comparisons::One& one : cel::comparisons(program_).with_constants) check_value(one);
    const Constraints constraints(program_, terms_);
    if (const auto conflict = constraints.conflict())
      return add(place(*conflict), subject + " is never true: " + why(*conflict));
    for (const Constraints::Conflict& dead : constraints.dead_alternatives())
      if (!within_a_segment(dead)) add(place(dead), "this part of the condition is never true: " + why(dead));
  }

 private:
  // Entries of `all` and `any` that are constant are gone from the whole.
  void check_pieces() {
    if (condition_.pieces.size() < 2) return;
    for (const load::Condition::Piece& piece : condition_.pieces) {
      std::vector<cel::Error> errors;
      const auto alone = cel::Program::compile(piece.node->text, environment_, errors);
      const auto value = alone ? alone->constant() : std::nullopt;
      if (value)
        add(piece.begin,
            std::string("this part of the condition is ") + (value->is_true() ? "always" : "never") + " true");
    }
  }

  // Comparisons with values that an attribute never has.
  void check_value(const cel::Comparisons::One& one) {
    const Attribute& attribute = environment_.schema()[one.attribute];
    if (!attribute.has_fixed_values || !one.constant.is(Kind::string)) return;
    if (std::ranges::find(attribute.values, one.constant.text()) != attribute.values.end()) return;
    Nearest nearest(one.constant.text());
    std::string all;
    for (const std::string& value : attribute.values) {
      if (value.empty()) continue;
      nearest.consider(value);
      all += (all.empty() ? "" : ", ") + value;
    }
    std::string hint = nearest.hint();
    if (hint.empty()) hint = all.empty() ? ": it is always empty" : ": it is one of " + all;
    const bool is_list = attribute.type.kind == Kind::list;
    add(one.begin,
        attribute.name + (is_list ? " never has \"" : " is never \"") + std::string(one.constant.text()) + '"' + hint);
  }

  // Then the segment reports it.
  bool within_a_segment(const Constraints::Conflict& conflict) const {
    const char* source = conflict.first->source.data();
    return source != program_.source().data() && (!conflict.second || conflict.second->source.data() == source);
  }

  // Of the later of the two, if it is here and not in a segment.
  std::size_t place(const Constraints::Conflict& conflict) const {
    std::size_t last = 0;
    for (const Predicate* predicate : {conflict.first, conflict.second})
      if (predicate && predicate->source.data() == program_.source().data())
        last = std::max(last, static_cast<std::size_t>(predicate->text.data() - predicate->source.data()));
    return last;
  }

  void add(std::size_t offset, std::string message) {
    Diagnostic diagnostic = condition_.at(document_, offset, std::move(message));
    diagnostic.severity = Diagnostic::Severity::warning;
    findings_.found.push_back(std::move(diagnostic));
  }

  Findings& findings_;
  const yaml::Document& document_;
  const load::Condition& condition_;
  const cel::Program& program_;
  const cel::Environment& environment_;
  cel::Terms terms_;
};

}  // namespace

void conditions(Findings& findings) {
  for (RuleId id = 0; id < findings.set.rules.size(); ++id) {
    const Rule& rule = findings.set.rules[id];
    const load::RuleSource& source = findings.sources.rule_sources[id];
    if (!rule.when) continue;
    Checked(findings, *source.document, source.when, *rule.when, *findings.set.environment)
        .check("`when`", ": leave it out", ": a rule is switched off with `enabled: false`");
  }
  for (const auto& [name, definition] : findings.sources.segments) {
    const load::SegmentSource& source = findings.sources.segment_sources[definition.number];
    const auto* segment = findings.set.environment->segment(name);
    if (segment && segment->program)
      Checked(findings, *source.document, source.condition, *segment->program, *findings.set.environment)
          .check("segment " + load::in_quotes(name), {}, {});
  }
  const EventRules::Impl& events = findings.set.events->impl();
  for (const events::Mapping& mapping : events.mappings) {
    const load::EventSource& source = findings.sources.event_sources[mapping.source];
    if (mapping.when && source.document)
      Checked(findings, *source.document, source.when, *mapping.when, *events.environment)
          .check("`when`", ": leave it out", ": leave the event out");
  }
}

}  // namespace personalize::rules::lint
