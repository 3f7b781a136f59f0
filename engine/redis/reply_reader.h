// A server's bytes become replies; hiredis reads them.
#pragma once

#include <hiredis/hiredis.h>

#include <cstdint>
#include <memory>
#include <string_view>

#include "engine/redis/reply_objects.h"

namespace personalize::engine::redis {

/// What a server says is hostile: both bytes and elements of a reply have a limit.
class ReplyReader {
 public:
  enum class Result : std::uint8_t {
    incomplete,  ///< more bytes are needed
    reply,       ///< the next one is whole
    oversized,   ///< the one that was coming in is too large
    malformed,   ///< that is not how Redis speaks: see `problem`
  };

  /// Forgets what was read before. False: there is no memory. Replies may have so many bytes.
  bool reset(std::size_t max_reply_bytes);
  /// Takes bytes; then `next` is to be called until the result is no reply.
  void feed(std::string_view bytes);
  Result next();
  /// Valid until the following call of `next`, `reset` or `release`.
  const redisReply& reply() const { return *reply_; }
  /// The reply is needed no more.
  void release();
  const char* problem() const { return reader_->errstr; }

 private:
  struct FreeReader {
    void operator()(redisReader* reader) const { redisReaderFree(reader); }
  };

  ReplyObjects objects_;
  std::unique_ptr<redisReader, FreeReader> reader_;
  const redisReply* reply_ = nullptr;
  std::size_t max_reply_bytes_ = 0;
  std::size_t read_ = 0;  ///< bytes since the last whole reply
};

}  // namespace personalize::engine::redis
