// Whether an edit can be made where the page is.
#pragma once

#include <string_view>

#include "html/edits/edit.h"
#include "html/edits/insertion_context.h"
#include "html/edits/text_end.h"
#include "html/elements.h"
#include "html/tokens/encoding.h"

namespace personalize::html {

/// The bytes of a start tag, and what is known of its place.
struct EditedTag {
  std::string_view bytes;
  std::string_view attributes;  ///< the bytes after the name
  bool held = false;            ///< `bytes` are not the caller's chunk
  Encoding encoding = Encoding::unknown;
  bool cut_short = false;  ///< these are only the first of its bytes; `attributes`, those that are complete
};

/// Knows the page around the current token: the elements (by `InsertionContext`), encoding and the text before it.
class EditJudge {
 public:
  /// A title or textarea: references count in its text, tags do not. (In SVG a title is an element like others.)
  static bool holds_text(const Inserted& element) {
    return element.name_space == Namespace::html && text_mode_of(element.name.id) == TextMode::rcdata;
  }
  explicit EditJudge(const InsertionContext& context) : around_(context) {}

  void set_encoding(Encoding encoding) { encoding_ = encoding; }
  Encoding encoding() const { return encoding_; }
  /// More text, which must stay in memory until `keep_text` or `end_text`. Other tokens may precede the text in
  /// `bytes`.
  void add_text(std::string_view bytes) {
    if (bytes.data() != text_.data() + text_.size()) {
      keep_text();
      text_ = bytes;
    } else {
      text_ = {text_.data(), text_.size() + bytes.size()};
    }
  }
  /// The bytes given to `add_text` will not stay in memory.
  void keep_text() {
    text_end_ = text_end();
    text_ = {};
  }
  /// A token other than text.
  void end_text(TextEnd end = TextEnd::none) {
    text_end_ = end;
    text_ = {};
  }
  /// How the text before the current token ends.
  TextEnd text_end() const;
  /// The page ends within a script, comment or tag: content inserted there would become part of it.
  void set_truncated(bool truncated) { truncated_ = truncated; }
  bool truncated() const { return truncated_; }

  /// Content can be written in this encoding.
  bool can_encode(const Edit& edit) const;
  /// For the element whose start tag is the current one. `Skip::none` for what is decided at its end.
  Skip why_not(const Edit& edit, const EditedTag& tag) const;
  /// For content at the end of the element that has just ended …
  Skip why_not_append(const Edit& edit, const Closed& closed) const;
  /// … at that of a title or textarea …
  Skip why_not_append_text(const Edit& edit, const Closed& closed, TagId element) const;
  /// … and for whatever is decided there.
  Skip why_not_at_end(const Closed& closed) const;
  /// For content after what is there in the element of that level.
  Skip why_not_here(const Edit& edit, Level level) const;
  /// Elements that the current token has ended without their end tags can be given them, so that what is inserted
  /// before the token stands outside of them.
  bool can_write_end_tags() const;

 private:
  bool completes_reference(std::string_view content) const;
  Skip why_not_inside(const Edit& edit) const;
  Skip why_not_in_text(const Edit& edit) const;
  Skip why_not_instead(const Edit& edit) const;
  Skip why_not_after() const;

  const InsertionContext& around_;
  Encoding encoding_ = Encoding::unknown;
  std::string_view text_;             // the last piece of text …
  TextEnd text_end_ = TextEnd::none;  // … and how the text before it ended
  bool truncated_ = false;
};

}  // namespace personalize::html
