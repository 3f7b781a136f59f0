// Facts about elements that selectors need but that are only known later: how many siblings follow, whether there is
// content, whether something inside matches.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <vector>

#include "html/selectors/conditions.h"
#include "html/selectors/nth_expression.h"

namespace personalize::html {

/// Questions about open elements and their children. While any is `pending`, every element of the page has to
/// be reported. Depths are as in `OpenedElement`; all questions about an element of some depth (or below one)
/// are answered when it closes, so that they form stacks.
class Lookahead {
 public:
  explicit Lookahead(Conditions& conditions) : conditions_(conditions) {}

  /// Whether the element with this index among its siblings (only those of its type, if `type` is not 0) will match
  /// `nth` when counted from the end. To be asked when it opens.
  Truth nth_last(std::int32_t parent_depth, std::uint64_t type, std::uint32_t index, std::uint32_t child_index,
                 NthExpression nth);
  Truth empty(std::int32_t depth);
  /// Whether an element inside (directly inside if `child`) will match `question`.
  Truth has(std::int32_t depth, std::uint32_t question, bool child);

  /// An element opens. `index_of_type` is its index among siblings of `type`; `matches(question)` tells
  /// whether it does: `known_true`, `known_false` or `not_known`.
  void open(std::int32_t depth, std::uint32_t child_index, std::uint64_t type, std::uint32_t index_of_type,
            const std::function<Truth(std::uint32_t)>& matches);
  void text(std::int32_t depth);
  /// Elements at this depth and deeper close. `count(parent_depth, type)` is how many of that type the parent had.
  void close(std::int32_t depth, const std::function<std::uint32_t(std::int32_t, std::uint64_t)>& count);

  bool pending() const { return !places_.empty() || !empties_.empty() || !questions_.empty(); }
  bool wants_text() const { return !empties_.empty(); }
  std::int32_t watch_depth() const;
  std::size_t memory() const;

 private:
  struct Place {
    std::int32_t parent_depth;
    std::uint32_t index;
    std::uint64_t type;
    NthExpression nth;
    Truth unknown;
  };
  struct Parent {
    std::int32_t depth;
    std::uint32_t children;
  };
  struct Empty {
    std::int32_t depth;
    Truth unknown;
  };
  struct Question {
    std::int32_t depth;
    std::uint32_t question;
    bool child;
    Truth unknown;
  };
  void decide_places(std::int32_t parent_depth, std::uint64_t type, std::uint32_t index_of_type);

  Conditions& conditions_;
  std::vector<Parent> parents_;  // of the places
  std::vector<Place> places_;
  std::vector<Empty> empties_;
  std::vector<Question> questions_;
};

}  // namespace personalize::html
