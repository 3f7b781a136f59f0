// Matching: which slots' selectors the elements of a page satisfy, while the page is being read.
//
// Only start tags that pass the `Prefilter` get here.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>

#include "html/edits/edit.h"
#include "html/selectors/prefilter.h"
#include "html/tokens/attributes.h"
#include "html/tokens/tag.h"

namespace personalize::html {

/// A start tag that passed the prefilter, and its place in the tree. Void elements and those that are closed at once
/// (`<path/>` in SVG) are opened and closed as well.
struct OpenedElement {
  std::string_view name;  ///< as it stands in the page (`img` for `<image>` in HTML)
  std::uint64_t key = 0;  ///< `tag_key(name)`
  Namespace name_space = Namespace::html;
  std::span<const RawAttribute> attributes;  ///< all of the tag's; of equal names the first counts
  std::uint32_t depth = 0;                   ///< number of elements it is in; `<html>` has 0
  std::uint32_t child_index = 1;             ///< which element of its parent's children it is, from 1
  bool complete = true;                      ///< false: the tag may have more attributes than these
};

/// One slot whose selector matches an element. If there is a ticket, the answer is not known yet, because the selector
/// looks ahead: hold the page back from this tag on until `Matcher::resolved` has the ticket. Several matches may share
/// a ticket.
struct Match {
  SlotId slot;
  std::uint32_t ticket = 0;  ///< 0: matches
};

/// Ticket of a match that cannot be decided: too much in the page is open.
inline constexpr std::uint32_t undecidable = 0xFFFFFFFFu;

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

  /// The static prefilter of the index…
  const Prefilter& prefilter() const { return *prefilter_; }
  /// …and whether at the moment every tag must be opened (inside `.slot > *`, after `h2 +`, …). May change with
  /// every `open` and `close`.
  bool wants_everything() const { return wants_everything_; }

  /// Slots that match; valid until the next call. Elements are opened in document order; those that did not pass the
  /// prefilter are left out.
  std::span<const Match> open(const OpenedElement& element);

  /// Elements at this depth and deeper are no longer open. Must be called when elements were taken off the stack of
  /// open elements and `depth <= watch_depth()`; other calls do no harm.
  void close(std::uint32_t depth);
  /// Greatest depth whose closing matters; -1 if none does.
  std::int32_t watch_depth() const { return watch_depth_; }

  /// For selectors that look ahead: there is text (not only comments) directly in the element at this depth. To be
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

  const Prefilter* prefilter_;
  bool wants_everything_ = false;
  bool wants_text_ = false;
  std::int32_t watch_depth_ = -1;
  std::unique_ptr<State> state_;
};

}  // namespace personalize::html
