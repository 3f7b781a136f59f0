// Truth values that depend on later parts of a page: unknowns, and combinations of them by and, or and not.
#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "html/selectors/matcher.h"

namespace personalize::html {

/// False, true, given up, unknown, or the number of a condition.
using Truth = std::uint32_t;
inline constexpr Truth known_false = 0;
inline constexpr Truth known_true = 1;
inline constexpr Truth gave_up = 2;  ///< there were too many conditions to find out
/// Depends on attributes that are not known, and will not be: neither it nor its negation matches.
inline constexpr Truth not_known = 3;

/// A network of conditions. Deciding one passes the answer on to all that follow from it, each link once.
class Conditions {
 public:
  /// At most this many are remembered; what would be the next is `gave_up`.
  explicit Conditions(std::size_t limit) : limit_(limit) {}

  Truth unknown();
  Truth both(Truth a, Truth b);
  Truth either(Truth a, Truth b);
  Truth negation(Truth a);

  /// Answers an unknown that is still open.
  void decide(Truth unknown, bool answer);
  /// From here on `false` would no longer be certain.
  void doubt(Truth unknown);
  /// `truth`, or `known_true`/`known_false`/`not_known` if it has been decided.
  Truth value(Truth truth) const;
  bool is_open(Truth truth) const { return value(truth) >= first_node; }

  /// A number for this open condition under which `decided` will tell its answer; never used twice on a page.
  std::uint32_t ticket(Truth condition);
  const std::vector<Resolved>& decided() const { return decided_; }
  void forget_decided() { decided_.clear(); }

  std::size_t open_count() const { return open_; }
  /// Forgets all conditions. Only when none is open or referred to.
  void clear();
  std::size_t size() const { return nodes_.size(); }
  std::size_t memory() const;

 private:
  enum class Kind : std::uint8_t { unknown, both, either, negation };
  struct Node {
    Kind kind;
    std::uint8_t waiting;      // operands that are not decided yet
    bool doubtful;             // some operand is not_known
    Truth state;               // known_false, known_true, not_known, or gave_up while it is open
    std::uint32_t first_link;  // of those that follow from it, no_link if none
    std::uint32_t ticket;
  };
  struct Link {
    Truth to;
    std::uint32_t next;
  };
  static constexpr std::uint32_t no_link = 0xFFFFFFFFu;
  static constexpr Truth first_node = 4;

  Truth add(Kind kind, Truth a, Truth b);
  void link(Truth from, Truth to);
  void settle(Truth condition, Truth answer);
  Node& node(Truth truth) { return nodes_[truth - first_node]; }
  const Node& node(Truth truth) const { return nodes_[truth - first_node]; }

  std::size_t limit_;
  std::size_t open_ = 0;
  std::uint32_t last_ticket_ = 0;
  std::vector<Node> nodes_;
  std::vector<Link> links_;
  std::vector<Truth> settled_;  // whose followers still have to be notified
  std::vector<Resolved> decided_;
};

}  // namespace personalize::html
