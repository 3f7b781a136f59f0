// Finding bytes in a page: with AVX2, SSE2 or plain code, chosen once when the process starts.
#pragma once

#include <string_view>

namespace personalize::html {

/// One implementation. All give the same answers and never read outside [begin, end).
struct Scanner {
  std::string_view name;
  /// First `wanted` in [begin, end), or `end`.
  const char* (*find)(const char* begin, const char* end, char wanted);
  /// First `a` or `b`, or `end`.
  const char* (*find_either)(const char* begin, const char* end, char a, char b);
};

/// The best one for this CPU.
const Scanner& scanner();

/// By name ("avx2", "sse2", "scalar"); null where the CPU cannot run it.
const Scanner* scanner(std::string_view name);

}  // namespace personalize::html
