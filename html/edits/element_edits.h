// The edits of one page: decides which of them can be made, and writes them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "html/edits/edit.h"
#include "html/edits/edit_judge.h"
#include "html/edits/edit_list.h"
#include "html/edits/insertion_context.h"
#include "html/edits/output.h"
#include "html/edits/reordering.h"
#include "html/selectors/selectors.h"
#include "html/tokens/encoding.h"

namespace personalize::html {

/// Receives the tokens of a page in order, from the parser or from a splice plan. Everything passed to the constructor
/// must outlive it.
class ElementEdits {
 public:
  ElementEdits(const Selectors& selectors, std::span<const Edit> edits, Output& output, InsertionContext& context,
               std::size_t max_held_element);

  std::span<const EditResult> results() const { return edits_.results(); }
  std::size_t memory() const;

  /// Some edit is for this slot.
  bool has(SlotId slot) const { return edits_.has(slot); }
  /// A new tag becomes the current one; nothing has matched it yet.
  void begin_tag() { matched_.clear(); }
  /// A slot that has edits matches the current tag. `refusal`: why its edits are not made here all the same.
  void match(SlotId slot, Skip refusal);
  /// The current tag is a field of a card: where it would be left out or moved with an element around it, that is not
  /// done.
  void note_payment();
  /// `start_tag` must be called for the current tag.
  bool concerns_tag() const { return !matched_.empty() || !refused_.empty() || !reorders_.empty(); }
  /// A head or body, which the slots that matched since `begin_tag` name, begins before the current token.
  void implied(TagName name, Encoding encoding);
  /// More of the head or body comes after its end tag.
  void goes_on(std::uint16_t watch);
  /// Writes the current tag and what edits insert around it. Of a tag that is cut short `put` writes the rest, unless
  /// it `skips_token`.
  void start_tag(const EditedTag& tag);
  /// The tag has been written, even if an exception was thrown afterwards.
  bool tag_is_out() const { return tag_is_out_; }

  /// An element that `InsertionContext::watch` was called for has ended.
  void closed(const Closed& closed);

  /// The rest of the current tag is left out: it is replaced, or the end tag of an element that was left out.
  bool skips_token() const { return skip_token_; }
  /// The whole current tag has been written or skipped.
  void finish_tag() {
    if (tag_is_cut_short_) begin_content_of_long_tag();
    if (skip_token_ || !after_token_.empty() || child_ends_behind_token_ != Reorders::none) put_behind_tag();
  }

  /// Text, or a token that edits do not care about.
  void put(std::string_view bytes, bool held) {
    if (drops_bytes()) return;
    if (held)
      output_.copy(bytes);
    else
      output_.pass(bytes);
  }
  /// The current part of the page is being left out.
  bool drops_bytes() const { return dropping_ != none && !keeps_dropped_; }

  /// See `EditJudge`.
  void add_text(std::string_view bytes, bool held) {
    judge_.add_text(bytes);
    if (held) judge_.keep_text();
  }
  void keep_text() { judge_.keep_text(); }
  void end_text(TextEnd end = TextEnd::none) { judge_.end_text(end); }
  TextEnd text_end() const { return judge_.text_end(); }
  /// The page ends within a script, comment or tag: content inserted there would become part of it.
  void set_truncated(bool truncated) { judge_.set_truncated(truncated); }
  bool truncated() const { return judge_.truncated(); }

  bool sorting() const { return !reorders_.empty(); }
  /// Output is held that may still be taken back.
  bool holding() const { return sorting() || held_ != 0; }
  void give_up_large();
  /// After an exception: takes back what has not been decided. To be called before the held output is released.
  void abandon() noexcept;

 private:
  static constexpr std::uint16_t none = 0xFFFF;

  /// What stands between two marks.
  struct Range {
    Captured::Mark begin = 0;
    Captured::Mark end = 0;
  };
  /// What has been written for an open element and may turn out to be wrong when it ends.
  struct Held {
    bool open = false;
    bool replaces = false;  // the tag, too, is to be left out
    bool may_move = false;  // the element
    Range before, instead, prepended, inside, dropped, appended;
  };
  /// A head that `</head>` has ended.
  enum class Late : std::uint8_t {
    no,       // it has not
    unknown,  // `<script>` and the like may still follow, and would be in it
    yes,      // they do
  };

  /// An open element with something to be done at its end.
  struct Scope {
    std::vector<EditId> edits;       // append, after
    std::vector<EditId> dropping;    // edits for which its content is left out
    std::vector<EditId> held_edits;  // that stand at its start
    std::vector<EditId> appended;    // to a head of which more may come
    TagName name;
    Held held;
    std::uint64_t outside = 0;
    Reorders::Id child_of = Reorders::none;  // the element is one that is sorted …
    Reorders::Id sorts = Reorders::none;     // … its children are
    Late late = Late::no;
    bool in_use = false;
    bool holds_text = false;  // as `EditJudge` has it
    bool drops_end_tag = false;
    bool dropped = false;
    bool done = false;
    bool end_tag_written = false;
  };

  // element_edits.cc
  bool choose(const EditedTag& tag);
  void note_chosen();
  void put_content(EditId edit);
  void put_as_text(EditId edit, TagId element);
  void put_before();
  void put_replacement();
  void put_tag(const EditedTag& tag);
  void put_start_of_content();
  void begin_content(bool replaced);
  void begin_content_of_long_tag();
  void open_scope();
  std::size_t free_scope();
  void write_end_tag(TagId id);
  void write_end_tags();

  // element_end.cc
  void finish_drop(Scope& scope, const Closed& closed);
  void stop_dropping(Scope& scope);
  void forget_dropped();
  void append_at_end(Scope& scope, const Closed& closed);
  void put_after(Scope& scope, const Closed& closed);
  void put_behind_tag();

  // implied_edit.cc
  void write_start_tags(std::string_view content);

  // held_edit.cc
  bool is_to_be_held() const;
  void begin_hold(bool replaces);
  void begin_capture();
  void end_hold_of_void();
  void keep_dropped(const EditedTag& tag);
  Skip why_not_drop(const Scope& scope, const Closed& closed) const;
  void settle_drop(Scope& scope, Skip skip);
  void settle_insertions(Scope& scope, const Closed& closed);
  void end_hold(Scope& scope);
  void give_up_hold(std::size_t index);
  void release();

  // late_head.cc
  void end_head(Scope& scope, const Closed& closed);
  void append_for_now(Scope& scope, const Closed& closed);
  void begin_late_head(Scope& scope);
  void complete_head(Scope& scope, const Closed& closed);

  // reorder_edit.cc
  bool is_sorted_child() const;
  void begin_child(const EditedTag& tag);
  void end_child(const Scope& scope, const Closed& closed);
  void end_child(Reorders::Id reorder, std::string_view end_tag);
  void begin_reorder(Scope& scope, EditId edit);
  void end_reorder(const Scope& scope, const Closed& closed);

  const Selectors& selectors_;
  EditList edits_;
  Output& output_;
  InsertionContext& around_;
  EditJudge judge_;
  const std::size_t max_held_element_;
  struct Refused {
    EditId edit;
    Skip why;
  };
  std::vector<EditId> matched_;   // of the current tag …
  std::vector<Refused> refused_;  // … and of those, what is not tried
  std::vector<Skip> verdicts_;    // beside `matched_`
  std::vector<EditId> after_token_;
  std::vector<Scope> scopes_;
  std::string tag_;                // a start tag that is being edited
  std::uint16_t dropping_ = none;  // scope whose content is left out
  bool keeps_dropped_ = false;     // but held, until it is known whether leaving it out is right
  std::uint16_t held_ = 0;         // scopes
  Held hold_;                      // of the current tag
  bool tag_is_out_ = false;
  bool tag_is_cut_short_ = false;
  bool skip_token_ = false;
  Reorders reorders_;
  Reorders::Id child_ends_behind_token_ = Reorders::none;
};

}  // namespace personalize::html
