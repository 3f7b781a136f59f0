#include "learn/events/log_lines.h"

#include <string>

namespace personalize::learn::events {
namespace {

/// How every line of ours begins, and what stands nowhere else in one: in texts quotes are escaped.
constexpr std::string_view begin_of_line = R"({"time":)";

}  // namespace

const Event* LogReader::read(std::string_view line) {
  if (line.ends_with('\r')) line.remove_suffix(1);
  if (line.find_first_not_of(" \t") == std::string_view::npos) return nullptr;
  if (const auto event = reader_.read(line)) return *event;
  ++broken_;
  const std::size_t begin = line.rfind(begin_of_line);
  if (begin != std::string_view::npos && begin != 0) {
    if (const auto event = reader_.read(line.substr(begin))) return *event;
  }
  problem_ = reader_.read(line).error();
  return nullptr;
}

}  // namespace personalize::learn::events
