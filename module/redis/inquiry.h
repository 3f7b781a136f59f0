// The commands of one request on their way to Redis and back.
#pragma once

#include <cstddef>
#include <memory>
#include <vector>

#include "plugins/plugin.h"

namespace personalize::nginx::redis {

/// Takes replies. Called from the event loop, never from inside of `Pool::ask`.
class Listener {
 public:
  virtual ~Listener() = default;
  /// `reply` is valid during the call; kind `absent`: the connection broke.
  virtual void on_reply(std::size_t index, const plugins::Reply& reply) = 0;
};

class Connection;

/// Shared by the request, which may go away, and the connection, which must wait for the replies all the same: what was
/// asked on a pipeline is answered on it.
class Inquiry {
 public:
  struct Ticket {
    std::shared_ptr<Inquiry> inquiry;  ///< keeps itself alive until the reply is here
    std::size_t index;
  };

  explicit Inquiry(Listener* listener) : listener_(listener) {}

  /// The request is over or has decided: nobody listens any more. `missed`: because its deadline passed.
  void forget(bool missed);

  bool overdue() const { return overdue_; }
  Listener* listener() const { return listener_; }

 private:
  friend class Connection;
  Listener* listener_;
  Connection* connection_ = nullptr;  // null when it is gone
  bool overdue_ = false;
};

}  // namespace personalize::nginx::redis
