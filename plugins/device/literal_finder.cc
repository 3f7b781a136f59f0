#include "plugins/device/literal_finder.h"

#include <deque>

namespace personalize::plugins {
namespace {

std::uint8_t folded(char c) { return static_cast<std::uint8_t>(c >= 'A' && c <= 'Z' ? c + ('a' - 'A') : c); }

}  // namespace

LiteralFinder::LiteralFinder() : transitions_(256, none), first_output_(1, none) {}

void LiteralFinder::add(std::string_view literal, std::uint32_t id) {
  if (literal.empty()) return;
  State state = 0;
  for (char c : literal) {
    const std::uint8_t symbol = folded(c);
    if (class_of_[symbol] == 0) class_of_[symbol] = static_cast<std::uint8_t>(classes_++);
    if (transition(state, symbol) == none) {
      transition(state, symbol) = state_count();
      first_output_.push_back(none);
      transitions_.resize(transitions_.size() + 256, none);
    }
    state = transition(state, symbol);
  }
  outputs_.push_back({id, first_output_[state]});
  first_output_[state] = static_cast<std::uint32_t>(outputs_.size() - 1);
}

void LiteralFinder::compile() {
  std::array<std::uint8_t, 256> symbol_of{};  // of a class
  for (std::size_t symbol = 0; symbol < 256; ++symbol)
    if (class_of_[symbol]) symbol_of[class_of_[symbol]] = static_cast<std::uint8_t>(symbol);

  // Breadth first: a state's fallback is nearer to the root and therefore complete.
  std::vector<State> compiled(state_count() * classes_, 0);
  std::vector<State> fallback(state_count(), 0);
  std::deque<State> queue{0};
  while (!queue.empty()) {
    const State state = queue.front();
    queue.pop_front();
    if (state != 0) {  // what ends here ends at the fallback too
      std::uint32_t* last = &first_output_[state];
      while (*last != none) last = &outputs_[*last].next;
      *last = first_output_[fallback[state]];
    }
    for (std::uint32_t c = 1; c < classes_; ++c) {
      const State next = transition(state, symbol_of[c]);
      const State otherwise = state == 0 ? 0 : compiled[fallback[state] * classes_ + c];
      compiled[state * classes_ + c] = next == none ? otherwise : next;
      if (next == none) continue;
      fallback[next] = otherwise;
      queue.push_back(next);
    }
  }
  transitions_ = std::move(compiled);
  for (char c = 'A'; c <= 'Z'; ++c) class_of_[static_cast<std::uint8_t>(c)] = class_of_[folded(c)];
}

void LiteralFinder::find(std::string_view text, std::vector<std::uint32_t>& ids) const {
  State state = 0;
  for (char c : text) {
    state = transitions_[state * classes_ + class_of_[static_cast<std::uint8_t>(c)]];
    for (std::uint32_t output = first_output_[state]; output != none; output = outputs_[output].next)
      ids.push_back(outputs_[output].id);
  }
}

}  // namespace personalize::plugins
