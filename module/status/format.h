// The format in which a client wants the status.
#pragma once

#include <string_view>

namespace personalize::module {

/// What a request's Accept headers say about the two formats (RFC 9110, 12.5.1): for each, the most specific range that
/// names it counts. Clients without a preference get JSON.
class AcceptedFormat {
 public:
  /// The value of one such header.
  void read(std::string_view field);
  /// True if Prometheus' text is preferred to JSON.
  bool is_prometheus() const;

 private:
  /// The most specific range so far.
  struct Range {
    int precision = 0;
    int quality = 0;
    void narrow(int precision, int quality);
  };
  Range json_, text_;
  int open_metrics_ = 0;  // the quality of OpenMetrics, a newer form of the text
};

}  // namespace personalize::module
