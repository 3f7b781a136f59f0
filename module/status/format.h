// In which of its formats a client wants the status.
#pragma once

#include <string_view>

namespace personalize::module {

/// What a request's Accept headers say of the two formats (RFC 9110, 12.5.1): the most specific range that names a
/// format counts for it. JSON is the format of those who do not care.
class AcceptedFormat {
 public:
  /// The value of one such header.
  void read(std::string_view field);
  /// Prometheus' text is liked better than JSON.
  bool is_prometheus() const;

 private:
  /// The range that counts so far.
  struct Range {
    int precision = 0;
    int quality = 0;
    void narrow(int precision, int quality);
  };
  Range json_, text_;
  int open_metrics_ = 0;  // the quality of a newer form of the text
};

}  // namespace personalize::module
