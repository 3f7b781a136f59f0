// Elements that end without their end tags, and whether end tags could be written for them.
#pragma once

#include <array>
#include <cstdint>

#include "html/tree/open_elements.h"
#include "html/tree/tree_events.h"

namespace personalize::html {

/// Those that the current token has ended so far.
class EndedElements {
 public:
  /// The outermost one; if it is `safe`, `</name>` would have ended it and everything in it. `inserted` is false if
  /// there is none.
  const Inserted& outermost() const { return outermost_; }
  void forget() { outermost_.inserted = false; }
  /// The element that is about to end was given an end tag after all.
  void end_tag_written() { end_tag_written_ = true; }

  /// `element` has just left the stack. `end_tag_does_more`: its end tag would have other effects than to end it.
  void note(const OpenElement& element, bool end_tag_does_more);
  /// Whether `</name>`, written here, would end the element and those inside it that have ended so far.
  bool end_tag_reaches(const OpenElement& element) const { return reaches(element, so_far()); }

 private:
  /// Elements that ended together with the one that they are in.
  struct Inside {
    std::uint8_t count = 0;  ///< more than there is room for: too many to tell
    std::array<TagId, 8> ids{};
  };

  Inside so_far() const;
  static bool reaches(const OpenElement& element, const Inside& inside);

  bool end_tag_written_ = false;
  Inserted outermost_;
  Inside inside_;  // `outermost_`
};

}  // namespace personalize::html
