#include <bit>

#include "html/selector_index.h"
#include "html/word_hash.h"

#if defined(__SSE2__)
#include <emmintrin.h>
#endif

namespace personalize::html {
namespace {

void set(std::span<std::uint64_t> bitmap, std::uint64_t hash) {
  const std::size_t bit = (hash >> 32) % (bitmap.size() * 64);
  bitmap[bit / 64] |= std::uint64_t{1} << (bit % 64);
}

template <std::size_t Words>
bool test(const std::array<std::uint64_t, Words>& bitmap, std::uint64_t hash) {
  const std::size_t bit = (hash >> 32) % (Words * 64);
  return (bitmap[bit / 64] >> (bit % 64)) & 1;
}

/// Bytes that stand for others in an attribute's value, so that it has to be decoded before it is compared.
bool is_encoded(char c) {
  return c == '&' || c == '\r' || c == '\0';
}
bool is_space(char c) {
  return c == ' ' || c == '\t' || c == '\n' || c == '\f';
}

bool equals_lower(std::string_view name, std::string_view lower) {
  if (name.size() != lower.size()) return false;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if ((name[i] | 0x20) != lower[i]) return false;
  }
  return true;
}

/// Splits a list of class names, one byte after the other.
template <class Matters>
bool any_word_slowly(std::string_view value, const Matters& matters) {
  std::size_t at = 0;
  while (true) {
    while (at < value.size() && is_space(value[at])) ++at;
    if (at == value.size()) return false;
    const std::size_t start = at;
    for (; at < value.size() && !is_space(value[at]); ++at) {
      if (is_encoded(value[at])) return true;
    }
    if (matters(value.substr(start, at - start))) return true;
  }
}

#if defined(__SSE2__)
/// Where the blanks are in `value`, which has 16 to 63 bytes: one bit for each. False if there are other
/// bytes than blanks and visible ones, or references.
bool find_blanks(std::string_view value, std::uint64_t& blanks) {
  const __m128i blank = _mm_set1_epi8(' '), ampersand = _mm_set1_epi8('&');
  std::uint64_t special = 0;
  blanks = 0;
  const auto look = [&](std::size_t at) {
    const __m128i bytes = _mm_loadu_si128(reinterpret_cast<const __m128i*>(value.data() + at));
    const __m128i is_blank = _mm_cmpeq_epi8(bytes, blank);
    const __m128i is_low = _mm_cmpeq_epi8(_mm_min_epu8(bytes, blank), bytes);
    const __m128i is_special =
        _mm_or_si128(_mm_xor_si128(is_low, is_blank), _mm_cmpeq_epi8(bytes, ampersand));
    special |= static_cast<std::uint64_t>(_mm_movemask_epi8(is_special));
    blanks |= static_cast<std::uint64_t>(_mm_movemask_epi8(is_blank)) << at;
  };
  for (std::size_t at = 0; at + 16 <= value.size(); at += 16) look(at);
  look(value.size() - 16);
  return special == 0;
}

template <class Matters>
bool any_word(std::string_view value, const Matters& matters) {
  std::uint64_t blanks;
  if (value.size() < 16 || value.size() > 63 || !find_blanks(value, blanks))
    return any_word_slowly(value, matters);
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

void Gate::add_tag(std::uint64_t key) {
  const std::uint64_t hash = key * kMultiplier;
  tags_[hash >> 61] |= std::uint64_t{1} << ((hash >> 55) & 63);
}

void Gate::add_name(std::string_view name) {
  attributes_ = true;
  const std::size_t length = name.size() < 31 ? name.size() : 31;
  names_[static_cast<std::uint8_t>(name[0]) & 31] |= std::uint32_t{1} << length;
}

void Gate::add_id(std::string_view id) {
  add_name("id");
  set(ids_, word_hash(id));
}

void Gate::add_class(std::string_view name) {
  add_name("class");
  set(classes_, word_hash(name));
}

void Gate::add_attribute(std::string_view name) {
  add_name(name);
  if (name == "id")
    all_ids_ = true;
  else if (name == "class")
    all_classes_ = true;
  else
    set(others_, name_hash(name));
}

bool Gate::attribute_matters(std::string_view name, std::string_view value) const {
  if (equals_lower(name, "class")) {
    return all_classes_ ||
           any_word(value, [this](std::string_view word) { return test(classes_, word_hash(word)); });
  }
  if (equals_lower(name, "id")) {
    if (all_ids_ || test(ids_, word_hash(value))) return true;
    for (const char c : value) {
      if (is_encoded(c)) return true;
    }
    return false;
  }
  return test(others_, name_hash(name));
}

}  // namespace personalize::html
