#include "html/selectors/conditions.h"

#include <utility>

namespace personalize::html {

Truth Conditions::value(Truth truth) const {
  if (truth < first_node || node(truth).state == gave_up) return truth;
  return node(truth).state;
}

Truth Conditions::unknown() { return add(Kind::unknown, known_true, known_true); }

Truth Conditions::both(Truth a, Truth b) {
  a = value(a);
  b = value(b);
  if (a == known_false || b == known_false) return known_false;
  if (a == known_true) return b;
  if (b == known_true || a == b) return a;
  if (a == gave_up || b == gave_up) return gave_up;
  return add(Kind::both, a, b);
}

Truth Conditions::either(Truth a, Truth b) {
  a = value(a);
  b = value(b);
  if (a == known_true || b == known_true) return known_true;
  if (a == known_false) return b;
  if (b == known_false || a == b) return a;
  if (a == gave_up || b == gave_up) return gave_up;
  return add(Kind::either, a, b);
}

Truth Conditions::negation(Truth a) {
  a = value(a);
  if (a == gave_up || a == not_known) return a;
  if (a <= known_true) return a == known_true ? known_false : known_true;
  return add(Kind::negation, a, known_true);
}

Truth Conditions::add(Kind kind, Truth a, Truth b) {
  if (nodes_.size() >= limit_) return gave_up;
  const Truth condition = static_cast<Truth>(nodes_.size()) + first_node;
  nodes_.push_back({kind, 0, a == not_known || b == not_known, gave_up, no_link, 0});
  ++open_;
  if (a >= first_node) link(a, condition);
  if (b >= first_node) link(b, condition);
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
  if (node(condition).state != gave_up) return;
  node(condition).state = answer;
  --open_;
  if (node(condition).ticket != 0) decided_.push_back({node(condition).ticket, answer == known_true});
  settled_.push_back(condition);
}

void Conditions::doubt(Truth unknown) { node(unknown).doubtful = true; }

void Conditions::decide(Truth unknown, bool answer) {
  settle(unknown, answer ? known_true : node(unknown).doubtful ? not_known : known_false);
  while (!settled_.empty()) {
    const Truth from = settled_.back();
    settled_.pop_back();
    const Truth known = node(from).state;
    for (std::uint32_t at = node(from).first_link; at != no_link; at = links_[at].next) {
      const Truth to = links_[at].to;
      const std::uint8_t waiting = --node(to).waiting;
      node(to).doubtful |= known == not_known;
      switch (node(to).kind) {
        case Kind::both:
          if (known == known_false || waiting == 0)
            settle(to, known == known_false ? known_false : node(to).doubtful ? not_known : known_true);
          break;
        case Kind::either:
          if (known == known_true || waiting == 0)
            settle(to, known == known_true ? known_true : node(to).doubtful ? not_known : known_false);
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
