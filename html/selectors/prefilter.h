// Which start tags could matter to some selector: a few table look-ups in the bytes of a tag.
//
// The rewriter's inner loop asks the prefilter first, and only tags that pass reach the `Matcher`. So the cost of a
// page depends on the tags that could match, not on the number of slots.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string_view>

namespace personalize::html {

/// Passes every tag that matters and few others. Small enough for the first-level cache; part of `SelectorIndex`.
class Prefilter {
 public:
  /// Every tag has to be opened, whatever is in it.
  bool everything() const { return everything_; }
  /// Some selector has this tag name.
  bool tag(std::uint64_t key) const {
    const std::uint64_t hash = key * multiplier;
    return (tags_[hash >> 61] >> ((hash >> 55) & 63)) & 1;
  }
  /// Attributes have to be looked at.
  bool attributes() const { return attributes_; }
  /// Some selector could be interested in this attribute: first by its length and first letter, then by value.
  bool attribute(std::string_view name, std::string_view value) const {
    if (name.empty()) return false;
    return (names_[initial(name)] >> length(name) & 1) != 0 && attribute_matters(name, value);
  }

  /// [low five bits of the first letter]: one bit per length of an attribute's name, the last one for 63 and more.
  const std::array<std::uint64_t, 32>& names() const { return names_; }
  /// The value of an attribute whose name `names` has.
  bool value(std::string_view name, std::string_view value) const { return attribute_matters(name, value); }

  // For the index, while it is filled. Names in lower case.
  void add_tag(std::uint64_t key);
  void add_id(std::string_view id);
  void add_class(std::string_view name);
  void add_attribute(std::string_view name);
  void open_everything() { everything_ = true; }

 private:
  static constexpr std::uint64_t multiplier = 0x9E3779B97F4A7C15u;

  static std::size_t initial(std::string_view name) { return static_cast<std::uint8_t>(name[0]) & 31; }
  static std::size_t length(std::string_view name) { return name.size() < 63 ? name.size() : 63; }
  void add_name(std::string_view name);
  bool class_matters(std::string_view name) const;
  bool attribute_matters(std::string_view name, std::string_view value) const;

  bool everything_ = false;
  bool attributes_ = false;
  bool all_ids_ = false;  // every id matters, every class attribute
  bool all_classes_ = false;
  std::array<std::uint64_t, 8> tags_{};            // bitmap over a hash of the tag's name
  std::array<std::uint64_t, 32> names_{};          // [first letter]: bitmap over the length of the attribute's name
  std::array<std::uint64_t, 16> ids_{};            // bitmap over a hash of id values
  std::array<std::uint64_t, 32> class_lengths_{};  // as `names_`, of class names
  std::array<std::uint64_t, 64> classes_{};        // bitmap over a hash of single class names
  std::array<std::uint64_t, 4> others_{};          // bitmap over a hash of the names of other attributes
};

}  // namespace personalize::html
