#include "cli/events/csv.h"

namespace personalize::cli {

void append_csv(std::string& out, std::string_view value) {
  if (value.find_first_of(",\"\r\n") == value.npos) {
    out += value;
    return;
  }
  out += '"';
  for (const char c : value) {
    if (c == '"') out += '"';
    out += c;
  }
  out += '"';
}

const std::vector<std::string>* CsvReader::next() {
  if (first_) {
    constexpr std::string_view mark = "\xEF\xBB\xBF";
    if (in_.peek() == static_cast<unsigned char>(mark[0]))
      for (std::size_t i = 0; i < mark.size(); ++i) in_.get();
    first_ = false;
  }
  while (read_row()) {
    if (row_.size() > 1 || !row_[0].empty() || problem_) return &row_;
  }
  return nullptr;
}

bool CsvReader::read_row() {
  row_.assign(1, {});
  problem_.reset();
  row_line_ = line_;
  std::size_t bytes = 0;
  bool quoted = false, was_quoted = false;
  for (int next = in_.get(); next != std::istream::traits_type::eof(); next = in_.get()) {
    const char c = static_cast<char>(next);
    if (c == '\n') ++line_;
    if (++bytes == max_row_bytes) problem_ = "it is longer than a megabyte, or a quote is not closed";
    if (quoted) {
      if (c != '"')
        row_.back() += problem_ ? "" : std::string_view(&c, 1);
      else if (in_.peek() == '"')
        row_.back() += static_cast<char>(in_.get());
      else
        quoted = false;
    } else if (c == '"' && row_.back().empty() && !was_quoted) {
      quoted = was_quoted = true;
    } else if (c == ',') {
      row_.emplace_back();
      was_quoted = false;
    } else if (c == '\n') {
      return true;
    } else if (c != '\r' || in_.peek() != '\n') {
      if (was_quoted) problem_ = "something follows a closing quote";
      row_.back() += problem_ ? "" : std::string_view(&c, 1);
    }
  }
  if (quoted) problem_ = "a quote is not closed";
  return bytes != 0;
}

}  // namespace personalize::cli
