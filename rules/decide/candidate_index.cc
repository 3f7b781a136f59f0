#include "rules/decide/candidate_index.h"

#include <algorithm>
#include <cassert>
#include <map>

namespace personalize::rules {
namespace {

constexpr std::size_t word_bits = 64;
/// Predicates that at least this many candidates need are evaluated before looking at any candidate.
constexpr std::size_t worth_sharing = 8;

void set(std::span<std::uint64_t> bits, std::size_t position) {
  bits[position / word_bits] |= std::uint64_t{1} << position % word_bits;
}

void clear(std::span<std::uint64_t> bits, std::size_t position) {
  bits[position / word_bits] &= ~(std::uint64_t{1} << position % word_bits);
}

bool intersect(std::span<const std::uint64_t> a, std::span<const std::uint64_t> b) {
  for (std::size_t i = 0; i < a.size(); ++i)
    if (a[i] & b[i]) return true;
  return false;
}

/// `bits` &= `other`; false if nothing is left.
bool keep(std::span<std::uint64_t> bits, std::span<const std::uint64_t> other) {
  assert(bits.size() == other.size());
  std::uint64_t left = 0;
  for (std::size_t i = 0; i < bits.size(); ++i) left |= bits[i] &= other[i];
  return left != 0;
}

bool can_be_looked_up(const cel::Predicate& predicate) {
  if (predicate.negated) return false;
  return predicate.shape == cel::Predicate::Shape::equals || predicate.shape == cel::Predicate::Shape::truth;
}

}  // namespace

std::uint32_t PredicateTable::add(cel::Predicate predicate) {
  const auto [found, added] = numbers_.try_emplace(predicate.key, static_cast<std::uint32_t>(predicates_.size()));
  if (added) predicates_.push_back(std::move(predicate));
  return found->second;
}

CandidateIndex::Bits CandidateIndex::bits(bool value) const {
  Bits result((count_ + word_bits - 1) / word_bits, value ? ~std::uint64_t{0} : 0);
  if (value && count_ % word_bits) result.back() = (std::uint64_t{1} << count_ % word_bits) - 1;
  return result;
}

void CandidateIndex::build(const PredicateTable& predicates, PageIndex& pages, std::vector<Candidate>& candidates) {
  count_ = candidates.size();
  index_pages(pages, candidates);
  index_attributes(predicates, candidates);
  index_shared(candidates);
}

void CandidateIndex::index_pages(PageIndex& pages, const std::vector<Candidate>& candidates) {
  all_pages_ = bits(false);
  for (std::uint32_t position = 0; position < count_; ++position) {
    if (candidates[position].pages->empty()) {
      set(all_pages_, position);
    } else {
      by_pages_[pages.add(*candidates[position].pages)].push_back(position);
      has_pages_ = true;
    }
  }
}

void CandidateIndex::index_attributes(const PredicateTable& predicates, std::vector<Candidate>& candidates) {
  std::map<AttributeId, std::size_t> known;
  for (std::uint32_t position = 0; position < count_; ++position) {
    std::vector<AttributeId> done;  // one predicate of each attribute
    std::erase_if(candidates[position].predicates, [&](std::uint32_t number) {
      const cel::Predicate& predicate = predicates[number];
      if (!can_be_looked_up(predicate)) return false;
      if (std::find(done.begin(), done.end(), predicate.attribute) != done.end()) return false;
      done.push_back(predicate.attribute);
      const auto [found, added] = known.try_emplace(predicate.attribute, attributes_.size());
      if (added) attributes_.push_back({predicate.attribute, {}, bits(true)});
      Attribute& attribute = attributes_[found->second];
      clear(attribute.free, position);
      if (predicate.shape == cel::Predicate::Shape::truth) attribute.values.add(Value::boolean(true), position);
      for (const Value& constant : predicate.constants)
        if (predicate.shape == cel::Predicate::Shape::equals) attribute.values.add(constant, position);
      return true;
    });
  }
  for (Attribute& attribute : attributes_) attribute.values.build();
}

void CandidateIndex::index_shared(std::vector<Candidate>& candidates) {
  std::map<std::uint32_t, std::size_t> uses;
  for (const Candidate& candidate : candidates)
    for (std::uint32_t number : candidate.predicates) ++uses[number];
  std::map<std::uint32_t, std::size_t> known;
  for (const auto& [number, count] : uses) {
    if (count < worth_sharing) continue;
    known.emplace(number, shared_.size());
    shared_.push_back({number, bits(false)});
  }
  for (std::uint32_t position = 0; position < count_; ++position) {
    std::erase_if(candidates[position].predicates, [&](std::uint32_t number) {
      const auto found = known.find(number);
      if (found == known.end()) return false;
      set(shared_[found->second].needed_by, position);
      return true;
    });
  }
}

bool CandidateIndex::applies_everywhere() const {
  return std::any_of(all_pages_.begin(), all_pages_.end(), [](std::uint64_t word) { return word != 0; });
}

bool CandidateIndex::applies(std::span<const std::uint32_t> page_lists) const {
  if (applies_everywhere()) return true;
  return std::any_of(page_lists.begin(), page_lists.end(),
                     [&](std::uint32_t list) { return by_pages_.contains(list); });
}

std::span<const std::uint64_t> CandidateIndex::select(std::span<const std::uint32_t> page_lists,
                                                      PredicateAnswers& answers) const {
  if (!has_pages_ && attributes_.empty() && shared_.empty()) return all_pages_;
  const std::size_t words = all_pages_.size();
  std::pmr::polymorphic_allocator<std::uint64_t> allocator(&answers.arena());
  const std::span<std::uint64_t> selected(allocator.allocate(words), words);
  const std::span<std::uint64_t> other(allocator.allocate(words), words);
  std::copy(all_pages_.begin(), all_pages_.end(), selected.begin());
  if (has_pages_) {
    for (std::uint32_t list : page_lists)
      if (const auto found = by_pages_.find(list); found != by_pages_.end())
        for (std::uint32_t position : found->second) set(selected, position);
  }
  for (const Attribute& attribute : attributes_) {
    assert(attribute.free.size() == words);
    std::copy(attribute.free.begin(), attribute.free.end(), other.begin());
    for (std::uint32_t position : attribute.values.find(answers.context()[attribute.attribute])) set(other, position);
    if (!keep(selected, other)) return {};
  }
  for (const Shared& shared : shared_) {
    if (!intersect(selected, shared.needed_by) || answers.holds(shared.predicate)) continue;
    for (std::size_t i = 0; i < words; ++i) selected[i] &= ~shared.needed_by[i];
  }
  return selected;
}

}  // namespace personalize::rules
