// The compiled form of all selectors, and its state on one page.
//
// The rewriter's hot loop asks the `Gate` whether a start tag could matter at all (a few table look-ups in the
// bytes of the tag) and calls `Matcher::open` only for those that pass. So the cost of a page depends on the tags
// that could match and not on the number of slots.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "html/edit.h"
#include "html/tag.h"

namespace personalize::html {

/// An attribute as it stands in the page: not decoded, not lower-cased, without quotes.
struct RawAttribute {
  std::string_view name;
  std::string_view value;
};

/// The first eight bytes of a tag name, lower-cased, the first one lowest; shorter names are filled with zeros.
inline std::uint64_t tag_key(std::string_view name) {
  std::uint64_t key = 0;
  const std::size_t length = name.size() < 8 ? name.size() : 8;
  for (std::size_t i = 0; i < length; ++i) {
    std::uint8_t byte = static_cast<std::uint8_t>(name[i]);
    if (byte >= 'A' && byte <= 'Z') byte |= 0x20;
    key |= std::uint64_t{byte} << (8 * i);
  }
  return key;
}

/// Which start tags could matter to some selector. Never says no to one that does. Small enough for the first-level
/// cache; part of the shared index.
class Gate {
 public:
  /// Every tag has to be opened, whatever is in it.
  bool everything() const { return everything_; }
  /// Some selector has this tag name.
  bool tag(std::uint64_t key) const {
    const std::uint64_t hash = key * kMultiplier;
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
  static constexpr std::uint64_t kMultiplier = 0x9E3779B97F4A7C15u;

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

/// A start tag that passed the gate, and its place in the tree. Void elements and those that are closed at once
/// (`<path/>` in SVG) are opened and closed as well.
struct OpenedElement {
  std::string_view name;  ///< as it stands in the page (`img` for `<image>` in HTML)
  std::uint64_t key = 0;  ///< `tag_key(name)`
  Namespace name_space = Namespace::html;
  std::span<const RawAttribute> attributes;  ///< all of the tag's; of equal names the first counts
  std::uint32_t depth = 0;                   ///< number of elements it is in; `<html>` has 0
  std::uint32_t child_index = 1;             ///< which element of its parent's children it is, from 1
};

/// One slot whose selector matches an element. With a ticket the answer is not known yet (the selector looks ahead):
/// hold the page back from this tag on, until `Matcher::resolved` has the ticket. Several matches may have the same
/// one.
struct Match {
  SlotId slot;
  std::uint32_t ticket = 0;  ///< 0: matches
};

/// Ticket of a match that cannot be found out: too much in the page is undecided.
inline constexpr std::uint32_t kUndecidable = 0xFFFFFFFFu;

struct Resolved {
  std::uint32_t ticket;
  bool matches;
};

class SelectorIndex;

/// The selectors' state on one page. Does not allocate for selectors without combinators.
class Matcher {
 public:
  explicit Matcher(const SelectorIndex& index);
  ~Matcher();
  Matcher(const Matcher&) = delete;
  Matcher& operator=(const Matcher&) = delete;

  /// The static gate of the index…
  const Gate& gate() const { return *gate_; }
  /// …and whether at the moment every tag must be opened (inside `.slot > *`, behind `h2 +`, …). May change with
  /// every `open` and `close`.
  bool wants_everything() const { return wants_everything_; }

  /// Slots that match; valid until the next call. Elements are opened in document order; those that did not pass the
  /// gate are left out.
  std::span<const Match> open(const OpenedElement& element);

  /// Elements of this depth and more are no longer open. Must be called when elements were taken off the stack of
  /// open elements and `depth <= watch_depth()`; more calls do no harm.
  void close(std::uint32_t depth);
  /// Greatest depth whose closing matters; -1 if none does.
  std::int32_t watch_depth() const { return watch_depth_; }

  /// With selectors that look ahead: there is text (not only comments) directly in the element of this depth. To be
  /// called while `wants_text()`.
  void text(std::uint32_t depth);
  bool wants_text() const { return wants_text_; }
  /// Tickets decided by `open`, `close` or `text` and not forgotten yet; after `close(0)` at the end of the page all
  /// are.
  std::span<const Resolved> resolved() const;
  void forget_resolved();

  /// Bytes owned at the moment.
  std::size_t memory() const;

 private:
  class State;
  void update();

  const Gate* gate_;
  bool wants_everything_ = false;
  bool wants_text_ = false;
  std::int32_t watch_depth_ = -1;
  std::unique_ptr<State> state_;
};

}  // namespace personalize::html
