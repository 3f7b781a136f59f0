// One command on its way to Redis and back, and who waits for its reply.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "plugins/plugin.h"

namespace personalize::module::redis {

/// Takes replies.
class ReplyListener {
 public:
  virtual ~ReplyListener() = default;
  /// `reply` is valid during the call; kind `absent`: nobody could be asked, or the connection broke.
  virtual void on_reply(std::size_t index, const plugins::Reply& reply) = 0;
  /// One from the cache, all of it in the memory that was given for the question.
  virtual void on_cached_reply(std::size_t index, const plugins::Reply& reply) = 0;
};

class Connection;
class ReplyCache;

/// Shared by the connection, which must wait for the reply even if nobody else does any more (what was asked on a
/// pipeline is answered on it), and by everybody who asked the same meanwhile.
class Query {
 public:
  /// `key`: the encoded command after `head` bytes that are not sent.
  Query(std::string key, std::size_t head, std::uint16_t slot, bool repeatable, bool writes = false)
      : key_(std::move(key)), head_(head), slot_(slot), repeatable_(repeatable), writes_(writes) {}

  std::string_view key() const { return key_; }                   ///< the same for all that ask the same Redis the same
  std::string_view bytes() const { return key().substr(head_); }  ///< the encoded command
  std::uint16_t slot() const { return slot_; }                    ///< of its key, in a cluster
  bool writes() const { return writes_; }

  /// When it was sent, by the count of the cache of profiles (ReplyCache::Moment); 0: it was not, or there is no cache.
  std::uint64_t asked() const { return asked_; }
  void set_asked(std::uint64_t moment) { asked_ = moment; }

  /// Nobody waits for the reply, and it must not be sent twice.
  bool is_write() const { return !repeatable_ && !wanted(); }

  /// True, once, if the query may be sent again after its connection broke.
  bool try_again();
  /// The server that its slot is moving to has refused ASKING: `why`.
  void asking_failed(std::string_view why) { asking_failure_ = why; }
  const std::string& asking_failure() const { return asking_failure_; }
  /// True, a few times, if it may be sent to where a cluster redirects it.
  bool follow_redirect();

  void join(ReplyListener& listener, std::size_t index) { waiters_.push_back({&listener, index}); }
  /// That listener does not wait any more. `missed`: because its deadline passed.
  void leave(const ReplyListener& listener, bool missed);
  bool wanted() const { return !waiters_.empty(); }
  /// Somebody's deadline passed: nobody else should wait for it.
  bool overdue() const { return overdue_; }

  /// Hands the reply to all who wait.
  void answer(const plugins::Reply& reply);

  /// Where it is in flight; set and cleared by the connection.
  void sent_on(Connection* connection) { connection_ = connection; }

 private:
  struct Waiter {
    ReplyListener* listener;
    std::size_t index;
  };

  const std::string key_;
  const std::size_t head_;
  const std::uint16_t slot_;
  const bool repeatable_;
  const bool writes_;
  std::uint64_t asked_ = 0;
  bool repeated_ = false;
  bool overdue_ = false;
  unsigned redirects_ = 0;
  std::string asking_failure_;
  Connection* connection_ = nullptr;
  std::vector<Waiter> waiters_;
};

/// What one request asked and has not been told yet. Once this is destroyed, it will not be told.
class PendingReplies {
 public:
  PendingReplies() = default;
  explicit PendingReplies(ReplyListener& listener) : listener_(&listener) {}
  PendingReplies(PendingReplies&&) = default;
  PendingReplies& operator=(PendingReplies&& other) noexcept;
  ~PendingReplies() { forget(false); }

  void add(std::shared_ptr<Query> query) { queries_.push_back(std::move(query)); }
  /// `missed`: the request decided without what it had asked for.
  void forget(bool missed) {
    if (!queries_.empty()) leave(missed);
  }

 private:
  void leave(bool missed);

  ReplyListener* listener_ = nullptr;
  std::vector<std::shared_ptr<Query>> queries_;
};

}  // namespace personalize::module::redis
