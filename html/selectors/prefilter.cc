#include "html/selectors/prefilter.h"

#include <algorithm>
#include <bit>
#include <span>

#include "html/tokens/word_hash.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace personalize::html {
namespace {

void set_bit(std::span<std::uint64_t> bitmap, std::uint64_t hash) {
  const std::size_t bit = (hash >> 32) % (bitmap.size() * 64);
  bitmap[bit / 64] |= std::uint64_t{1} << (bit % 64);
}

template <std::size_t Words>
bool test(const std::array<std::uint64_t, Words>& bitmap, std::uint64_t hash) {
  const std::size_t bit = (hash >> 32) % (Words * 64);
  return (bitmap[bit / 64] >> (bit % 64)) & 1;
}

/// Bytes that stand for others in an attribute's value, which must then be decoded before it is compared.
bool is_encoded(char c) { return c == '&' || c == '\r' || c == '\0'; }
bool separates_classes(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\f'; }

/// `class` and `id`, in any case, and names that differ from them in case bits only: the prefilter may let too much
/// pass.
bool is_class(std::string_view name) {
  constexpr std::uint32_t lower = 0x20202020u;
  using word_hash_detail::load4;
  return name.size() == 5 && (load4(name.data()) | lower) == load4("clas") &&
         (load4(name.data() + 1) | lower) == load4("lass");
}
bool is_id(std::string_view name) { return name.size() == 2 && (name[0] | 0x20) == 'i' && (name[1] | 0x20) == 'd'; }

/// Splits a list of class names, byte by byte.
template <class Matters>
bool any_word_slowly(std::string_view value, const Matters& matters) {
  std::size_t at = 0;
  while (true) {
    while (at < value.size() && separates_classes(value[at])) ++at;
    if (at == value.size()) return false;
    const std::size_t start = at;
    for (; at < value.size() && !separates_classes(value[at]); ++at) {
      if (is_encoded(value[at])) return true;
    }
    if (matters(value.substr(start, at - start))) return true;
  }
}

#if defined(__SSE2__)
/// `Width` bytes at `p`, filled with zeros.
template <std::size_t Width>
__m128i load(const char* p) {
  if constexpr (Width == 16) return _mm_loadu_si128(reinterpret_cast<const __m128i*>(p));
  if constexpr (Width == 8) return _mm_loadl_epi64(reinterpret_cast<const __m128i*>(p));
  return _mm_cvtsi32_si128(static_cast<int>(word_hash_detail::load4(p)));
}

/// Where the words of `value`, which has `Width` to 63 bytes, are separated: one bit for each byte. False if there are
/// references.
template <std::size_t Width>
bool find_blanks(std::string_view value, std::uint64_t& blanks) {
  const __m128i blank = _mm_set1_epi8(' '), ampersand = _mm_set1_epi8('&');
  __m128i references = _mm_setzero_si128();
  blanks = 0;
  const auto look = [&](std::size_t at) {
    const __m128i bytes = load<Width>(value.data() + at);
    const __m128i is_blank = _mm_cmpeq_epi8(_mm_min_epu8(bytes, blank), bytes);
    references = _mm_or_si128(references, _mm_cmpeq_epi8(bytes, ampersand));
    blanks |= static_cast<std::uint64_t>(_mm_movemask_epi8(is_blank) & ((1 << Width) - 1)) << at;
  };
  for (std::size_t at = 0; at + Width < value.size(); at += Width) look(at);
  look(value.size() - Width);
  return _mm_movemask_epi8(references) == 0;
}

bool find_blanks(std::string_view value, std::uint64_t& blanks) {
  if (value.size() > 63 || value.size() < 4) return false;
  if (value.size() >= 16) return find_blanks<16>(value, blanks);
  return value.size() >= 8 ? find_blanks<8>(value, blanks) : find_blanks<4>(value, blanks);
}

template <class Matters>
bool any_word(std::string_view value, const Matters& matters) {
  std::uint64_t blanks;
  if (!find_blanks(value, blanks)) return any_word_slowly(value, matters);
  std::uint64_t ends = blanks | std::uint64_t{1} << value.size();
  std::size_t start = 0;
  while (ends != 0) {
    const auto end = static_cast<std::size_t>(std::countr_zero(ends));
    if (end > start && matters(value.substr(start, end - start))) return true;
    start = end + 1;
    ends &= ends - 1;
  }
  return false;
}
#else
template <class Matters>
bool any_word(std::string_view value, const Matters& matters) {
  return any_word_slowly(value, matters);
}
#endif

}  // namespace

void Prefilter::add_tag(std::uint64_t key) {
  const std::uint64_t hash = key * multiplier;
  tags_[hash >> 61] |= std::uint64_t{1} << ((hash >> 55) & 63);
}

void Prefilter::add_name(std::string_view name) {
  attributes_ = true;
  names_[initial(name)] |= std::uint64_t{1} << length(name);
}

void Prefilter::add_id(std::string_view id) {
  add_name("id");
  set_bit(ids_, word_hash(id));
}

void Prefilter::add_class(std::string_view name) {
  add_name("class");
  // A word with such a byte would be taken for two, or stand in the page as U+0000.
  const bool unusual = name.find("\uFFFD") != name.npos ||
                       std::any_of(name.begin(), name.end(), [](char c) { return '\0' <= c && c <= ' '; });
  all_classes_ |= unusual;
  class_lengths_[initial(name)] |= std::uint64_t{1} << length(name);
  set_bit(classes_, word_hash(name));
}

void Prefilter::add_attribute(std::string_view name) {
  add_name(name);
  if (name == "id")
    all_ids_ = true;
  else if (name == "class")
    all_classes_ = true;
  else
    set_bit(others_, name_hash(name));
}

inline bool Prefilter::class_matters(std::string_view name) const {
  return (class_lengths_[initial(name)] >> length(name) & 1) != 0 && test(classes_, word_hash(name));
}

bool Prefilter::attribute_matters(std::string_view name, std::string_view value) const {
  if (is_class(name)) {
    return all_classes_ || any_word(value, [this](std::string_view word) { return class_matters(word); });
  }
  if (is_id(name)) {
    return all_ids_ || test(ids_, word_hash(value)) || std::any_of(value.begin(), value.end(), is_encoded);
  }
  return test(others_, name_hash(name));
}

}  // namespace personalize::html
