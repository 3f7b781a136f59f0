#include "engine/redis/slot_map.h"

#include <charconv>

#include "engine/redis/key_slot.h"

namespace personalize::engine::redis {
namespace {

using plugins::Reply;

/// [host, port, id, [name, value, …]]; the host may be null, empty or a name, with an address among what follows.
std::optional<Address> parse_node(const Reply& node, const Address& from) {
  if (node.kind != Reply::Kind::array || node.elements.size() < 2) return std::nullopt;
  const Reply &host = node.elements[0], &port = node.elements[1];
  if (port.kind != Reply::Kind::integer || port.integer <= 0 || port.integer > 65535) return std::nullopt;
  const int number = static_cast<int>(port.integer);
  if (host.text.empty()) return Address::literal(from.host(), number);
  if (auto address = Address::literal(host.text, number)) return address;
  if (node.elements.size() < 4) return std::nullopt;
  const auto facts = node.elements[3].elements;
  for (std::size_t i = 0; i + 1 < facts.size(); i += 2) {
    if (facts[i].text == "ip") return Address::literal(facts[i + 1].text, number);
  }
  return std::nullopt;
}

/// Of a node that `parse_node` understands. Servers that do not know their name call it "?".
std::string name_of(const Reply& node) {
  const std::string_view host = node.elements[0].text;
  const auto port = static_cast<int>(node.elements[1].integer);
  if (host.empty() || host == "?" || Address::literal(host, port)) return "";
  return std::string(host) + ':' + std::to_string(port);
}

bool is_slot(const Reply& reply) {
  return reply.kind == Reply::Kind::integer && reply.integer >= 0 && reply.integer < slots_of_a_cluster;
}

}  // namespace

std::optional<std::vector<SlotRange>> parse_slots(const Reply& reply, const Address& from) {
  if (reply.kind != Reply::Kind::array) return std::nullopt;
  std::vector<SlotRange> ranges;
  for (const Reply& range : reply.elements) {
    if (range.kind != Reply::Kind::array || range.elements.size() < 3) return std::nullopt;
    const Reply &first = range.elements[0], &last = range.elements[1];
    if (!is_slot(first) || !is_slot(last) || first.integer > last.integer) return std::nullopt;
    auto master = parse_node(range.elements[2], from);
    if (!master) continue;
    ranges.push_back({static_cast<std::uint16_t>(first.integer), static_cast<std::uint16_t>(last.integer),
                      std::move(*master), name_of(range.elements[2])});
  }
  return ranges;
}

std::optional<Redirect> parse_redirect(std::string_view error, const Address& from) {
  constexpr std::string_view moved = "MOVED ", ask = "ASK ";
  Redirect redirect{};
  if (error.starts_with(moved)) {
    redirect.kind = Redirect::Kind::moved;
    error.remove_prefix(moved.size());
  } else if (error.starts_with(ask)) {
    redirect.kind = Redirect::Kind::ask;
    error.remove_prefix(ask.size());
  } else {
    return std::nullopt;
  }
  const auto [end, problem] = std::from_chars(error.data(), error.data() + error.size(), redirect.slot);
  if (problem != std::errc() || redirect.slot >= slots_of_a_cluster) return std::nullopt;
  error.remove_prefix(static_cast<std::size_t>(end - error.data()));
  if (!error.starts_with(' ')) return std::nullopt;
  redirect.target = error.substr(1);
  if (redirect.target.empty()) return std::nullopt;
  redirect.to = Address::redirected(redirect.target, from);
  return redirect;
}

}  // namespace personalize::engine::redis
