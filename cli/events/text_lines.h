// Lines of text files, one after the other.
#pragma once

#include <istream>
#include <string>

namespace personalize::cli {

/// A longer line is taken for several.
inline constexpr std::size_t max_text_line = 4 * 1024 * 1024;

/// False at the end. Line ends of Windows and a byte order mark are taken off.
inline bool next_line(std::istream& in, std::string& line) {
  line.clear();
  for (int next = in.get(); next != std::istream::traits_type::eof(); next = in.get()) {
    if (next == '\n' || line.size() == max_text_line) break;
    line += static_cast<char>(next);
  }
  if (line.empty() && in.eof()) return false;
  if (line.ends_with('\r')) line.pop_back();
  if (line.starts_with("\xEF\xBB\xBF")) line.erase(0, 3);
  return true;
}

}  // namespace personalize::cli
