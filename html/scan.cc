#include "html/scan.h"

#include <array>
#include <cstdint>

#if defined(__x86_64__)
#include <immintrin.h>
#define PERSONALIZE_X86 1
#endif

namespace personalize::html {
namespace {

const char* find_scalar(const char* p, const char* end, char wanted) {
  while (p != end && *p != wanted) ++p;
  return p;
}

const char* find_either_scalar(const char* p, const char* end, char a, char b) {
  while (p != end && *p != a && *p != b) ++p;
  return p;
}

constexpr Scanner scalar{"scalar", find_scalar, find_either_scalar};

#ifdef PERSONALIZE_X86

const char* find_sse2(const char* p, const char* end, char wanted) {
  const __m128i w = _mm_set1_epi8(wanted);
  for (; end - p >= 16; p += 16) {
    const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    const auto mask = static_cast<std::uint32_t>(_mm_movemask_epi8(_mm_cmpeq_epi8(v, w)));
    if (mask != 0) return p + __builtin_ctz(mask);
  }
  return find_scalar(p, end, wanted);
}

const char* find_either_sse2(const char* p, const char* end, char a, char b) {
  const __m128i wa = _mm_set1_epi8(a), wb = _mm_set1_epi8(b);
  for (; end - p >= 16; p += 16) {
    const __m128i v = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
    const __m128i hit = _mm_or_si128(_mm_cmpeq_epi8(v, wa), _mm_cmpeq_epi8(v, wb));
    const auto mask = static_cast<std::uint32_t>(_mm_movemask_epi8(hit));
    if (mask != 0) return p + __builtin_ctz(mask);
  }
  return find_either_scalar(p, end, a, b);
}

constexpr Scanner sse2{"sse2", find_sse2, find_either_sse2};

__attribute__((target("avx2"))) const char* find_avx2(const char* p, const char* end, char wanted) {
  const __m256i w = _mm256_set1_epi8(wanted);
  for (; end - p >= 32; p += 32) {
    const __m256i v = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
    const auto mask = static_cast<std::uint32_t>(_mm256_movemask_epi8(_mm256_cmpeq_epi8(v, w)));
    if (mask != 0) return p + __builtin_ctz(mask);
  }
  return find_sse2(p, end, wanted);
}

__attribute__((target("avx2"))) const char* find_either_avx2(const char* p, const char* end, char a, char b) {
  const __m256i wa = _mm256_set1_epi8(a), wb = _mm256_set1_epi8(b);
  for (; end - p >= 32; p += 32) {
    const __m256i v = _mm256_loadu_si256(reinterpret_cast<const __m256i*>(p));
    const __m256i hit = _mm256_or_si256(_mm256_cmpeq_epi8(v, wa), _mm256_cmpeq_epi8(v, wb));
    const auto mask = static_cast<std::uint32_t>(_mm256_movemask_epi8(hit));
    if (mask != 0) return p + __builtin_ctz(mask);
  }
  return find_either_sse2(p, end, a, b);
}

constexpr Scanner avx2{"avx2", find_avx2, find_either_avx2};

#endif

const Scanner& choose() {
  for (std::string_view name : {"avx2", "sse2"}) {
    if (const Scanner* found = scanner(name)) return *found;
  }
  return scalar;
}

}  // namespace

const Scanner* scanner(std::string_view name) {
#ifdef PERSONALIZE_X86
  if (name == avx2.name) return __builtin_cpu_supports("avx2") ? &avx2 : nullptr;
  if (name == sse2.name) return &sse2;
#endif
  return name == scalar.name ? &scalar : nullptr;
}

const Scanner& scanner() {
  static const Scanner& chosen = choose();
  return chosen;
}

}  // namespace personalize::html
