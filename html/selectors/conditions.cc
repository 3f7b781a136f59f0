#include "html/selectors/conditions.h"

#include <utility>

namespace personalize::html {

Truth Conditions::value(Truth truth) const {
  if (truth < kFirst || node(truth).state == kGivenUp) return truth;
  return node(truth).state;
}

Truth Conditions::unknown() { return add(Kind::unknown, kTrue, kTrue); }

Truth Conditions::both(Truth a, Truth b) {
  a = value(a);
  b = value(b);
  if (a == kFalse || b == kFalse) return kFalse;
  if (a == kTrue) return b;
  if (b == kTrue || a == b) return a;
  if (a == kGivenUp || b == kGivenUp) return kGivenUp;
  return add(Kind::both, a, b);
}

Truth Conditions::either(Truth a, Truth b) {
  a = value(a);
  b = value(b);
  if (a == kTrue || b == kTrue) return kTrue;
  if (a == kFalse) return b;
  if (b == kFalse || a == b) return a;
  if (a == kGivenUp || b == kGivenUp) return kGivenUp;
  return add(Kind::either, a, b);
}

Truth Conditions::negation(Truth a) {
  a = value(a);
  if (a == kGivenUp || a == kUnknown) return a;
  if (a <= kTrue) return a == kTrue ? kFalse : kTrue;
  return add(Kind::negation, a, kTrue);
}

Truth Conditions::add(Kind kind, Truth a, Truth b) {
  if (nodes_.size() >= limit_) return kGivenUp;
  const Truth condition = static_cast<Truth>(nodes_.size()) + kFirst;
  nodes_.push_back({kind, 0, a == kUnknown || b == kUnknown, kGivenUp, kNoLink, 0});
  ++open_;
  if (a >= kFirst) link(a, condition);
  if (b >= kFirst) link(b, condition);
  return condition;
}

void Conditions::link(Truth from, Truth to) {
  links_.push_back({to, node(from).first_link});
  node(from).first_link = static_cast<std::uint32_t>(links_.size() - 1);
  ++node(to).waiting;
}

std::uint32_t Conditions::ticket(Truth condition) {
  if (node(condition).ticket == 0) node(condition).ticket = ++last_ticket_;
  return node(condition).ticket;
}

void Conditions::settle(Truth condition, Truth answer) {
  if (node(condition).state != kGivenUp) return;
  node(condition).state = answer;
  --open_;
  if (node(condition).ticket != 0) decided_.push_back({node(condition).ticket, answer == kTrue});
  settled_.push_back(condition);
}

void Conditions::doubt(Truth unknown) { node(unknown).doubtful = true; }

void Conditions::decide(Truth unknown, bool answer) {
  settle(unknown, answer ? kTrue : node(unknown).doubtful ? kUnknown : kFalse);
  while (!settled_.empty()) {
    const Truth from = settled_.back();
    settled_.pop_back();
    const Truth known = node(from).state;
    for (std::uint32_t at = node(from).first_link; at != kNoLink; at = links_[at].next) {
      const Truth to = links_[at].to;
      const std::uint8_t waiting = --node(to).waiting;
      node(to).doubtful |= known == kUnknown;
      switch (node(to).kind) {
        case Kind::both:
          if (known == kFalse || waiting == 0)
            settle(to, known == kFalse ? kFalse : node(to).doubtful ? kUnknown : kTrue);
          break;
        case Kind::either:
          if (known == kTrue || waiting == 0)
            settle(to, known == kTrue ? kTrue : node(to).doubtful ? kUnknown : kFalse);
          break;
        case Kind::negation: settle(to, negation(known)); break;
        case Kind::unknown: break;
      }
    }
  }
}

void Conditions::clear() {
  nodes_.clear();
  links_.clear();
}

std::size_t Conditions::memory() const {
  return nodes_.capacity() * sizeof(Node) + links_.capacity() * sizeof(Link) + decided_.capacity() * sizeof(Resolved);
}

}  // namespace personalize::html
