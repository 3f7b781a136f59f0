// The log of events in Redis, as its readers see it.
#pragma once

#include <chrono>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <memory_resource>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "cli/events/event_source.h"
#include "engine/redis/client/blocking_client.h"

namespace personalize::cli {

/// Reads all streams from where the reader of that name has come to, or, without a name, from their beginning.
/// A name's positions are kept in Redis beside the streams; what all readers of the last day have read is dropped.
class LogStreams final : public EventSource {
 public:
  /// Or what is wrong with the words, or with Redis. `reader` may be empty.
  static tl::expected<std::unique_ptr<EventSource>, std::string> open(const std::vector<std::string>& redis,
                                                                      std::string reader);

  tl::expected<std::size_t, std::string> read(const TakeLine& take) override;
  tl::expected<void, std::string> save() override;
  std::uint64_t lost() const override { return lost_; }

 private:
  using Clock = std::chrono::steady_clock;

  struct Stream {
    unsigned number;
    std::string key, readers;      ///< of the stream, and of its readers' positions
    std::string position = "0-0";  ///< the last entry that was handed over
    std::uint64_t count = 0;       ///< how many have ever been before the next one
    bool counted = false;          ///< Redis has told how many there are
  };

  LogStreams(std::vector<std::string> redis, std::string reader);
  tl::expected<plugins::Reply, std::string> ask(std::initializer_list<std::string_view> command,
                                                std::string_view key = {});
  tl::expected<void, std::string> find_streams();
  tl::expected<void, std::string> begin(Stream& stream);
  tl::expected<void, std::string> count_lost(Stream& stream);
  tl::expected<std::size_t, std::string> read(Stream& stream, const TakeLine& take);
  tl::expected<void, std::string> save(const Stream& stream);
  tl::expected<void, std::string> trim(const Stream& stream);

  std::vector<std::string> words_;
  std::string reader_, prefix_;
  std::unique_ptr<engine::redis::client::BlockingClient> client_;
  std::unique_ptr<std::pmr::monotonic_buffer_resource> memory_;
  std::vector<Stream> streams_;
  unsigned batch_ = 0;  ///< entries to ask for at once
  Clock::time_point looked_, trimmed_;
  std::uint64_t lost_ = 0;
};

}  // namespace personalize::cli
