// Where the lines of the log come from.
#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace personalize::cli {

using TakeLine = std::function<void(std::string_view line)>;

class EventSource {
 public:
  virtual ~EventSource() = default;
  /// Hands over the next lines, a limited number; how many there were: 0 if there are no more for now. After an error
  /// it may be called again: nothing is handed over twice.
  virtual tl::expected<std::size_t, std::string> read(const TakeLine& take) = 0;
  /// What was handed over has arrived: the next reader of this name begins after it.
  virtual tl::expected<void, std::string> save() = 0;
  /// Events that were dropped before this reader came to them.
  virtual std::uint64_t lost() const { return 0; }
};

}  // namespace personalize::cli
