#include "html/selectors/lookahead.h"

#include <algorithm>

namespace personalize::html {
namespace {

/// Positions counted from the end that are at most this far from it are decided as soon as enough siblings
/// have followed, others when the parent closes.
constexpr std::int32_t near_end = 8;
/// How many of the latest places are looked at for that.
constexpr std::size_t window = 32;

/// No position farther from the end than `nth.offset` can match, and that is near.
bool is_near(NthExpression nth) { return nth.step <= 0 && nth.offset <= near_end; }

}  // namespace

Truth Lookahead::nth_last(std::int32_t parent_depth, std::uint64_t type, std::uint32_t index, std::uint32_t child_index,
                          NthExpression nth) {
  if (parent_depth < 0) return nth.matches(1) ? known_true : known_false;  // the root has no siblings
  if (nth.step <= 0 && nth.offset <= 0) return known_false;
  const Truth unknown = conditions_.unknown();
  if (unknown == gave_up) return unknown;
  if (parents_.empty() || parents_.back().depth != parent_depth) parents_.push_back({parent_depth, 0});
  parents_.back().children = std::max(parents_.back().children, child_index);
  places_.push_back({parent_depth, index, type, nth, unknown});
  return unknown;
}

Truth Lookahead::empty(std::int32_t depth) {
  const Truth unknown = conditions_.unknown();
  if (unknown != gave_up) empties_.push_back({depth, unknown});
  return unknown;
}

Truth Lookahead::has(std::int32_t depth, std::uint32_t question, bool child) {
  const Truth unknown = conditions_.unknown();
  if (unknown != gave_up) questions_.push_back({depth, question, child, unknown});
  return unknown;
}

void Lookahead::open(std::int32_t depth, std::uint32_t child_index, std::uint64_t type, std::uint32_t index_of_type,
                     const std::function<Truth(std::uint32_t)>& matches) {
  text(depth - 1);
  if (!parents_.empty() && parents_.back().depth == depth - 1) {
    parents_.back().children = child_index;
    decide_places(depth - 1, type, index_of_type);
  }
  std::erase_if(questions_, [&](const Question& question) {
    if (question.child && question.depth != depth - 1) return false;
    const Truth truth = matches(question.question);
    if (truth == not_known) conditions_.doubt(question.unknown);
    if (truth == known_true) conditions_.decide(question.unknown, true);
    return truth == known_true;
  });
}

/// A sibling has followed: an element that had to be near the end may no longer be.
void Lookahead::decide_places(std::int32_t parent_depth, std::uint64_t type, std::uint32_t index_of_type) {
  const std::size_t first = places_.size() > window ? places_.size() - window : 0;
  const auto gone = [&](const Place& place) {
    if (place.parent_depth != parent_depth || !is_near(place.nth)) return false;
    if (place.type != 0 && place.type != type) return false;
    const std::uint32_t now = place.type != 0 ? index_of_type : parents_.back().children;
    if (now < place.index || now - place.index + 1 <= static_cast<std::uint32_t>(place.nth.offset)) return false;
    conditions_.decide(place.unknown, false);
    return true;
  };
  places_.erase(std::remove_if(places_.begin() + static_cast<std::ptrdiff_t>(first), places_.end(), gone),
                places_.end());
}

/// Elements that were reopened around the text, without a tag, are not known here, but count as content.
void Lookahead::text(std::int32_t depth) {
  while (!empties_.empty() && empties_.back().depth <= depth) {
    conditions_.decide(empties_.back().unknown, false);
    empties_.pop_back();
  }
}

void Lookahead::close(std::int32_t depth, const std::function<std::uint32_t(std::int32_t, std::uint64_t)>& count) {
  while (!empties_.empty() && empties_.back().depth >= depth) {
    conditions_.decide(empties_.back().unknown, true);
    empties_.pop_back();
  }
  for (; !questions_.empty() && questions_.back().depth >= depth; questions_.pop_back()) {
    conditions_.decide(questions_.back().unknown, false);
  }
  while (!parents_.empty() && parents_.back().depth >= depth) {
    const Parent parent = parents_.back();
    parents_.pop_back();
    for (; !places_.empty() && places_.back().parent_depth == parent.depth; places_.pop_back()) {
      const Place& place = places_.back();
      const std::uint32_t total = place.type == 0 ? parent.children : count(parent.depth, place.type);
      conditions_.decide(place.unknown,
                         total >= place.index && place.nth.matches(std::int64_t{total} - place.index + 1));
    }
  }
}

std::int32_t Lookahead::watch_depth() const {
  std::int32_t depth = -1;
  if (!empties_.empty()) depth = std::max(depth, empties_.back().depth);
  if (!parents_.empty()) depth = std::max(depth, parents_.back().depth);
  if (!questions_.empty()) depth = std::max(depth, questions_.back().depth);
  return depth;
}

std::size_t Lookahead::memory() const {
  return parents_.capacity() * sizeof(Parent) + places_.capacity() * sizeof(Place) +
         empties_.capacity() * sizeof(Empty) + questions_.capacity() * sizeof(Question);
}

}  // namespace personalize::html
