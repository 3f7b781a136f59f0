// Comma-separated values (RFC 4180).
#pragma once

#include <istream>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace personalize::cli {

/// In quotes where it must be.
void append_csv(std::string& out, std::string_view value);

/// Reads one row after the other, of any size up to `max_row_bytes`. Quoted values may contain commas, quotes and line
/// ends; a byte order mark at the beginning is passed over.
class CsvReader {
 public:
  static constexpr std::size_t max_row_bytes = 1024 * 1024;

  explicit CsvReader(std::istream& in) : in_(in) {}

  /// The next row that is not empty; nothing at the end. Valid until the next call.
  const std::vector<std::string>* next();
  /// The line on which that row begins, from 1.
  std::size_t line() const { return row_line_; }
  /// What is wrong with that row, if something is.
  const std::optional<std::string>& problem() const { return problem_; }

 private:
  bool read_row();

  std::istream& in_;
  std::vector<std::string> row_;
  std::optional<std::string> problem_;
  std::size_t line_ = 1, row_line_ = 1;
  bool first_ = true;
};

}  // namespace personalize::cli
