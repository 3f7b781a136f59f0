// What happens to one page: reader, tree and matcher in step, and the edits in their places.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "html/answers.h"
#include "html/encoding.h"
#include "html/output.h"
#include "html/page_tree.h"
#include "html/reordering.h"
#include "html/rewriter.h"
#include "html/seen_pages.h"
#include "html/selector_index.h"

namespace personalize::html {

class PageRewriter : private TreeListener {
 public:
  PageRewriter(const Selectors& selectors, std::span<const Edit> edits, Sink& sink, const RewriterOptions& options);

  void write(std::string_view chunk);
  void end();
  std::span<const EditResult> results() const { return results_; }
  bool holding() const { return !reader_.pending().empty() || output_.capturing(); }

  /// Does no edits: finds out about matches that depend on what comes later, for another one that follows.
  void scout_for(Answers& answers) {
    answers_ = &answers;
    scouting_ = true;
  }
  void follow(Answers& answers) { answers_ = &answers; }
  /// What is written from now on is not the caller's chunk.
  void set_foreign(bool foreign) { output_.set_foreign(foreign); }
  /// Bytes of the page that have been dealt with: all that were written but an unfinished token.
  std::uint64_t offset() const { return offset_; }

  std::size_t memory() const;

  // For Reader.
  void text(std::string_view bytes);
  void tag(const PageTag& tag);
  bool tag_quickly(const ScannedTag& tag, TagName name, std::string_view bytes);
  void rest(std::string_view bytes);
  void comment(std::string_view bytes, bool last);
  void cdata(std::string_view bytes, bool last);
  void doctype(std::string_view bytes, bool too_long);
  TextMode text_mode() const { return tree_.text_mode(); }
  TagId text_element() const { return tree_.text_element(); }
  bool cdata_allowed() const { return tree_.in_foreign(); }

 private:
  using EditId = std::uint16_t;
  static constexpr std::uint16_t none = 0xFFFF;

  /// An open element with something to be done at its end.
  struct Scope {
    std::vector<EditId> edits;  // append, after
    std::vector<EditId> dropping;  // edits for which its content is left out
    TagName name;
    Reorders::Id child_of = Reorders::none;  // the element is one that is sorted …
    Reorders::Id sorts = Reorders::none;     // … its children are
    bool in_use = false;
    bool drops_end_tag = false;
    bool done = false;
    bool end_tag_written = false;
  };

  void closed(const Closed& closed) override;

  // page_rewriter.cc
  void start_tag(const PageTag& tag);
  void end_tag(const PageTag& tag);
  bool passes_gate(const ScannedTag& tag) const;
  bool passes_gate(std::string_view name, std::string_view attributes) const;
  std::span<const Match> match(const Inserted& inserted, std::string_view name, std::string_view attributes);
  void collect(std::span<const Match> matches);
  void match_implied();
  void close_in_matcher(std::uint32_t depth) {
    if (static_cast<std::int32_t>(depth) <= matcher_.watch_depth()) close_now_in_matcher(depth);
  }
  void close_now_in_matcher(std::uint32_t depth);
  void take_resolved();
  void notice_text(std::string_view bytes);
  void put(std::string_view bytes);

  // page_rewriter_seen.cc
  bool between_tags();
  void write_with_memory(std::string_view chunk);
  void skim(std::string_view chunk, const std::vector<Stretch>& stretches);
  void study(std::string_view chunk);

  void put_content(EditId edit);
  void note(EditId edit, Skip skip);

  // element_edits.cc
  void edit_element(const PageTag& tag);
  Skip why_not(const Edit& edit, const PageTag& tag);
  Skip why_not_here(const Edit& edit, std::size_t open);
  Skip why_not_inside(const Edit& edit);
  Skip why_not_instead(const Edit& edit);
  void put_before();
  void put_replacement();
  void put_tag(const PageTag& tag);
  void put_start_of_content();
  void open_scope();
  bool can_write_end_tags() const;
  void write_end_tags();
  void finish_drop(Scope& scope, const Closed& closed);
  void append_at_end(Scope& scope, const Closed& closed);
  void put_after(Scope& scope, const Closed& closed);
  void put_after_token();

  // reorder_edit.cc
  bool is_sorted_child() const;
  void begin_child(const PageTag& tag);
  void end_child(const Scope& scope, const Closed& closed);
  void end_child(Reorders::Id reorder, std::string_view end_tag);
  void begin_reorder(Scope& scope, EditId edit);
  void end_reorder(const Scope& scope, const Closed& closed);
  void give_up_large_reorders();

  const std::span<const Edit> edits_;
  Matcher matcher_;
  PageEncoding encoding_;
  Output output_;
  Tree tree_;
  Reader<PageRewriter> reader_;
  std::vector<EditResult> results_;
  std::vector<EditId> by_slot_;          // edits, ordered by slot …
  std::vector<std::uint16_t> first_of_;  // … and where those of a slot begin
  std::vector<RawAttribute> attributes_;
  std::vector<EditId> matched_;  // of the element in hand, in the order of `edits`
  std::vector<Skip> verdicts_;   // beside `matched_`
  std::vector<EditId> after_token_;
  std::vector<Scope> scopes_;
  std::string tag_;  // a start tag that is being edited
  std::uint64_t offset_ = 0;  // in the page, of the token in hand
  Encoding encoding_here_ = Encoding::unknown;
  std::uint16_t dropping_ = none;  // scope whose content is left out
  bool skip_token_ = false;
  bool after_less_than_ = false;  // the last text ended with `<`
  bool truncated_ = false;
  bool scouting_ = false;
  Answers* answers_ = nullptr;
  Reorders reorders_;
  Reorders::Id child_ends_behind_token_ = Reorders::none;
  std::size_t max_held_element_;
  SeenPages* const seen_;
  SeenPages::Key seen_key_;  // of the page so far
  std::uint64_t opened_ = 0;  // elements that the matcher was asked about
};

/// Most tags of most pages: no selector could match, and the tree has nothing to do but open or close an element.
inline bool PageRewriter::tag_quickly(const ScannedTag& tag, TagName name, std::string_view bytes) {
  if (tag.end_tag) {
    if (!tree_.end_quickly(name)) return false;
    close_in_matcher(tree_.depth());
  } else {
    if (passes_gate(tag) || !reorders_.empty() || !tree_.start_quickly(name, tag.has_attributes)) return false;
  }
  after_less_than_ = false;
  offset_ += bytes.size();
  if (dropping_ == none) output_.pass(bytes);
  return true;
}

inline void PageRewriter::text(std::string_view bytes) {
  if (tree_.wants_text() || matcher_.wants_text()) notice_text(bytes);
  after_less_than_ = bytes.back() == '<';
  put(bytes);
}

inline void PageRewriter::put(std::string_view bytes) {
  offset_ += bytes.size();
  if (dropping_ != none) return;
  if (reader_.held()) {
    output_.copy(bytes);
  } else {
    output_.pass(bytes);
  }
}

inline bool PageRewriter::passes_gate(const ScannedTag& tag) const {
  const Gate& gate = matcher_.gate();
  if (gate.everything() || matcher_.wants_everything() || gate.tag(tag.name_low)) return true;
  for (std::size_t i = 0; i < tag.listed_count; ++i) {
    if (gate.value(tag.listed[i].name, tag.listed[i].value)) return true;
  }
  return false;
}

}  // namespace personalize::html
