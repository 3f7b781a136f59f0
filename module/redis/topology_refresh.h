// Asks servers, again and again, where others are.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "module/redis/connection.h"
#include "module/worker/worker_timer.h"

namespace personalize::module::redis {

/// One connection, to one of several servers that should all say the same; the next one if it is lost, silent or
/// of no use.
class TopologyRefresh final : private ConnectionListener {
 public:
  /// Takes what a server said; kind `absent`: it could not be asked. False: that is not the last word, ask another one.
  using TakeReply = std::function<bool(const plugins::Reply& reply, const Address& from)>;

  /// Asks with `command`, at once and every `pause` milliseconds; `options` outlives this.
  TopologyRefresh(const ConnectionOptions& options, const Tls* tls, std::vector<Address> servers, std::string command,
                  ngx_msec_t pause, TakeReply take_reply, ngx_log_t* log);
  TopologyRefresh(const TopologyRefresh&) = delete;
  TopologyRefresh& operator=(const TopologyRefresh&) = delete;

  /// Something seems to have changed: asks soon, then less and less often until a server has the last word.
  void alarm();
  void set_servers(std::vector<Address> servers) { connection_.set_addresses(std::move(servers)); }

 private:
  void ask();
  ngx_msec_t on_timer();
  void on_answer(const std::shared_ptr<Query>& query, const Address& from, const redisReply* reply) override;
  void on_lost() override;
  void on_ready() override { ask(); }

  const std::string command_;
  const ngx_msec_t pause_;
  const TakeReply take_reply_;
  bool alarmed_ = false;
  bool satisfied_ = true;  ///< with what was said last
  ngx_msec_t current_pause_;
  ngx_msec_t asked_at_ = 0;
  std::shared_ptr<Query> asked_;
  ngx_log_t* log_;
  WorkerTimer timer_;
  Outage outage_;
  Connection connection_;
};

}  // namespace personalize::module::redis
