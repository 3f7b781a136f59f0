// Finds the rules of a slot that may win without evaluating the condition of each.
//
// Every condition is a conjunction of predicates (cel/predicates.h). Predicates that compare an attribute with
// constants are looked up by the attribute's value: this gives one bitmap of rules per attribute, and the bitmaps are
// intersected. The remaining rules are evaluated in order of priority, each predicate that several rules share at most
// once.
#pragma once

#include <cassert>
#include <cstdint>
#include <memory_resource>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "rules/cel/predicates.h"
#include "rules/decide/page_index.h"
#include "rules/schema.h"

namespace personalize::rules {

/// All distinct predicates of a rule set.
class PredicateTable {
 public:
  /// Number of the predicate; equal ones have the same number.
  std::uint32_t add(cel::Predicate predicate);
  std::size_t size() const { return predicates_.size(); }
  const cel::Predicate& operator[](std::uint32_t number) const { return predicates_[number]; }

 private:
  std::vector<cel::Predicate> predicates_;
  std::unordered_map<std::string, std::uint32_t> numbers_;
};

/// The predicates' results for one request: each is evaluated at most once.
class PredicateAnswers {
 public:
  PredicateAnswers(const PredicateTable& predicates, const Context& context, Arena& arena, cel::SegmentValues segments)
      : predicates_(predicates),
        context_(context),
        arena_(arena),
        segments_(segments),
        known_(predicates.size(), unknown, &arena) {}

  bool holds(std::uint32_t predicate) {
    assert(predicate < known_.size());
    std::uint8_t& known = known_[predicate];
    if (known == unknown) known = predicates_[predicate].holds(context_, arena_, segments_);
    return known != 0;
  }
  const Context& context() const { return context_; }
  Arena& arena() { return arena_; }

 private:
  static constexpr std::uint8_t unknown = 2;
  const PredicateTable& predicates_;
  const Context& context_;
  Arena& arena_;
  cel::SegmentValues segments_;
  std::pmr::vector<std::uint8_t> known_;  // 0, 1 or unknown
};

/// The candidates of one slot, by position in their order.
class CandidateIndex {
 public:
  struct Candidate {
    const PagePatterns* pages;
    std::vector<std::uint32_t> predicates;  ///< all must hold
  };

  /// Fills the index (before `pages` is built), and leaves each candidate the predicates that must still be evaluated.
  void build(const PredicateTable& predicates, PageIndex& pages, std::vector<Candidate>& candidates);

  /// True if some candidate is for all pages.
  bool applies_everywhere() const;
  /// True if some candidate is for a page of these lists.
  bool applies(std::span<const std::uint32_t> page_lists) const;

  /// Bits of the candidates that may win; they live as long as the index and the answers' arena.
  std::span<const std::uint64_t> select(std::span<const std::uint32_t> page_lists, PredicateAnswers& answers) const;

 private:
  using Bits = std::vector<std::uint64_t>;
  struct Attribute {
    AttributeId attribute;
    cel::ValueIndex values;  // → positions
    Bits free;               // candidates that do not care
  };
  struct Shared {
    std::uint32_t predicate;
    Bits needed_by;
  };

  Bits bits(bool value) const;
  void index_pages(PageIndex& pages, const std::vector<Candidate>& candidates);
  void index_attributes(const PredicateTable& predicates, std::vector<Candidate>& candidates);
  void index_shared(std::vector<Candidate>& candidates);

  std::size_t count_ = 0;
  std::vector<Attribute> attributes_;
  std::vector<Shared> shared_;
  bool has_pages_ = false;
  Bits all_pages_;
  std::unordered_map<std::uint32_t, std::vector<std::uint32_t>> by_pages_;  // list of pages → positions
};

}  // namespace personalize::rules
