// The text of elements that are open: what a browser would show of it in one line.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "html/facts/collected_facts.h"
#include "html/tokens/tag.h"

namespace personalize::html {

class TextCaptures {
 public:
  static constexpr std::size_t none = static_cast<std::size_t>(-1);

  enum class Content : std::uint8_t {
    shown,   ///< of the element and those in it, but not of scripts and style sheets
    raw,     ///< the element is such a one itself
    script,  ///< the same, and all bytes of it are wanted
  };
  struct Capture {
    std::vector<std::uint32_t> facts;               // whose values it is …
    std::uint32_t property = CollectedFacts::none;  // … and which property's
    std::string bytes = {};
    std::size_t limit = 0;
    Content content = Content::shown;
    bool open = false;
    bool overflowed = false;
    bool space = false;  // before what comes next
    bool with_struck = true;
  };

  /// False: text need not be reported.
  bool any() const { return open_ != 0; }
  /// Returns its number, or `none` if too many are open.
  std::size_t begin(Content content, std::size_t limit);
  Capture& operator[](std::size_t capture) { return captures_[capture]; }
  /// Its element has ended, and what was captured has been used.
  void end(std::size_t capture);

  enum Kind : std::uint8_t {
    raw = 1,     ///< of a script, a style sheet or the like
    struck = 2,  ///< no longer valid, as an earlier price is
  };
  void text(std::string_view bytes, std::uint8_t kinds);
  /// A tag or comment stands here. References end before it; words do if it is not inline.
  void tag(TagId id);
  void comment();

  std::size_t memory() const;

 private:
  static void append(Capture& capture, std::string_view bytes);
  template <class Change>
  void for_open(Change change);

  std::vector<Capture> captures_;
  std::size_t open_ = 0;
};

}  // namespace personalize::html
