#include "engine/redis/packed_reply.h"

#include <cstring>

#include "engine/redis/reply_arrays.h"

namespace personalize::engine::redis {
namespace {

using plugins::Reply;

constexpr unsigned deepest = 8;

template <class Number>
void add_number(std::string& bytes, Number number) {
  char raw[sizeof(number)];
  std::memcpy(raw, &number, sizeof(number));
  bytes.append(raw, sizeof(number));
}

void add_reply(std::string& bytes, const Reply& reply) {
  bytes += static_cast<char>(reply.kind);
  switch (reply.kind) {
    case Reply::Kind::absent:
    case Reply::Kind::nil: return;
    case Reply::Kind::integer: return add_number(bytes, reply.integer);
    case Reply::Kind::array:
      add_number(bytes, static_cast<std::uint32_t>(reply.elements.size()));
      for (const Reply& element : reply.elements) add_reply(bytes, element);
      return;
    default: add_number(bytes, static_cast<std::uint32_t>(reply.text.size())); bytes += reply.text;
  }
}

class Reader {
 public:
  Reader(std::string_view bytes, rules::Arena& arena) : left_(bytes), arena_(arena) {}

  /// False: it ends too early, or is nothing that `pack` makes.
  bool read(Reply& reply, unsigned depth = 0) {
    std::uint8_t kind = 0;
    if (!number(kind) || kind > static_cast<std::uint8_t>(Reply::Kind::error)) return false;
    reply.kind = static_cast<Reply::Kind>(kind);
    switch (reply.kind) {
      case Reply::Kind::absent: return false;
      case Reply::Kind::nil: return true;
      case Reply::Kind::integer: return number(reply.integer);
      case Reply::Kind::array: return array(reply, depth);
      default: return text(reply);
    }
  }
  bool at_end() const { return left_.empty(); }

 private:
  template <class Number>
  bool number(Number& value) {
    if (left_.size() < sizeof(value)) return false;
    std::memcpy(&value, left_.data(), sizeof(value));
    left_.remove_prefix(sizeof(value));
    return true;
  }

  bool text(Reply& reply) {
    std::uint32_t size = 0;
    if (!number(size) || size > left_.size()) return false;
    reply.text = left_.substr(0, size);
    left_.remove_prefix(size);
    return true;
  }

  bool array(Reply& reply, unsigned depth) {
    std::uint32_t size = 0;
    if (!number(size) || size > left_.size() || depth == deepest) return false;  // an element is a byte at least
    const std::span<Reply> elements = make_replies(size, arena_);
    for (Reply& element : elements) {
      if (!read(element, depth + 1)) return false;
    }
    reply.elements = elements;
    return true;
  }

  std::string_view left_;
  rules::Arena& arena_;
};

}  // namespace

std::string pack(const Reply& reply) {
  std::string bytes;
  add_reply(bytes, reply);
  return bytes;
}

std::optional<Reply> unpack(std::string_view bytes, rules::Arena& arena) {
  Reader reader(bytes, arena);
  Reply reply;
  if (!reader.read(reply) || !reader.at_end()) return std::nullopt;
  return reply;
}

}  // namespace personalize::engine::redis
