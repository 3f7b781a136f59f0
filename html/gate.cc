#include "html/selector_index.h"
#include "html/word_hash.h"

namespace personalize::html {
namespace {

void set(std::span<std::uint64_t> bitmap, std::uint64_t hash) {
  const std::size_t bit = (hash >> 32) % (bitmap.size() * 64);
  bitmap[bit / 64] |= std::uint64_t{1} << (bit % 64);
}

bool test(std::span<const std::uint64_t> bitmap, std::uint64_t hash) {
  const std::size_t bit = (hash >> 32) % (bitmap.size() * 64);
  return (bitmap[bit / 64] >> (bit % 64)) & 1;
}

/// Bytes that stand for others in an attribute's value, so that it has to be decoded before it is compared.
bool is_encoded(char c) { return c == '&' || c == '\r' || c == '\0'; }
bool is_space(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\f'; }

bool equals_lower(std::string_view name, std::string_view lower) {
  if (name.size() != lower.size()) return false;
  for (std::size_t i = 0; i < name.size(); ++i) {
    if ((name[i] | 0x20) != lower[i]) return false;
  }
  return true;
}

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
  set(others_, name_hash(name));
}

bool Gate::attribute_matters(std::string_view name, std::string_view value) const {
  if (test(others_, name_hash(name))) return true;
  if (equals_lower(name, "id")) {
    for (const char c : value) {
      if (is_encoded(c)) return true;
    }
    return test(ids_, word_hash(value));
  }
  if (!equals_lower(name, "class")) return false;
  std::size_t at = 0;
  while (true) {
    while (at < value.size() && is_space(value[at])) ++at;
    if (at == value.size()) return false;
    const std::size_t start = at;
    for (; at < value.size() && !is_space(value[at]); ++at) {
      if (is_encoded(value[at])) return true;
    }
    if (test(classes_, word_hash(value.substr(start, at - start)))) return true;
  }
}

}  // namespace personalize::html
