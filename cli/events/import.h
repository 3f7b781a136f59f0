// What imports of events and of profiles have in common.
#pragma once

#include <cstdint>
#include <fstream>
#include <istream>
#include <ostream>
#include <string>
#include <string_view>

#include "cli/progress.h"

namespace personalize::cli {

/// One of the files that are imported; "-" is standard input.
class ImportFile {
 public:
  ImportFile(const std::string& path, std::istream& standard_input);

  std::istream& text() { return *in_; }
  bool readable() const { return static_cast<bool>(*in_); }
  /// It begins as JSON does.
  bool is_json();

 private:
  std::ifstream file_;
  std::istream* in_;
};

/// Counts, and says which lines were refused: the first ones of them.
class ImportReport {
 public:
  ImportReport(std::ostream& errors, std::string what)
      : errors_(errors), progress_(errors, what, errors_are_seen()), what_(std::move(what)) {}

  void imported() { progress_.add(1); }
  void refused(const std::string& path, std::size_t line, std::string_view why);
  /// Not refused, but of no use here.
  void passed_over() { ++passed_over_; }
  /// It cannot go on. The exit status: 2.
  int fail(const std::string& why);
  /// The exit status: 0, or 1 if something was refused.
  int sum_up();

 private:
  static constexpr std::uint64_t max_said = 20;

  std::ostream& errors_;
  Progress progress_;
  const std::string what_;
  std::uint64_t refused_ = 0, passed_over_ = 0;
};

}  // namespace personalize::cli
