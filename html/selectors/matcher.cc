#include "html/selectors/matcher.h"

#include <algorithm>

#include "html/limits.h"
#include "html/selectors/attribute_match.h"
#include "html/selectors/combinators.h"
#include "html/selectors/compiled_selectors.h"
#include "html/selectors/conditions.h"
#include "html/selectors/languages.h"
#include "html/selectors/lookahead.h"
#include "html/selectors/nth_expression.h"
#include "html/selectors/tag_view.h"
#include "html/selectors/type_counts.h"
#include "html/tokens/word_hash.h"

namespace personalize::html {
class Matcher::State {
 public:
  explicit State(const SelectorIndex& index)
      : index_(index),
        conditions_(limits::max_open_conditions),
        combinators_(index, conditions_),
        lookahead_(conditions_) {}

  std::span<const Match> open(const OpenedElement& element);
  void close(std::int32_t depth);
  void text(std::int32_t depth);
  std::int32_t watch_depth() const {
    return std::max(
        {combinators_.watch_depth(), types_.watch_depth(), lookahead_.watch_depth(), languages_.watch_depth()});
  }
  bool wants_everything() const { return combinators_.universal() || lookahead_.pending(); }
  bool wants_text() const { return lookahead_.wants_text(); }
  Conditions& conditions() { return conditions_; }
  std::size_t memory() const;

 private:
  struct SlotMatch {
    SlotId slot;
    Truth truth;
  };

  void count_type();
  void look_ahead();
  void open_language();
  void find_candidates();
  void find_all_candidates();
  Truth step_matches(const Step& step);
  Truth compound_matches(const Step& step);
  Truth simple_tests_pass(const Step& step);
  Truth pseudo_matches(const CompiledPseudo& pseudo);
  Truth any_matches(const std::vector<StepId>& steps);
  Truth has(const std::vector<StepId>& steps);
  void report();
  void settle_conditions();

  const SelectorIndex& index_;
  Conditions conditions_;
  Combinators combinators_;
  Lookahead lookahead_;
  TypeCounts types_;
  Languages languages_;

  // The element that is being opened.
  TagView tag_;
  std::int32_t parent_depth_ = -1;
  std::uint64_t type_ = 0;        // its namespace and name, if they are counted
  std::uint32_t type_index_ = 0;  // from 1; 0 if its type is not counted
  std::vector<StepId> candidates_;
  std::vector<SlotMatch> slots_;
  std::vector<Match> matches_;
};

std::span<const Match> Matcher::State::open(const OpenedElement& element) {
  close(static_cast<std::int32_t>(element.depth));
  tag_.set(element);
  parent_depth_ = static_cast<std::int32_t>(element.depth) - 1;
  combinators_.open(element.depth, element.child_index);
  count_type();
  if (index_.asks_for_language()) open_language();
  look_ahead();
  find_candidates();
  slots_.clear();
  for (const StepId id : candidates_) {
    const Step& step = index_.step(id);
    const Truth truth = step_matches(step);
    if (truth == known_false) continue;
    if (step.slot != no_index && truth != not_known) slots_.push_back({step.slot, truth});
    if (step.bit != no_index) combinators_.matched(step.bit, truth);
  }
  combinators_.opened();
  report();
  return matches_;
}

void Matcher::State::close(std::int32_t depth) {
  if (lookahead_.watch_depth() >= depth) {
    lookahead_.close(depth, [this](std::int32_t parent, std::uint64_t type) { return types_.total(parent, type); });
  }
  combinators_.close(depth);
  types_.close(depth);
  languages_.close(depth);
  settle_conditions();
}

void Matcher::State::text(std::int32_t depth) {
  lookahead_.text(depth);
  settle_conditions();
}

/// A new element answers questions about its siblings and the elements it is in.
void Matcher::State::look_ahead() {
  if (!lookahead_.pending()) return;
  StepId asked = no_index;
  Truth answer = known_false;
  lookahead_.open(parent_depth_ + 1, tag_.element().child_index, type_, type_index_, [&](std::uint32_t question) {
    if (question != asked) answer = compound_matches(index_.step(question));
    asked = question;
    return answer;
  });
  settle_conditions();
}

void Matcher::State::settle_conditions() {
  if (conditions_.size() == 0 || conditions_.open_count() > 0) return;
  combinators_.adopt_answers();
  conditions_.clear();
}

std::size_t Matcher::State::memory() const {
  return sizeof(*this) + conditions_.memory() + combinators_.memory() + lookahead_.memory() + types_.memory() +
         languages_.memory() + candidates_.capacity() * sizeof(StepId) + slots_.capacity() * sizeof(SlotMatch) +
         matches_.capacity() * sizeof(Match);
}

void Matcher::State::open_language() {
  const auto depth = static_cast<std::int32_t>(tag_.element().depth);
  std::string_view language;
  const Truth told = tag_.language(language);
  if (told == known_true) languages_.open(depth, language);
  if (told == not_known) languages_.open_unknown(depth);
}

void Matcher::State::find_candidates() {
  const OpenedElement& element = tag_.element();
  if (!element.complete) return find_all_candidates();
  candidates_ = index_.on_any();
  if (!index_.by_tag().empty()) index_.by_tag().find(element.key, candidates_);
  if (!index_.by_id().empty() && tag_.has_id()) index_.by_id().find(word_hash(tag_.id()), candidates_);
  if (!index_.by_class().empty()) {
    const std::string_view classes = tag_.classes();
    for (std::size_t at = 0; at < classes.size();) {
      while (at < classes.size() && is_html_space(classes[at])) ++at;
      const std::size_t start = at;
      while (at < classes.size() && !is_html_space(classes[at])) ++at;
      if (at > start) index_.by_class().find(word_hash(classes.substr(start, at - start)), candidates_);
    }
  }
  if (!index_.by_attribute().empty()) {
    for (const RawAttribute& attribute : element.attributes) {
      index_.by_attribute().find(name_hash(attribute.name), candidates_);
    }
  }
  if (candidates_.size() < 2) return;
  // A step may be listed under several keys of the element, and the element may have a key twice.
  std::sort(candidates_.begin(), candidates_.end());
  candidates_.erase(std::unique(candidates_.begin(), candidates_.end()), candidates_.end());
}

/// An attribute that is not among the known ones may be among the others.
void Matcher::State::find_all_candidates() {
  candidates_.clear();
  for (StepId id = 0; id < index_.step_count(); ++id) {
    const Step& step = index_.step(id);
    if (step.slot != no_index || step.bit != no_index) candidates_.push_back(id);
  }
}

Truth Matcher::State::step_matches(const Step& step) {
  const Truth follows = combinators_.follows(step);
  return follows == known_false ? known_false : conditions_.both(follows, compound_matches(step));
}

/// Never a condition.
Truth Matcher::State::simple_tests_pass(const Step& step) {
  if (!step.any_type && (step.type_key != tag_.element().key || !tag_.has_type(step.type))) return known_false;
  Truth all = known_true;
  const auto fails = [&all](Truth one) {
    if (one != known_true) all = one;
    return one == known_false;
  };
  for (const std::string& id : step.ids) {
    if (fails(tag_.matches_id(id))) return known_false;
  }
  for (const std::string& name : step.classes) {
    if (fails(tag_.has_class(name))) return known_false;
  }
  for (const AttributeTest& test : step.attributes) {
    if (fails(tag_.passes(test))) return known_false;
  }
  return all;
}

Truth Matcher::State::compound_matches(const Step& step) {
  Truth truth = simple_tests_pass(step);
  for (std::size_t i = 0; i < step.pseudos.size() && truth != known_false; ++i)
    truth = conditions_.both(truth, pseudo_matches(step.pseudos[i]));
  return truth;
}

Truth Matcher::State::any_matches(const std::vector<StepId>& steps) {
  Truth truth = known_false;
  for (const StepId id : steps) {
    truth = conditions_.either(truth, step_matches(index_.step(id)));
    if (truth == known_true) break;
  }
  return truth;
}

Truth Matcher::State::pseudo_matches(const CompiledPseudo& pseudo) {
  const NthExpression nth{pseudo.step, pseudo.offset};
  const OpenedElement& element = tag_.element();
  switch (pseudo.kind) {
    case PseudoClass::is: return any_matches(pseudo.argument);
    case PseudoClass::negation: return conditions_.negation(any_matches(pseudo.argument));
    case PseudoClass::lang:
      if (!languages_.known()) return not_known;
      return std::any_of(pseudo.languages.begin(), pseudo.languages.end(),
                         [&](const std::string& range) { return language_matches(languages_.current(), range); })
                 ? known_true
                 : known_false;
    case PseudoClass::root: return element.depth == 0 ? known_true : known_false;
    case PseudoClass::nth_child: return nth.matches(element.child_index) ? known_true : known_false;
    case PseudoClass::nth_of_type: return type_index_ > 0 && nth.matches(type_index_) ? known_true : known_false;
    case PseudoClass::nth_last_child:
      return lookahead_.nth_last(parent_depth_, 0, element.child_index, element.child_index, nth);
    case PseudoClass::nth_last_of_type:
      if (type_index_ == 0) return gave_up;
      return lookahead_.nth_last(parent_depth_, type_, type_index_, element.child_index, nth);
    case PseudoClass::empty: return lookahead_.empty(parent_depth_ + 1);
    case PseudoClass::has: return has(pseudo.argument);
  }
  return known_false;
}

Truth Matcher::State::has(const std::vector<StepId>& steps) {
  Truth truth = known_false;
  for (const StepId id : steps) {
    const bool child = index_.step(id).combinator == Combinator::child;
    truth = conditions_.either(truth, lookahead_.has(parent_depth_ + 1, id, child));
  }
  return truth;
}

void Matcher::State::count_type() {
  type_ = 0;
  type_index_ = 0;
  const OpenedElement& element = tag_.element();
  if (!index_.counts_types() || !index_.counts_type(element.key)) return;
  type_ = element.key * 3 + static_cast<std::uint64_t>(element.name_space) + 1;
  for (std::size_t at = 8; at < element.name.size(); at += 8)
    type_ = type_ * 31 + name_hash(element.name.substr(at, 8));
  type_index_ = types_.count(parent_depth_, type_);
}

/// Puts `slots_` into `matches_`, each slot once; slots that depend on what follows get a ticket.
void Matcher::State::report() {
  matches_.clear();
  if (slots_.size() > 1) {
    std::sort(slots_.begin(), slots_.end(), [](SlotMatch a, SlotMatch b) { return a.slot < b.slot; });
  }
  for (std::size_t i = 0; i < slots_.size();) {
    const SlotId slot = slots_[i].slot;
    Truth truth = known_false;
    for (; i < slots_.size() && slots_[i].slot == slot; ++i) truth = conditions_.either(truth, slots_[i].truth);
    if (truth == known_false) continue;
    if (truth == known_true)
      matches_.push_back({slot});
    else
      matches_.push_back({slot, truth == gave_up ? undecidable : conditions_.ticket(truth)});
  }
}

Matcher::Matcher(const SelectorIndex& index) : prefilter_(&index.prefilter()), state_(std::make_unique<State>(index)) {}
Matcher::~Matcher() = default;

void Matcher::update() {
  watch_depth_ = state_->watch_depth();
  wants_everything_ = state_->wants_everything();
  wants_text_ = state_->wants_text();
}

std::span<const Match> Matcher::open(const OpenedElement& element) {
  const std::span<const Match> matches = state_->open(element);
  update();
  return matches;
}

void Matcher::close(std::uint32_t depth) {
  state_->close(static_cast<std::int32_t>(depth));
  update();
}

void Matcher::text(std::uint32_t depth) {
  state_->text(static_cast<std::int32_t>(depth));
  update();
}

std::span<const Resolved> Matcher::resolved() const { return state_->conditions().decided(); }
void Matcher::forget_resolved() { state_->conditions().forget_decided(); }

std::size_t Matcher::memory() const { return sizeof(*this) + state_->memory(); }

}  // namespace personalize::html
