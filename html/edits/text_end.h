// How text ends, as far as it matters for what is put after it.
#pragma once

#include <cstdint>

namespace personalize::html {

/// How text ends, if content or other text put after it would be joined to it.
enum class TextEnd : std::uint8_t {
  none,
  less_than,        ///< `<`, which could begin a tag; in a title or textarea `</tit`, too
  carriage_return,  ///< with a line feed, one line end
  reference,        ///< `&`, `&am`, `&#3`: may be the beginning of a longer reference
};

}  // namespace personalize::html
