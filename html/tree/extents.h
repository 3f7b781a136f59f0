// Where every element of a page begins and ends, as the rewriter sees it. For probes and tests.
#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "html/limits.h"
#include "html/tree/page_tree.h"

namespace personalize::html {

/// Offsets in bytes from the start of the page.
struct Extent {
  std::string name;             ///< as the DOM has it
  std::size_t start = 0;        ///< of the start tag
  std::size_t content = 0;      ///< after the start tag
  std::size_t content_end = 0;  ///< of the end tag, or where the element ends without one
  std::size_t end = 0;          ///< after the end tag; `content_end` if there is none
  bool safe = false;            ///< the rewriter edits its inside
};

class ExtentRecorder : private TreeListener {
 public:
  explicit ExtentRecorder(std::size_t max_held_token = limits::max_held_token)
      : tree_(*this), reader_(*this, max_held_token) {}

  void write(std::string_view chunk) { reader_.write(chunk); }
  void end();

  /// In the order of the page; complete after `end`.
  const std::vector<Extent>& elements() const { return elements_; }
  /// Where something other than its tag begins the body; npos if nothing does.
  std::size_t implied_body() const { return implied_body_; }

  // For Reader.
  void text(std::string_view bytes);
  void tag(const PageTag& tag);
  void rest(std::string_view bytes) { token_end_ += bytes.size(); }
  void long_tag_ends(bool self_closing);
  void comment(std::string_view bytes, bool last);
  void cdata(std::string_view bytes, bool last);
  void doctype(std::string_view bytes, bool too_long);
  TextMode text_mode() const { return tree_.text_mode(); }
  TagId text_element() const { return tree_.text_element(); }
  bool cdata_allowed() const { return tree_.in_foreign(); }

 private:
  void closed(const Closed& closed) override;
  void reopened(std::uint16_t watch) override { elements_[open_[watch]].safe = false; }
  void add(const PageTag& tag, const Inserted& inserted);
  void watch(std::size_t index);
  void note_body();

  Tree tree_;
  Reader<ExtentRecorder> reader_;
  std::vector<Extent> elements_;
  std::vector<std::size_t> open_;  // [watch]: element
  std::vector<std::uint16_t> free_watches_;
  std::size_t first_in_body_ = 0;
  std::size_t implied_body_ = std::string_view::npos;
  std::size_t head_ = 0;  // element, from 1
  bool in_long_tag_ = false;
  std::size_t first_of_tag_ = 0;   // the element that the last tag made, if it did …
  std::size_t closed_by_tag_ = 0;  // … and the one that it closed, from 1
  std::size_t tag_begin_ = 0;      // the last tag …
  std::size_t tag_end_ = 0;
  std::string tag_name_;  // … and its name, if it is an end tag
  bool in_text_ = false;
  bool at_end_ = false;
  std::size_t token_begin_ = 0;
  std::size_t token_end_ = 0;
};

}  // namespace personalize::html
