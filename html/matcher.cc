#include <algorithm>

#include "html/attribute_match.h"
#include "html/compiled_selectors.h"
#include "html/nth_expression.h"
#include "html/selector_index.h"
#include "html/tag_view.h"
#include "html/word_hash.h"

namespace personalize::html {
namespace {

/// Most elements types that are counted under one parent; a page with more has its later types not counted.
constexpr std::size_t kMaxTypesCounted = 128;

bool has_bit(const std::uint64_t* words, std::uint32_t bit) { return (words[bit / 64] >> (bit % 64)) & 1; }

}  // namespace

/// What has matched so far of selectors with combinators, kept only where something has: an open element that
/// matched a step which others follow has a `Level`, a parent of which a child matched one has `Siblings`. Both are
/// stacks in the order of depth, with their bits in arrays beside them.
class Matcher::State {
 public:
  explicit State(const SelectorIndex& index) : index_(index), words_(index.word_count()), matched_(words_) {}

  std::span<const Match> open(const OpenedElement& element);
  void close(std::int32_t depth);
  std::int32_t watch_depth() const;
  bool wants_everything() const;
  std::size_t memory() const;

 private:
  struct Level {
    std::int32_t depth;
    bool universal;  // in it (or around it) every element has to be opened
  };
  struct Siblings {
    std::int32_t parent_depth;
    std::uint32_t last;    // child index of the element that set the bits for the next one
    bool universal_next;   // the next one has to be opened whatever it is
    bool universal_later;  // all have to be
  };
  struct TypeCount {
    std::int32_t parent_depth;
    std::uint64_t type;
    std::uint32_t count;
  };

  const std::uint64_t* descendant_bits(std::size_t level) const { return level_bits_.data() + 2 * words_ * level; }
  const std::uint64_t* child_bits(std::size_t level) const { return descendant_bits(level) + words_; }
  std::uint64_t* next_bits(std::size_t level) { return sibling_bits_.data() + 2 * words_ * level; }
  std::uint64_t* later_bits(std::size_t level) { return next_bits(level) + words_; }

  void find_candidates();
  bool step_matches(StepId id) { return follows(index_.step(id)) && compound_matches(index_.step(id)); }
  bool follows(const Step& step);
  bool compound_matches(const Step& step);
  bool pseudo_matches(const CompiledPseudo& pseudo);
  bool any_matches(const std::vector<StepId>& steps);
  void count_type();
  std::uint32_t type_index() const { return type_count_ == kNone ? 0 : types_[type_count_].count; }
  bool has_siblings() const { return !siblings_.empty() && siblings_.back().parent_depth == parent_depth_; }
  void remember_matched();
  void push_level();
  void remember_sibling();

  const SelectorIndex& index_;
  const std::size_t words_;
  std::vector<Level> levels_;
  BitWords level_bits_;
  std::vector<Siblings> siblings_;
  BitWords sibling_bits_;
  std::vector<TypeCount> types_;

  // The element that is being opened.
  TagView tag_;
  std::int32_t parent_depth_ = -1;
  std::uint32_t type_count_ = kNone;  // its entry in types_
  std::vector<StepId> candidates_;
  BitWords matched_;
  std::vector<Match> matches_;
};

std::span<const Match> Matcher::State::open(const OpenedElement& element) {
  close(static_cast<std::int32_t>(element.depth));
  tag_.set(element);
  parent_depth_ = static_cast<std::int32_t>(element.depth) - 1;
  matches_.clear();
  count_type();
  find_candidates();
  bool remember = false;
  for (const StepId id : candidates_) {
    const Step& step = index_.step(id);
    if (!follows(step) || !compound_matches(step)) continue;
    if (step.slot != kNone) matches_.push_back({step.slot});
    if (step.bit == kNone) continue;
    if (!remember) std::fill(matched_.begin(), matched_.end(), 0);
    remember = true;
    matched_[step.bit / 64] |= std::uint64_t{1} << (step.bit % 64);
  }
  if (has_siblings() && element.child_index > siblings_.back().last) siblings_.back().universal_next = false;
  if (remember) remember_matched();
  if (matches_.size() > 1) {
    std::sort(matches_.begin(), matches_.end(), [](Match a, Match b) { return a.slot < b.slot; });
    matches_.erase(std::unique(matches_.begin(), matches_.end(), [](Match a, Match b) { return a.slot == b.slot; }),
                   matches_.end());
  }
  return matches_;
}

void Matcher::State::close(std::int32_t depth) {
  while (!levels_.empty() && levels_.back().depth >= depth) levels_.pop_back();
  level_bits_.resize(2 * words_ * levels_.size());
  while (!siblings_.empty() && siblings_.back().parent_depth >= depth) siblings_.pop_back();
  sibling_bits_.resize(2 * words_ * siblings_.size());
  while (!types_.empty() && types_.back().parent_depth >= depth) types_.pop_back();
}

std::int32_t Matcher::State::watch_depth() const {
  std::int32_t depth = -1;
  if (!levels_.empty()) depth = std::max(depth, levels_.back().depth);
  if (!siblings_.empty()) depth = std::max(depth, siblings_.back().parent_depth);
  if (!types_.empty()) depth = std::max(depth, types_.back().parent_depth);
  return depth;
}

bool Matcher::State::wants_everything() const {
  if (!levels_.empty() && levels_.back().universal) return true;
  return std::any_of(siblings_.begin(), siblings_.end(),
                     [](const Siblings& level) { return level.universal_next || level.universal_later; });
}

std::size_t Matcher::State::memory() const {
  return sizeof(*this) + levels_.capacity() * sizeof(Level) + siblings_.capacity() * sizeof(Siblings) +
         types_.capacity() * sizeof(TypeCount) + candidates_.capacity() * sizeof(StepId) +
         matches_.capacity() * sizeof(Match) +
         (level_bits_.capacity() + sibling_bits_.capacity() + matched_.capacity()) * sizeof(std::uint64_t);
}

void Matcher::State::find_candidates() {
  candidates_ = index_.on_any();
  const OpenedElement& element = tag_.element();
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
  // A step may be listed under several keys of the element, and a key may stand in it twice.
  std::sort(candidates_.begin(), candidates_.end());
  candidates_.erase(std::unique(candidates_.begin(), candidates_.end()), candidates_.end());
}

bool Matcher::State::follows(const Step& step) {
  if (step.previous == kNone) return true;
  const std::uint32_t bit = index_.step(step.previous).bit;
  switch (step.combinator) {
    case Combinator::none:
      return true;
    case Combinator::descendant:
      return !levels_.empty() && has_bit(descendant_bits(levels_.size() - 1), bit);
    case Combinator::child:
      return !levels_.empty() && levels_.back().depth == parent_depth_ && has_bit(child_bits(levels_.size() - 1), bit);
    case Combinator::next_sibling:
      return has_siblings() && siblings_.back().last + 1 == tag_.element().child_index &&
             has_bit(next_bits(siblings_.size() - 1), bit);
    case Combinator::later_sibling:
      return has_siblings() && has_bit(later_bits(siblings_.size() - 1), bit);
  }
  return false;
}

bool Matcher::State::compound_matches(const Step& step) {
  if (!step.any_type && (step.type_key != tag_.element().key || !tag_.has_type(step.type))) return false;
  for (const std::string& id : step.ids) {
    if (!tag_.has_id() || tag_.id() != id) return false;
  }
  for (const std::string& name : step.classes) {
    if (!tag_.has_class(name)) return false;
  }
  for (const AttributeTest& test : step.attributes) {
    if (!tag_.passes(test)) return false;
  }
  for (const CompiledPseudo& pseudo : step.pseudos) {
    if (!pseudo_matches(pseudo)) return false;
  }
  return true;
}

bool Matcher::State::any_matches(const std::vector<StepId>& steps) {
  return std::any_of(steps.begin(), steps.end(), [this](StepId id) { return step_matches(id); });
}

bool Matcher::State::pseudo_matches(const CompiledPseudo& pseudo) {
  const NthExpression nth{pseudo.step, pseudo.offset};
  switch (pseudo.kind) {
    case PseudoClass::is:
      return any_matches(pseudo.argument);
    case PseudoClass::negation:
      return !any_matches(pseudo.argument);
    case PseudoClass::root:
      return tag_.element().depth == 0;
    case PseudoClass::nth_child:
      return nth.matches(tag_.element().child_index);
    case PseudoClass::nth_of_type:
      return type_index() > 0 && nth.matches(type_index());
    default:
      return false;
  }
}

void Matcher::State::count_type() {
  type_count_ = kNone;
  const OpenedElement& element = tag_.element();
  if (!index_.counts_types() || !index_.counts_type(element.key)) return;
  std::uint64_t type = element.key + static_cast<std::uint64_t>(element.name_space);
  for (std::size_t at = 8; at < element.name.size(); at += 8) type = type * 31 + name_hash(element.name.substr(at, 8));
  std::size_t seen = 0;
  for (std::size_t i = types_.size(); i-- > 0 && types_[i].parent_depth == parent_depth_; ++seen) {
    if (types_[i].type != type) continue;
    ++types_[i].count;
    type_count_ = static_cast<std::uint32_t>(i);
    return;
  }
  if (seen >= kMaxTypesCounted) return;
  type_count_ = static_cast<std::uint32_t>(types_.size());
  types_.push_back({parent_depth_, type, 1});
}

void Matcher::State::remember_matched() {
  bool inside = false, beside = false;
  for (std::size_t word = 0; word < words_; ++word) {
    const auto any = [&](Combinator combinator) { return (matched_[word] & index_.bits(combinator)[word]) != 0; };
    inside |= any(Combinator::descendant) || any(Combinator::child);
    beside |= any(Combinator::next_sibling) || any(Combinator::later_sibling);
  }
  if (inside) push_level();
  if (beside) remember_sibling();
}

void Matcher::State::push_level() {
  const std::size_t level = levels_.size();
  level_bits_.resize(2 * words_ * (level + 1));
  std::uint64_t* const bits = level_bits_.data() + 2 * words_ * level;
  bool universal = level > 0 && levels_.back().universal;
  for (std::size_t word = 0; word < words_; ++word) {
    const std::uint64_t below = matched_[word] & index_.bits(Combinator::descendant)[word];
    const std::uint64_t children = matched_[word] & index_.bits(Combinator::child)[word];
    bits[word] = below | (level > 0 ? descendant_bits(level - 1)[word] : 0);
    bits[words_ + word] = children;
    universal |= ((below | children) & index_.universal_bits()[word]) != 0;
  }
  levels_.push_back({parent_depth_ + 1, universal});
}

void Matcher::State::remember_sibling() {
  if (!has_siblings()) {
    siblings_.push_back({parent_depth_, 0, false, false});
    sibling_bits_.resize(2 * words_ * siblings_.size());
  }
  Siblings& level = siblings_.back();
  level.last = tag_.element().child_index;
  level.universal_next = false;
  for (std::size_t word = 0; word < words_; ++word) {
    const std::uint64_t next = matched_[word] & index_.bits(Combinator::next_sibling)[word];
    const std::uint64_t later = matched_[word] & index_.bits(Combinator::later_sibling)[word];
    next_bits(siblings_.size() - 1)[word] = next;
    later_bits(siblings_.size() - 1)[word] |= later;
    level.universal_next |= (next & index_.universal_bits()[word]) != 0;
    level.universal_later |= (later & index_.universal_bits()[word]) != 0;
  }
}

Matcher::Matcher(const SelectorIndex& index)
    : gate_(&index.gate()), state_(std::make_unique<State>(index)) {}
Matcher::~Matcher() = default;

std::span<const Match> Matcher::open(const OpenedElement& element) {
  const std::span<const Match> matches = state_->open(element);
  watch_depth_ = state_->watch_depth();
  wants_everything_ = state_->wants_everything();
  return matches;
}

void Matcher::close(std::uint32_t depth) {
  state_->close(static_cast<std::int32_t>(depth));
  watch_depth_ = state_->watch_depth();
  wants_everything_ = state_->wants_everything();
}

void Matcher::text(std::uint32_t) {}

std::span<const Resolved> Matcher::resolved() const { return {}; }

std::size_t Matcher::memory() const { return sizeof(*this) + state_->memory(); }

}  // namespace personalize::html
