// What a tree is told of the page, and what it reports about the page's elements.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "html/tokens/tag.h"

namespace personalize::html {

/// A tag, as the tree wants it.
struct TreeTag {
  TagName name;
  bool self_closing = false;
  bool cut_short = false;            ///< longer than what is held: there may be more attributes, and `/>`
  std::string_view attributes = {};  ///< the bytes between name and `>`, as far as they are known
};

/// Why an open element stops being one.
struct Closed {
  std::uint16_t watch;  ///< what the element was watched as
  bool by_end_tag;      ///< the current tag is its end tag; otherwise it ends before the current token
  bool safe;            ///< false: it was moved or cloned, or is in a part of the page that parsers read differently
  bool lost;            ///< it is not known where it ends
  bool final;           ///< false: `</head>`, `</body>` or `</html>`, after which more may come; reported again then
  bool may_reopen;      ///< a formatting element that its end tag has not closed: it may be opened again elsewhere
  bool cut_off;  ///< the page ended where only an end tag could have ended the element: in its text, in a template
  bool again = false;     ///< it was reported before, with `final` false
  bool moved = false;     ///< it has been moved, with its content, since its start tag
  bool orphaned = false;  ///< its parent ended before it did
  bool leaks = false;     ///< something in it went elsewhere: before a table, to the attributes of html or body
  /// The current tag says something of that element, whoever else it is the tag of: after `</body>`, it is a second
  /// `<html>` or `<body>`, whose attributes are added; or a `</body>` after `</html>`, by which html goes on.
  TagId root_tag = TagId::unknown;
};

class TreeListener {
 public:
  virtual ~TreeListener() = default;
  virtual void closed(const Closed& closed) = 0;
  /// An element that was closed with `may_reopen` has been opened a second time, elsewhere in the page.
  virtual void reopened(std::uint16_t watch) { (void)watch; }
  /// There is more of the head, body or html that was reported as closed with `final` false.
  virtual void goes_on(std::uint16_t watch) { (void)watch; }
};

/// An element that has just been put into the tree.
struct Inserted {
  TagName name;
  Namespace name_space = Namespace::html;
  bool inserted = false;  ///< false: the tag makes no element
  bool open = false;      ///< it can have content and is on the stack
  bool safe = true;
  bool moved = false;  ///< it is put before the table that its tag stands in
  bool in_template = false;
  std::uint16_t depth = 0;        ///< how many elements it is in
  bool in_closed_head = false;    ///< it goes into the head although that has ended
  bool displaces = false;         ///< its tag took another element off the list of active formatting elements
  std::uint32_t child_index = 0;  ///< which of its parent's element children it is, from 1
};

/// Where content could be put, by the elements it would be in.
struct TreePlace {
  std::size_t open = 0;  ///< this many of the open elements, from the outermost
  /// Of these, the innermost ones that only the current start tag has opened again (formatting elements): content in
  /// front of the tag has to open them itself.
  std::size_t reopened = 0;
};

}  // namespace personalize::html
