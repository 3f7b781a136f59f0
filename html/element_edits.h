// The edits of one page: decides which of them can be made, and writes them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
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

  /// Text, or a token that means nothing for edits.
  void put(std::string_view bytes, bool held) {
    if (dropping_ != none) return;
    if (held)
      output_.copy(bytes);
    else
      output_.pass(bytes);
  }
  /// The current part of the page is being left out.
  bool dropping() const { return dropping_ != none; }

  /// The text in front of the current token ends with `<`.
  void set_after_less_than(bool after) { after_less_than_ = after; }
  bool after_less_than() const { return after_less_than_; }
  /// The page ends within a script, comment or tag: content inserted there would become part of it.
  void set_truncated(bool truncated) { truncated_ = truncated; }
  bool truncated() const { return truncated_; }

  bool sorting() const { return !reorders_.empty(); }
  void give_up_large_reorders();

 private:
  using EditId = std::uint16_t;
  static constexpr std::uint16_t none = 0xFFFF;

  /// An open element with something to be done at its end.
  struct Scope {
    std::vector<EditId> edits;     // append, after
    std::vector<EditId> dropping;  // edits for which its content is left out
    TagName name;
    Reorders::Id child_of = Reorders::none;  // the element is one that is sorted …
    Reorders::Id sorts = Reorders::none;     // … its children are
    bool in_use = false;
    bool drops_end_tag = false;
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
  bool tag_is_out_ = false;
  bool tag_is_cut_short_ = false;
  bool skip_token_ = false;
  bool after_less_than_ = false;
  bool truncated_ = false;
  Reorders reorders_;
  Reorders::Id child_ends_behind_token_ = Reorders::none;
};

}  // namespace personalize::html
