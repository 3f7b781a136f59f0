#include "html/selectors/answers.h"

#include <cassert>

namespace personalize::html {

void Answers::ask(std::uint64_t offset, SlotId slot, std::uint32_t ticket) {
  const std::uint64_t number = end();
  const bool given_up = ticket == undecidable;
  questions_.push_back({offset, slot, ticket, given_up ? Answer::given_up : Answer::open, last_offset});
  if (!given_up) {
    const auto [chain, first] = by_ticket_.try_emplace(ticket, Chain{number, number});
    if (!first) {
      at(chain->second.last).next = number;
      chain->second.last = number;
    }
  }
  skip_answered();
}

void Answers::resolve(std::uint64_t offset, std::span<const Resolved> resolved) {
  for (const Resolved& one : resolved) {
    const auto chain = by_ticket_.find(one.ticket);
    if (chain == by_ticket_.end()) continue;
    for (std::uint64_t number = chain->second.first; number != last_offset; number = at(number).next) {
      const bool in_time = offset - at(number).offset <= budget_;
      at(number).answer = !in_time ? Answer::given_up : one.matches ? Answer::yes : Answer::no;
    }
    by_ticket_.erase(chain);
  }
  if (!resolved.empty()) skip_answered();
}

void Answers::passed(std::uint64_t offset) {
  for (std::uint64_t number = first_open_; number < end() && offset - at(number).offset > budget_; ++number) {
    Question& question = at(number);
    if (question.answer != Answer::open) continue;
    question.answer = Answer::given_up;
    // Questions are given up in their order, so this one is the first of its chain.
    const auto chain = by_ticket_.find(question.ticket);
    assert(chain != by_ticket_.end());
    if (question.next == last_offset)
      by_ticket_.erase(chain);
    else
      chain->second.first = question.next;
  }
  skip_answered();
}

void Answers::finish() {
  for (std::uint64_t number = first_open_; number < end(); ++number) {
    if (at(number).answer == Answer::open) at(number).answer = Answer::given_up;
  }
  by_ticket_.clear();
  first_open_ = end();
}

void Answers::skip_answered() {
  while (first_open_ < end() && at(first_open_).answer != Answer::open) ++first_open_;
}

Answers::Answer Answers::take(std::uint64_t offset, SlotId slot) {
  while (!questions_.empty() && questions_.front().offset < offset && forgotten_ < first_open_) {
    questions_.pop_front();
    ++forgotten_;
  }
  for (const Question& question : questions_) {
    if (question.offset != offset) break;
    if (question.slot == slot) return question.answer == Answer::open ? Answer::given_up : question.answer;
  }
  return Answer::given_up;
}

std::size_t Answers::memory() const {
  return sizeof *this + questions_.size() * sizeof(Question) + by_ticket_.size() * (sizeof(Chain) + 4 * sizeof(void*));
}

}  // namespace personalize::html
