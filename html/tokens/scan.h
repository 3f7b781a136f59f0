// Operations on many bytes of a page at once, with AVX-512, AVX2, SSE2 or plain code, chosen when the process starts.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#if defined(__x86_64__)
#define PERSONALIZE_BMI __attribute__((target("bmi,bmi2")))
#else
#define PERSONALIZE_BMI
#endif

namespace personalize::html {

/// The kinds of the bytes in a piece of the page; bit i of word k stands for byte 64 * k + i.
struct ByteKinds {
  static constexpr std::size_t max_size = 4096;
  /// With one word more, so that 64 bits can be read from any bit on.
  using Mask = std::uint64_t[max_size / 64 + 1];

  Mask less;         ///< `<`
  Mask greater;      ///< `>`
  Mask breaks;       ///< white space, `/` and `>`: what ends a tag's or an attribute's name
  Mask equals;       ///< `=`
  Mask quotes;       ///< `"`
  Mask inside;       ///< an odd number of `"` stands before the byte or is it: in quotes, if the first one opens any
  Mask apostrophes;  ///< `'`
};

/// One implementation. All give the same answers and never read outside [begin, end).
struct Scanner {
  std::string_view name;
  /// The CPU has BMI and BMI2, too: code that works on masks may be compiled for them (`PERSONALIZE_BMI`).
  bool bmi;
  /// First `wanted` in [begin, end), or `end`.
  const char* (*find)(const char* begin, const char* end, char wanted);
  /// First `a` or `b`, or `end`.
  const char* (*find_either)(const char* begin, const char* end, char a, char b);
  /// The kinds of at most `ByteKinds::max_size` bytes. The word after the last one is zero.
  void (*classify)(const char* begin, const char* end, ByteKinds& kinds);
};

/// The best one for this CPU.
const Scanner& scanner();

/// By name ("avx512", "avx2", "sse2", "scalar"); null where the CPU cannot run it.
const Scanner* scanner(std::string_view name);

}  // namespace personalize::html
