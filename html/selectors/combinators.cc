#include "html/selectors/combinators.h"

#include <algorithm>

namespace personalize::html {

Combinators::Combinators(const SelectorIndex& index, Conditions& conditions)
    : index_(index), conditions_(conditions), words_(index.word_count()), matched_(words_) {}

void Combinators::open(std::uint32_t depth, std::uint32_t child_index) {
  close(static_cast<std::int32_t>(depth));
  parent_depth_ = static_cast<std::int32_t>(depth) - 1;
  child_index_ = child_index;
}

Truth Combinators::find(const std::vector<Conditional>& list, std::size_t from, std::uint32_t bit) {
  for (std::size_t i = list.size(); i-- > from;) {
    if (list[i].bit == bit) return list[i].truth;
  }
  return known_false;
}

/// Some open element around the current one has matched.
Truth Combinators::ancestor(std::uint32_t bit) const {
  if (levels_.empty()) return known_false;
  if (has(level_bits_, levels_.size() - 1, 0, bit)) return known_true;
  return level_conditional_.empty() ? known_false : find(level_conditional_, 0, bit);
}

Truth Combinators::earlier_sibling(std::uint32_t bit) const {
  if (!has_siblings()) return known_false;
  if (has(sibling_bits_, siblings_.size() - 1, 1, bit)) return known_true;
  return sibling_conditional_.empty() ? known_false : find(sibling_conditional_, siblings_.back().conditional, bit);
}

Truth Combinators::follows(const Step& step) const {
  if (step.previous == no_index) return known_true;
  const std::uint32_t bit = index_.step(step.previous).bit;
  switch (step.combinator) {
    case Combinator::none: break;
    case Combinator::descendant: return ancestor(bit);
    case Combinator::child:
      if (levels_.empty() || levels_.back().depth != parent_depth_) return known_false;
      if (has(level_bits_, levels_.size() - 1, 1, bit)) return known_true;
      return find(level_conditional_, levels_.back().conditional, bit);
    case Combinator::next_sibling:
      if (!has_siblings() || siblings_.back().last + 1 != child_index_) return known_false;
      if (has(sibling_bits_, siblings_.size() - 1, 0, bit)) return known_true;
      return find(sibling_conditional_, siblings_.back().conditional, bit);
    case Combinator::later_sibling: return earlier_sibling(bit);
  }
  return known_true;
}

void Combinators::matched(std::uint32_t bit, Truth truth) {
  if (truth == known_false) return;
  if (!inside_ && !beside_) {
    std::fill(matched_.begin(), matched_.end(), 0);
    matched_conditional_.clear();
  }
  const bool inside = is_followed_by(Combinator::descendant, bit) || is_followed_by(Combinator::child, bit);
  (inside ? inside_ : beside_) = true;
  if (truth == known_true)
    matched_[bit / 64] |= std::uint64_t{1} << (bit % 64);
  else
    matched_conditional_.push_back({bit, truth});
}

void Combinators::opened() {
  if (has_siblings() && child_index_ > siblings_.back().last) siblings_.back().universal_next = false;
  if (inside_) push_level();
  if (beside_) add_sibling();
  inside_ = beside_ = false;
}

void Combinators::push_level() {
  const std::size_t level = levels_.size();
  level_bits_.resize(2 * words_ * (level + 1));
  bool universal = level > 0 && levels_.back().universal;
  for (std::size_t word = 0; word < words_; ++word) {
    const std::uint64_t below = matched_[word] & index_.bits(Combinator::descendant)[word];
    const std::uint64_t children = matched_[word] & index_.bits(Combinator::child)[word];
    words(level_bits_, level, 0)[word] = below | (level > 0 ? words(level_bits_, level - 1, 0)[word] : 0);
    words(level_bits_, level, 1)[word] = children;
    universal |= ((below | children) & index_.universal_bits()[word]) != 0;
  }
  const auto begin = static_cast<std::uint32_t>(level_conditional_.size());
  for (const Conditional& entry : matched_conditional_) {
    const bool descendant = is_followed_by(Combinator::descendant, entry.bit);
    if (!descendant && !is_followed_by(Combinator::child, entry.bit)) continue;
    universal |= is_universal(entry.bit);
    // An entry for descendants stands for those of the levels around as well.
    const Truth around = descendant && level > 0 ? find(level_conditional_, 0, entry.bit) : known_false;
    level_conditional_.push_back({entry.bit, conditions_.either(around, entry.truth)});
  }
  levels_.push_back({parent_depth_ + 1, universal, begin});
}

void Combinators::add_sibling() {
  if (!has_siblings()) {
    siblings_.push_back({parent_depth_, 0, false, false, static_cast<std::uint32_t>(sibling_conditional_.size())});
    sibling_bits_.resize(2 * words_ * siblings_.size());
  }
  Siblings& level = siblings_.back();
  level.last = child_index_;
  level.universal_next = false;
  for (std::size_t word = 0; word < words_; ++word) {
    const std::uint64_t next = matched_[word] & index_.bits(Combinator::next_sibling)[word];
    const std::uint64_t later = matched_[word] & index_.bits(Combinator::later_sibling)[word];
    words(sibling_bits_, siblings_.size() - 1, 0)[word] = next;
    words(sibling_bits_, siblings_.size() - 1, 1)[word] |= later;
    level.universal_next |= (next & index_.universal_bits()[word]) != 0;
    level.universal_later |= (later & index_.universal_bits()[word]) != 0;
  }
  // Bits for the next element have had their turn; bits for all later ones accumulate.
  const auto begin = sibling_conditional_.begin() + level.conditional;
  sibling_conditional_.erase(
      std::remove_if(begin, sibling_conditional_.end(),
                     [&](const Conditional& entry) { return is_followed_by(Combinator::next_sibling, entry.bit); }),
      sibling_conditional_.end());
  for (const Conditional& entry : matched_conditional_) {
    const bool next = is_followed_by(Combinator::next_sibling, entry.bit);
    if (!next && !is_followed_by(Combinator::later_sibling, entry.bit)) continue;
    (next ? level.universal_next : level.universal_later) |= is_universal(entry.bit);
    const auto known = std::find_if(sibling_conditional_.begin() + level.conditional, sibling_conditional_.end(),
                                    [&](const Conditional& other) { return other.bit == entry.bit; });
    if (known == sibling_conditional_.end())
      sibling_conditional_.push_back(entry);
    else
      known->truth = conditions_.either(known->truth, entry.truth);
  }
}

void Combinators::close(std::int32_t depth) {
  while (!levels_.empty() && levels_.back().depth >= depth) {
    level_conditional_.resize(levels_.back().conditional);
    levels_.pop_back();
  }
  level_bits_.resize(2 * words_ * levels_.size());
  while (!siblings_.empty() && siblings_.back().parent_depth >= depth) {
    sibling_conditional_.resize(siblings_.back().conditional);
    siblings_.pop_back();
  }
  sibling_bits_.resize(2 * words_ * siblings_.size());
}

std::int32_t Combinators::watch_depth() const {
  std::int32_t depth = -1;
  if (!levels_.empty()) depth = std::max(depth, levels_.back().depth);
  if (!siblings_.empty()) depth = std::max(depth, siblings_.back().parent_depth);
  return depth;
}

bool Combinators::universal() const {
  if (!levels_.empty() && levels_.back().universal) return true;
  return std::any_of(siblings_.begin(), siblings_.end(),
                     [](const Siblings& level) { return level.universal_next || level.universal_later; });
}

void Combinators::adopt_answers() {
  const auto set = [](std::uint64_t* bits, std::uint32_t bit) { bits[bit / 64] |= std::uint64_t{1} << (bit % 64); };
  for (std::size_t i = 0; i < levels_.size(); ++i) {
    for (std::size_t word = 0; word < words_ && i > 0; ++word) {
      words(level_bits_, i, 0)[word] |= words(level_bits_, i - 1, 0)[word];
    }
    const std::size_t end = i + 1 < levels_.size() ? levels_[i + 1].conditional : level_conditional_.size();
    for (std::size_t j = levels_[i].conditional; j < end; ++j) {
      Conditional& entry = level_conditional_[j];
      entry.truth = conditions_.value(entry.truth);
      if (entry.truth == known_true)
        set(words(level_bits_, i, is_followed_by(Combinator::child, entry.bit)), entry.bit);
    }
  }
  for (std::size_t i = 0; i < siblings_.size(); ++i) {
    const std::size_t end = i + 1 < siblings_.size() ? siblings_[i + 1].conditional : sibling_conditional_.size();
    for (std::size_t j = siblings_[i].conditional; j < end; ++j) {
      Conditional& entry = sibling_conditional_[j];
      entry.truth = conditions_.value(entry.truth);
      if (entry.truth == known_true)
        set(words(sibling_bits_, i, is_followed_by(Combinator::later_sibling, entry.bit)), entry.bit);
    }
  }
}

std::size_t Combinators::memory() const {
  return levels_.capacity() * sizeof(Level) + siblings_.capacity() * sizeof(Siblings) +
         (level_conditional_.capacity() + sibling_conditional_.capacity() + matched_conditional_.capacity()) *
             sizeof(Conditional) +
         (level_bits_.capacity() + sibling_bits_.capacity() + matched_.capacity()) * sizeof(std::uint64_t);
}

}  // namespace personalize::html
