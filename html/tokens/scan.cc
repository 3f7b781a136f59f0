#include "html/tokens/scan.h"

#include <array>
#include <cstdint>
#include <cstring>

#include "html/tokens/ascii.h"

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

/// [byte]: its kinds, one in each byte of the number, in the order of `ByteKinds`.
constexpr std::array<std::uint64_t, 256> make_spread() {
  std::array<std::uint64_t, 256> spread{};
  const auto set = [&](unsigned char byte, unsigned kind) { spread[byte] |= std::uint64_t{1} << (8 * kind); };
  set('<', 0);
  set('>', 1);
  for (char c : {' ', '\n', '\t', '\r', '\f', '/', '>'}) set(static_cast<unsigned char>(c), 2);
  set('=', 3);
  set('"', 4);
  set('\'', 5);
  return spread;
}

/// Eight bytes at a time: the bits of one kind come together in one byte of a sum.
void classify_scalar(const char* begin, const char* end, ByteKinds& kinds) {
  static constexpr std::array<std::uint64_t, 256> spread = make_spread();
  ByteKinds::Mask* const masks[] = {&kinds.less,   &kinds.greater,     &kinds.breaks, &kinds.equals,
                                    &kinds.quotes, &kinds.apostrophes, &kinds.inside};
  const std::size_t words = (static_cast<std::size_t>(end - begin) + 63) / 64;
  for (auto* mask : masks) std::memset(*mask, 0, (words + 1) * sizeof(std::uint64_t));
  std::uint64_t inside = 0;
  for (const char* p = begin; p < end; p += 8) {
    std::uint64_t sum = 0;
    for (unsigned i = 0; i < 8 && p + i != end; ++i) sum |= spread[static_cast<unsigned char>(p[i])] << i;
    const auto at = static_cast<std::size_t>(p - begin);
    for (unsigned kind = 0; kind < 6; ++kind) (*masks[kind])[at / 64] |= (sum >> (8 * kind) & 0xFF) << (at % 64);
  }
  for (std::size_t word = 0; word < words; ++word) {
    std::uint64_t bits = kinds.quotes[word];
    for (unsigned shift = 1; shift < 64; shift *= 2) bits ^= bits << shift;
    kinds.inside[word] = inside ^= bits;
    inside = 0 - (inside >> 63);
  }
}

constexpr Scanner scalar{"scalar", false, find_scalar, find_either_scalar, classify_scalar};

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
  explicit Window(const char* p) : a(load(p)), b(load(p + 16)), c(load(p + 32)), d(load(p + 48)) {}
  static __m128i load(const char* p) { return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p)); }

  /// The bytes for which `test` gives all ones.
  template <class Test>
  std::uint64_t where(const Test& test) const {
    const auto bits = [&](__m128i v) { return static_cast<std::uint64_t>(_mm_movemask_epi8(test(v))); };
    return bits(a) | bits(b) << 16 | bits(c) << 32 | bits(d) << 48;
  }
  std::uint64_t equal(char wanted) const {
    return where([w = _mm_set1_epi8(wanted)](__m128i v) { return _mm_cmpeq_epi8(v, w); });
  }
  std::uint64_t gaps() const {
    return where([](__m128i v) {
      // From \t to \r is white space, except \v.
      const __m128i from_tab = _mm_sub_epi8(v, _mm_set1_epi8('\t'));
      const __m128i in_range = _mm_cmpeq_epi8(_mm_min_epu8(from_tab, _mm_set1_epi8('\r' - '\t')), from_tab);
      const __m128i low = _mm_andnot_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8('\v')), in_range);
      const __m128i high = _mm_or_si128(_mm_cmpeq_epi8(v, _mm_set1_epi8(' ')), _mm_cmpeq_epi8(v, _mm_set1_epi8('/')));
      return _mm_or_si128(low, high);
    });
  }
  static std::uint64_t prefix_xor(std::uint64_t bits) {
    for (unsigned shift = 1; shift < 64; shift *= 2) bits ^= bits << shift;
    return bits;
  }
  __m128i a, b, c, d;
};

#define PERSONALIZE_TARGET
#include "html/tokens/classify.inc"
#undef PERSONALIZE_TARGET

}  // namespace with_sse2

constexpr Scanner sse2{"sse2", false, find_sse2, find_either_sse2, with_sse2::classify};

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

/// [low four bits of a byte]: the gap that has them.
inline __m128i gap_by_nibble() {
  return _mm_setr_epi8(' ', -1, -1, -1, -1, -1, -1, -1, -1, '\t', '\n', -1, '\f', '\r', -1, '/');
}

namespace with_avx2 {

#define PERSONALIZE_TARGET __attribute__((target("avx2,pclmul")))

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
    const __m256i by_nibble = _mm256_broadcastsi128_si256(gap_by_nibble());
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

#include "html/tokens/classify.inc"
#undef PERSONALIZE_TARGET

}  // namespace with_avx2

constexpr Scanner avx2{"avx2", true, find_avx2, find_either_avx2, with_avx2::classify};

namespace with_avx512 {

#define PERSONALIZE_TARGET __attribute__((target("avx512bw,pclmul")))

struct Window {
  PERSONALIZE_TARGET explicit Window(const char* p) : bytes(_mm512_loadu_si512(p)) {}
  PERSONALIZE_TARGET std::uint64_t equal(char c) const { return _mm512_cmpeq_epi8_mask(bytes, _mm512_set1_epi8(c)); }
  PERSONALIZE_TARGET std::uint64_t gaps() const {
    const __m512i by_nibble = _mm512_maskz_broadcast_i32x4(0xFFFF, gap_by_nibble());
    return _mm512_cmpeq_epi8_mask(_mm512_shuffle_epi8(by_nibble, bytes), bytes);
  }
  PERSONALIZE_TARGET static std::uint64_t prefix_xor(std::uint64_t bits) { return with_avx2::Window::prefix_xor(bits); }
  __m512i bytes;
};

#include "html/tokens/classify.inc"
#undef PERSONALIZE_TARGET

}  // namespace with_avx512

constexpr Scanner avx512{"avx512", true, find_avx2, find_either_avx2, with_avx512::classify};

#endif

const Scanner& choose() {
  for (std::string_view name : {"avx512", "avx2", "sse2"}) {
    if (const Scanner* found = scanner(name)) return *found;
  }
  return scalar;
}

}  // namespace

const Scanner* scanner(std::string_view name) {
#ifdef PERSONALIZE_X86
  const bool has_avx2 = __builtin_cpu_supports("avx2") && __builtin_cpu_supports("pclmul") &&
                        __builtin_cpu_supports("bmi") && __builtin_cpu_supports("bmi2");
  if (name == avx512.name) return has_avx2 && __builtin_cpu_supports("avx512bw") ? &avx512 : nullptr;
  if (name == avx2.name) return has_avx2 ? &avx2 : nullptr;
  if (name == sse2.name) return &sse2;
#endif
  return name == scalar.name ? &scalar : nullptr;
}

const Scanner& scanner() {
  static const Scanner& chosen = choose();
  return chosen;
}

}  // namespace personalize::html
