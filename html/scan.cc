#include "html/scan.h"

#include <array>
#include <cstdint>
#include <cstring>

#include "html/ascii.h"
#include "html/attributes.h"

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

/// Up to eight bytes in lower case, filled with zeros. Eight bytes can be read at `p`.
inline std::uint64_t lowered(const char* p, unsigned length) {
  constexpr std::uint64_t ones = 0x0101010101010101u;
  std::uint64_t bytes;
  std::memcpy(&bytes, p, sizeof bytes);
  if (length < 8) bytes &= (std::uint64_t{1} << (8 * length)) - 1;
  const std::uint64_t low_bits = bytes & (ones * 0x7F);
  const std::uint64_t from_a = low_bits + ones * (0x80 - 'A');
  const std::uint64_t above_z = low_bits + ones * (0x7F - 'Z');
  const std::uint64_t upper = (from_a ^ above_z) & ~bytes & (ones * 0x80);
  return bytes | (upper >> 2);
}

/// The plain way: find the end of the tag, then read its attributes.
bool scan_tag_scalar(const char* begin, const char* end, ScannedTag& tag) {
  const char* p = begin + 1;
  if (end - begin < 66) return false;
  tag.end_tag = *p == '/';
  if (tag.end_tag) ++p;
  if (!is_ascii_letter(*p)) return false;
  const char* const name = p;
  while (p != end && !ends_tag_name(*p)) ++p;
  const auto length = static_cast<unsigned>(p - name);
  if (p == end || length > 16) return false;
  tag.name_length = static_cast<std::uint8_t>(length);
  tag.name_low = lowered(name, length < 8 ? length : 8);
  tag.name_high = length > 8 ? lowered(name + 8, length - 8) : 0;
  tag.self_closing = false;

  const char* const attributes = p;
  const char* name_may_begin = p;  // a `=` there would be part of a name
  while (p != end && *p != '>') {
    if (*p != '=') {
      ++p;
      continue;
    }
    if (p == name_may_begin || ends_tag_name(p[-1])) return false;
    ++p;
    if (p == end || is_space(*p) || *p == '>') return false;
    if (*p == '"' || *p == '\'') {
      const char* const close = find_scalar(p + 1, end, *p);
      if (close == end) return false;
      p = close + 1;
    } else {
      while (p != end && !is_space(*p) && *p != '>') ++p;
    }
    name_may_begin = p;
  }
  if (p == end) return false;
  tag.listed_count = 0;
  tag.has_attributes = *attributes != '>';
  AttributeCursor cursor({attributes, static_cast<std::size_t>(p - attributes)});
  AttributePlace place;
  bool value_last = false;
  while (cursor.next(place)) {
    if (tag.lists(place.attribute.name) && !tag.add(place.attribute.name, place.attribute.value)) return false;
    value_last = place.has_value && place.quote == 0;
  }
  const bool in_value = value_last && attributes + place.end == p;
  tag.self_closing = p[-1] == '/' && !in_value;
  tag.end = p + 1;
  return true;
}

const char* next_tag_scalar(const char* p, const char* end, ScannedTag& tag) {
  p = find_scalar(p, end, '<');
  if (!scan_tag_scalar(p, end, tag)) tag.end = nullptr;
  return p;
}

constexpr Scanner scalar{"scalar", find_scalar, find_either_scalar, next_tag_scalar};

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

namespace with_sse2 {

struct Window {
  explicit Window(const char* p) {
    for (int i = 0; i < 4; ++i) v[i] = _mm_loadu_si128(reinterpret_cast<const __m128i*>(p + 16 * i));
  }
  static std::uint64_t join(const __m128i* r) {
    std::uint64_t mask = 0;
    for (int i = 0; i < 4; ++i) {
      mask |= std::uint64_t{static_cast<std::uint16_t>(_mm_movemask_epi8(r[i]))} << (16 * i);
    }
    return mask;
  }
  std::uint64_t equal(char c) const {
    const __m128i w = _mm_set1_epi8(c);
    const __m128i r[4] = {_mm_cmpeq_epi8(v[0], w), _mm_cmpeq_epi8(v[1], w), _mm_cmpeq_epi8(v[2], w),
                          _mm_cmpeq_epi8(v[3], w)};
    return join(r);
  }
  std::uint64_t gaps() const {
    __m128i r[4];
    for (int i = 0; i < 4; ++i) {
      r[i] = _mm_cmpeq_epi8(v[i], _mm_set1_epi8(' '));
      for (char c : {'\n', '\t', '\r', '\f', '/'}) r[i] = _mm_or_si128(r[i], _mm_cmpeq_epi8(v[i], _mm_set1_epi8(c)));
    }
    return join(r);
  }
  static std::uint64_t prefix_xor(std::uint64_t bits) {
    for (unsigned shift = 1; shift < 64; shift *= 2) bits ^= bits << shift;
    return bits;
  }
  __m128i v[4];
};

#define PERSONALIZE_TARGET
#include "html/scan_tag.inc"
#undef PERSONALIZE_TARGET

}  // namespace with_sse2

constexpr Scanner sse2{"sse2", find_sse2, find_either_sse2, with_sse2::next_tag};

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

namespace with_avx2 {

#define PERSONALIZE_TARGET __attribute__((target("avx2,bmi,pclmul")))

struct Window {
  PERSONALIZE_TARGET explicit Window(const char* p)
      : low(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p))),
        high(_mm256_loadu_si256(reinterpret_cast<const __m256i*>(p + 32))) {}
  PERSONALIZE_TARGET static std::uint64_t join(__m256i a, __m256i b) {
    return std::uint64_t{static_cast<std::uint32_t>(_mm256_movemask_epi8(a))} |
           std::uint64_t{static_cast<std::uint32_t>(_mm256_movemask_epi8(b))} << 32;
  }
  PERSONALIZE_TARGET std::uint64_t equal(char c) const {
    const __m256i w = _mm256_set1_epi8(c);
    return join(_mm256_cmpeq_epi8(low, w), _mm256_cmpeq_epi8(high, w));
  }
  PERSONALIZE_TARGET std::uint64_t gaps() const {
    // [low four bits of a byte]: the gap that has them.
    const __m256i by_nibble = _mm256_broadcastsi128_si256(
        _mm_setr_epi8(' ', -1, -1, -1, -1, -1, -1, -1, -1, '\t', '\n', -1, '\f', '\r', -1, '/'));
    return join(_mm256_cmpeq_epi8(_mm256_shuffle_epi8(by_nibble, low), low),
                _mm256_cmpeq_epi8(_mm256_shuffle_epi8(by_nibble, high), high));
  }
  PERSONALIZE_TARGET static std::uint64_t prefix_xor(std::uint64_t bits) {
    const __m128i product = _mm_clmulepi64_si128(_mm_set_epi64x(0, static_cast<long long>(bits)), _mm_set1_epi8(-1), 0);
    return static_cast<std::uint64_t>(_mm_cvtsi128_si64(product));
  }
  __m256i low;
  __m256i high;
};

#include "html/scan_tag.inc"
#undef PERSONALIZE_TARGET

}  // namespace with_avx2

constexpr Scanner avx2{"avx2", find_avx2, find_either_avx2, with_avx2::next_tag};

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
  if (name == avx2.name) {
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi") && __builtin_cpu_supports("pclmul") ? &avx2 : nullptr;
  }
  if (name == sse2.name) return &sse2;
#endif
  return name == scalar.name ? &scalar : nullptr;
}

const Scanner& scanner() {
  static const Scanner& chosen = choose();
  return chosen;
}

}  // namespace personalize::html
