#include "engine/redis/plain_reply.h"

#include <array>
#include <memory_resource>

#include "engine/redis/reply_arrays.h"

namespace personalize::engine::redis {
namespace {

class Conversion {
 public:
  explicit Conversion(const ReplyLimits& limits) : limits_(limits) {}

  plugins::Reply convert(const redisReply& reply, unsigned depth = 0) {
    plugins::Reply plain;
    switch (reply.type) {
      case REDIS_REPLY_NIL: plain.kind = plugins::Reply::Kind::nil; break;
      case REDIS_REPLY_STRING: plain.kind = plugins::Reply::Kind::string; break;
      case REDIS_REPLY_STATUS: plain.kind = plugins::Reply::Kind::status; break;
      case REDIS_REPLY_ERROR: plain.kind = plugins::Reply::Kind::error; break;
      case REDIS_REPLY_INTEGER:
        plain.kind = plugins::Reply::Kind::integer;
        plain.integer = reply.integer;
        return plain;
      case REDIS_REPLY_ARRAY: return array(reply, depth);
      default: return too_large();
    }
    if (reply.str != nullptr) plain.text = {reply.str, static_cast<std::size_t>(reply.len)};
    bytes_ += plain.text.size();
    return bytes_ <= limits_.bytes ? plain : too_large();
  }

  bool refused() const { return refused_; }
  plugins::Reply too_large() {
    refused_ = true;
    return {.kind = plugins::Reply::Kind::error, .text = "reply too large"};
  }

 private:
  plugins::Reply array(const redisReply& reply, unsigned depth) {
    if (depth == limits_.depth || reply.elements > limits_.elements) return too_large();
    const std::span<plugins::Reply> elements = make_replies(reply.elements, memory_);
    for (std::size_t i = 0; i < reply.elements && !refused_; ++i) elements[i] = convert(*reply.element[i], depth + 1);
    return {.kind = plugins::Reply::Kind::array, .elements = elements};
  }

  const ReplyLimits& limits_;
  std::array<std::byte, 32 * sizeof(plugins::Reply)> buffer_;  // a profile's fields fit without an allocation
  std::pmr::monotonic_buffer_resource memory_{buffer_.data(), buffer_.size()};
  std::size_t bytes_ = 0;
  bool refused_ = false;
};

}  // namespace

void with_plain_reply(const redisReply* reply, const ReplyLimits& limits,
                      const std::function<void(const plugins::Reply&)>& use) {
  if (reply == nullptr) return use({});
  Conversion conversion(limits);
  plugins::Reply plain = conversion.convert(*reply);
  use(conversion.refused() ? conversion.too_large() : plain);
}

}  // namespace personalize::engine::redis
