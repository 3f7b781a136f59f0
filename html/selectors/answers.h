// Answers about matches that depend on later parts of the page: found by a lookahead pass, which parses the page ahead
// of the rewriter, for the rewriter.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <span>
#include <unordered_map>

#include "html/selectors/matcher.h"

namespace personalize::html {

/// A question is identified by the page offset of a tag and a slot. An answer counts only if it was found within
/// `budget` bytes after the tag, so that the result does not depend on how the page is cut into chunks.
class Answers {
 public:
  enum class Answer : std::uint8_t { open, no, yes, given_up };

  explicit Answers(std::size_t budget) : budget_(budget) {}

  // For the lookahead pass, in the order of the page.
  void ask(std::uint64_t offset, SlotId slot, std::uint32_t ticket);
  /// These were decided by the token at `offset`.
  void resolve(std::uint64_t offset, std::span<const Resolved> resolved);
  /// The lookahead pass has reached `offset`: questions that are too far back are given up.
  void passed(std::uint64_t offset);
  /// The page is over.
  void finish();

  // For the rewriter.
  /// How far the rewriter may go: up to the first tag with an open question.
  std::uint64_t limit() const { return first_open_ < end() ? at(first_open_).offset : UINT64_MAX; }
  /// Asked once about a tag and slot, in the order of the page; questions about earlier tags are forgotten.
  Answer take(std::uint64_t offset, SlotId slot);

  std::size_t memory() const;

 private:
  struct Question {
    std::uint64_t offset;
    SlotId slot;
    std::uint32_t ticket;
    Answer answer;
    std::uint64_t next;  // open question with the same ticket
  };
  /// Numbers of the first and the last open question with one ticket.
  struct Chain {
    std::uint64_t first, last;
  };
  static constexpr std::uint64_t last_offset = UINT64_MAX;
  std::uint64_t end() const { return forgotten_ + questions_.size(); }
  Question& at(std::uint64_t number) { return questions_[static_cast<std::size_t>(number - forgotten_)]; }
  const Question& at(std::uint64_t number) const { return questions_[static_cast<std::size_t>(number - forgotten_)]; }
  void skip_answered();

  const std::size_t budget_;
  std::deque<Question> questions_;
  std::uint64_t forgotten_ = 0;   // number of the first one in questions_
  std::uint64_t first_open_ = 0;  // number of the first one without answer
  std::unordered_map<std::uint32_t, Chain> by_ticket_;
};

}  // namespace personalize::html
