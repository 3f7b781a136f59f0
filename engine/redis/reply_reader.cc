#include "engine/redis/reply_reader.h"

#include <cassert>

namespace personalize::engine::redis {

bool ReplyReader::reset(std::size_t max_reply_bytes) {
  reader_.reset(redisReaderCreate());
  reply_ = nullptr;
  objects_.clear();
  max_reply_bytes_ = max_reply_bytes;
  read_ = 0;
  if (reader_ == nullptr) return false;
  objects_.make_for(*reader_);
  return true;
}

void ReplyReader::feed(std::string_view bytes) {
  assert(reader_ != nullptr && reply_ == nullptr);
  read_ += bytes.size();
  redisReaderFeed(reader_.get(), bytes.data(), bytes.size());  // an error stays, and `next` has it
}

ReplyReader::Result ReplyReader::next() {
  release();
  void* parsed = nullptr;
  const bool good = redisReaderGetReply(reader_.get(), &parsed) == REDIS_OK;
  if (good && parsed != nullptr) {
    read_ = reader_->len - reader_->pos;
    reply_ = static_cast<const redisReply*>(parsed);
    return Result::reply;
  }
  if (read_ > max_reply_bytes_ || objects_.too_many()) return Result::oversized;
  return good ? Result::incomplete : Result::malformed;
}

void ReplyReader::release() {
  if (reply_ == nullptr) return;
  reply_ = nullptr;
  objects_.clear();
}

}  // namespace personalize::engine::redis
