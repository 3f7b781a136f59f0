#include "engine/redis/reply_objects.h"

#include <algorithm>
#include <new>

namespace personalize::engine::redis {
namespace {

/// What only servers say that were asked to: that it is of that type is all that matters.
[[maybe_unused]] bool nothing_more(ReplyObjects&, redisReply&) { return true; }

}  // namespace

/// A new object in its place in the array around it, if there is one. Null without memory: hiredis gives up.
template <class Fill>
void* ReplyObjects::add(const redisReadTask* task, Fill fill) {
  auto& objects = *static_cast<ReplyObjects*>(task->privdata);
  try {
    auto* reply = new (objects.allocate(sizeof(redisReply))) redisReply{};
    reply->type = task->type;
    if (!fill(objects, *reply)) return nullptr;
    if (task->parent != nullptr) static_cast<redisReply*>(task->parent->obj)->element[task->idx] = reply;
    return reply;
  } catch (const std::bad_alloc&) {
    return nullptr;
  }
}

redisReplyObjectFunctions ReplyObjects::functions() {
  redisReplyObjectFunctions made = {};
  made.createString = [](const redisReadTask* task, char* text, std::size_t size) {
    return add(task, [&](ReplyObjects& objects, redisReply& reply) {
      reply.str = static_cast<char*>(objects.allocate(size + 1));
      reply.len = size;
      *std::copy_n(text, size, reply.str) = '\0';
      return true;
    });
  };
  made.createArray = [](const redisReadTask* task, auto size) {  // int until hiredis 1.0, size_t since
    return add(task, [&](ReplyObjects& objects, redisReply& reply) {
      reply.elements = static_cast<std::size_t>(size);
      objects.elements_ += reply.elements;
      if (objects.too_many()) return false;
      reply.element = static_cast<redisReply**>(objects.allocate(reply.elements * sizeof(redisReply*)));
      std::fill_n(reply.element, reply.elements, nullptr);
      return true;
    });
  };
  made.createInteger = [](const redisReadTask* task, long long value) {
    return add(task, [&](ReplyObjects&, redisReply& reply) {
      reply.integer = value;
      return true;
    });
  };
  made.createNil = [](const redisReadTask* task) {  // announced as a text or an array of -1
    return add(task, [](ReplyObjects&, redisReply& reply) {
      reply.type = REDIS_REPLY_NIL;
      return true;
    });
  };
  [&](auto& since_1_0) {
    if constexpr (requires { since_1_0.createDouble; })
      since_1_0.createDouble = [](const redisReadTask* task, double, char*, std::size_t) {
        return add(task, nothing_more);
      };
    if constexpr (requires { since_1_0.createBool; })
      since_1_0.createBool = [](const redisReadTask* task, int) { return add(task, nothing_more); };
  }(made);
  made.freeObject = [](void*) {};  // all at once, by `clear`
  return made;
}

void ReplyObjects::make_for(redisReader& reader) {
  static redisReplyObjectFunctions shared = functions();
  reader.fn = &shared;
  reader.privdata = this;
}

void ReplyObjects::clear() {
  memory_.release();
  elements_ = 0;
}

}  // namespace personalize::engine::redis
