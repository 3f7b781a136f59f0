#include "module/redis/reader_guard.h"

namespace personalize::nginx::redis {
namespace {

constexpr std::size_t most_elements = 64 * 1024;

redisReplyObjectFunctions original;  // hiredis' own, the same for all contexts

/// True for a reply (not an element of one) without a command that waits for it.
bool unasked(const redisReadTask* task) {
  return task->parent == nullptr && static_cast<redisAsyncContext*>(task->privdata)->replies.head == nullptr;
}

void* create_string(const redisReadTask* task, char* text, std::size_t size) {
  return unasked(task) ? nullptr : original.createString(task, text, size);
}

template <class Count>
void* create_array(const redisReadTask* task, Count count) {  // int until hiredis 1.0, size_t since
  if (unasked(task) || static_cast<std::size_t>(count) > most_elements) return nullptr;
  return original.createArray(task, count);
}

void* create_integer(const redisReadTask* task, long long number) {
  return unasked(task) ? nullptr : original.createInteger(task, number);
}

void* create_nil(const redisReadTask* task) { return unasked(task) ? nullptr : original.createNil(task); }

redisReplyObjectFunctions guarded_functions(const redisReplyObjectFunctions& functions) {
  redisReplyObjectFunctions guarded = functions;
  guarded.createString = create_string;
  guarded.createArray = create_array;
  guarded.createInteger = create_integer;
  guarded.createNil = create_nil;
  return guarded;
}

}  // namespace

void guard_reader(redisAsyncContext* context) {
  redisReader* reader = context->c.reader;
  static redisReplyObjectFunctions functions = guarded_functions(original = *reader->fn);
  reader->fn = &functions;
  reader->privdata = context;
}

}  // namespace personalize::nginx::redis
