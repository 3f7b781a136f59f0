// The edits of one page: decides which of them can be made, and writes them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "html/edit.h"
#include "html/output.h"
#include "html/reordering.h"
#include "html/selectors/selectors.h"
#include "html/surroundings.h"
#include "html/tokens/encoding.h"

namespace personalize::html {

/// The bytes of a start tag, and what is known of its place.
struct EditedTag {
  std::string_view bytes;
  std::string_view attributes;  ///< the bytes behind the name
  bool held = false;            ///< `bytes` are not the caller's chunk
  Encoding encoding = Encoding::unknown;
  bool cut_short = false;  ///< these are only the first of its bytes; `attributes`, those that are complete
};

/// Is told of the tokens of a page in order, while it is parsed or from a splice plan. Everything passed to the
/// constructor must outlive it.
class ElementEdits {
 public:
  ElementEdits(const Selectors& selectors, std::span<const Edit> edits, Output& output, Surroundings& surroundings,
               std::size_t max_held_element);

  std::span<const EditResult> results() const { return results_; }
  std::size_t memory() const;

  /// Some edit is for this slot.
  bool has(SlotId slot) const { return slot + 1 < first_of_.size() && first_of_[slot] != first_of_[slot + 1]; }
  /// A new tag is the current one; nothing has matched it yet.
  void begin_tag() { matched_.clear(); }
  /// A slot that has edits matches the current tag. `given_up`: it may match, but finding out would take too long.
  void match(SlotId slot, bool given_up);
  /// `start_tag` must be called for the current tag.
  bool concerns_tag() const { return !matched_.empty() || !reorders_.empty(); }
  /// Writes the current tag and what edits insert around it. Of a tag that is cut short `put` writes the rest, unless
  /// it `skips_token`.
  void start_tag(const EditedTag& tag);
  /// The tag has been written, even if an exception was thrown then.
  bool tag_is_out() const { return tag_is_out_; }

  /// An element that `Surroundings::watch` was called for has ended.
  void closed(const Closed& closed);

  /// The rest of the current tag is left out: it is replaced, or the end tag of an element that was left out.
  bool skips_token() const { return skip_token_; }
  /// The whole current tag has been written or skipped.
  void finish_tag() {
    if (tag_is_cut_short_) begin_content_of_long_tag();
    if (skip_token_ || !after_token_.empty() || child_ends_behind_token_ != Reorders::none) put_behind_tag();
  }

  /// More of the current tag.
  void put_unless_skipped(std::string_view bytes, bool held) {
    if (holds_ != 0) count_held(bytes.size());
    if (!skip_token_) put_uncounted(bytes, held);
  }
  /// Text, or a token that means nothing for edits.
  void put(std::string_view bytes, bool held) {
    if (holds_ != 0) [[unlikely]]
      count_held(bytes.size());
    put_uncounted(bytes, held);
  }
  /// The current part of the page is being left out.
  bool dropping() const { return drops_bytes_; }

  /// The text in front of the current token ends with `<`.
  void set_after_less_than(bool after) { after_less_than_ = after; }
  bool after_less_than() const { return after_less_than_; }
  /// The page ends within a script, comment or tag: content inserted there would become part of it.
  void set_truncated(bool truncated) { truncated_ = truncated; }
  bool truncated() const { return truncated_; }

  /// After an exception: what waits for the end of an element is not done.
  void undo_held() noexcept;

  bool sorting() const { return !reorders_.empty(); }
  void give_up_large_reorders();

 private:
  using EditId = std::uint16_t;
  static constexpr std::uint16_t none = 0xFFFF;

  /// What is written of an element, with its edits, but kept back until its end shows whether they may stay.
  struct Hold {
    bool active = false;
    bool drops = false;       // what is left out is there, too
    bool drops_tag = false;   // … from the start tag on
    bool has_before = false;  // something is put in front of it
    bool in_formatting = false;
    std::uint64_t begin = 0;         // in bytes of the page …
    std::uint64_t dropped_from = 0;  // … and where what is left out begins
    TreeOutside outside;
    // Places in what is captured: `before`, `replace`, the start tag, `prepend`, `inner`, what the element contains.
    Captured::Mark before = 0, replacement = 0, tag = 0, prepended = 0, inner = 0, content = 0;
    std::vector<EditId> around;   // edits that wait: before, prepend …
    std::vector<EditId> instead;  // … inner, replace, remove
  };

  /// What would have waited for the end of an element, had it not been foreseen that it must not be done.
  struct Refusals {
    std::uint64_t begin = 0;     // of the element
    bool as_if_dropped = false;  // what is in it is not edited
    bool with_tag = false;
    std::size_t kept = 0;  // `kept_size` where that begins
    std::vector<std::pair<EditId, Skip>> edits;
  };

  /// An open element with something to be done at its end.
  struct Scope {
    std::vector<EditId> edits;     // append, after
    std::vector<EditId> dropping;  // edits for which its content is left out
    Hold hold;
    TagName name;
    Reorders::Id child_of = Reorders::none;  // the element is one that is sorted …
    Reorders::Id sorts = Reorders::none;     // … its children are
    bool in_use = false;
    bool drops_end_tag = false;
    Refusals refused;
    bool done = false;
    bool end_tag_written = false;
  };

  // element_edits.cc
  bool choose(const EditedTag& tag);
  void note_chosen();
  Skip why_not(const Edit& edit, const EditedTag& tag);
  Skip why_not_here(const Edit& edit, Level level);
  Skip why_not_inside(const Edit& edit);
  Skip why_not_instead(const Edit& edit);
  void put_content(EditId edit);
  void put_before();
  void put_replacement();
  void put_tag(const EditedTag& tag);
  void put_start_of_content();
  void begin_content(bool replaced);
  void begin_content_of_long_tag();
  void open_scope();
  bool can_write_end_tags() const;
  void write_end_tag(TagId id);
  void write_end_tags();
  void finish_drop(Scope& scope, const Closed& closed);
  void append_at_end(Scope& scope, const Closed& closed);
  void put_after(Scope& scope, const Closed& closed);
  void put_behind_tag();
  void note(EditId edit, Skip skip);

  // held_edit.cc
  void foresee(bool& replaced);
  void note_refused(Scope& scope);
  void note_long_refused();
  void begin_hold(bool replaced);
  bool waits(std::size_t index) const;
  void settle_around(Hold& hold, Skip skip);
  void settle_instead(Hold& hold, Skip skip);
  void settle(Scope& scope, const Closed& closed);
  void end_hold(Hold& hold);
  void count_held(std::size_t size);
  void give_up_long_holds();
  void release_if_free();
  std::size_t kept_size();
  void blank(Captured::Mark begin, Captured::Mark end);
  void put_uncounted(std::string_view bytes, bool held) {
    if (drops_bytes_) return;
    if (held)
      output_.copy(bytes);
    else
      output_.pass(bytes);
  }
  void set_dropping(std::uint16_t scope, bool keeps) {
    dropping_ = scope;
    drops_bytes_ = scope != none && !keeps;
  }

  // reorder_edit.cc
  bool is_sorted_child() const;
  void begin_child(const EditedTag& tag);
  void end_child(const Scope& scope, const Closed& closed);
  void end_child(Reorders::Id reorder, std::string_view end_tag);
  void begin_reorder(Scope& scope, EditId edit);
  void end_reorder(const Scope& scope, const Closed& closed);

  const Selectors& selectors_;
  const std::span<const Edit> edits_;
  Output& output_;
  Surroundings& around_;
  const std::size_t max_held_element_;
  std::vector<EditResult> results_;
  std::vector<EditId> by_slot_;          // edits, ordered by slot …
  std::vector<std::uint16_t> first_of_;  // … and where those of a slot begin
  std::vector<EditId> matched_;          // of the tag in hand
  std::vector<Skip> verdicts_;           // beside `matched_`
  std::vector<EditId> after_token_;
  std::vector<Scope> scopes_;
  std::string tag_;  // a start tag that is being edited
  Encoding encoding_here_ = Encoding::unknown;
  std::uint16_t dropping_ = none;  // scope whose content is left out
  bool drops_bytes_ = false;       // … at once
  Hold hold_;                      // of the tag in hand
  Refusals refused_;               // of the tag in hand
  std::size_t refusals_ = 0;       // of open elements
  std::size_t holds_ = 0;          // of open elements and the tag in hand
  std::uint64_t passed_ = 0;       // bytes of the page while there are any
  std::uint64_t first_hold_ = 0;   // where the outermost of them begins
  bool tag_is_out_ = false;
  bool tag_is_cut_short_ = false;
  bool skip_token_ = false;
  bool after_less_than_ = false;
  bool truncated_ = false;
  Reorders reorders_;
  std::size_t sorted_from_ = 0;  // what had been captured when the outermost of these began
  Captured::Mark sorting_begins_ = 0;
  Reorders::Id child_ends_behind_token_ = Reorders::none;
};

}  // namespace personalize::html
