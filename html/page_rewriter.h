// Rewrites one page: runs reader, tree and matcher in step and lets `ElementEdits` write.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "html/edits/element_edits.h"
#include "html/edits/output.h"
#include "html/edits/payment_forms.h"
#include "html/edits/payment_scan.h"
#include "html/rewriter.h"
#include "html/selectors/answers.h"
#include "html/selectors/gate.h"
#include "html/selectors/matcher.h"
#include "html/splicing/plan_recorder.h"
#include "html/tokens/encoding.h"
#include "html/tree/page_tree.h"

namespace personalize::html {

class PageRewriter : private TreeListener {
 public:
  PageRewriter(const Selectors& selectors, std::span<const Edit> edits, Sink& sink, const RewriterOptions& options);

  void write(std::string_view chunk);
  void end();
  /// After an exception: writes out what is held of earlier chunks.
  void abandon() noexcept;
  /// After `abandon`: writes out `bytes`, which begin at the page's offset `at`, except those that have been written.
  /// `own`: they are not in the caller's chunk.
  void pass_rest(std::uint64_t at, std::string_view bytes, bool own) noexcept;
  std::span<const EditResult> results() const { return edits_.results(); }
  bool holding() const { return !reader_.pending().empty() || output_.capturing() || waits(); }

  /// Makes no edits, but answers questions about selectors that look ahead, for another rewriter that follows.
  void look_ahead_for(Answers& answers) {
    answers_ = &answers;
    lookahead_ = true;
    guards_payment_ = false;
  }
  void use_answers(Answers& answers) { answers_ = &answers; }
  /// Makes no edits, but reports those that could be made to a recorder.
  void record(PlanRecorder& recorder) {
    recorder.attach(tree_, insertion_context_, edits_);
    recorder_ = &recorder;
  }
  /// What is written from now on is not in the caller's chunk.
  void set_foreign(bool foreign) { output_.set_foreign(foreign); }
  /// Bytes of the page that have been processed: all but an unfinished token.
  std::uint64_t offset() const { return offset_; }

  std::size_t memory() const;

  // For Reader.
  void text(std::string_view bytes);
  void tag(const PageTag& tag);
  bool tag_quickly(const ScannedTag& tag);
  const char* end_quickly(const char* name) { return tree_.end_quickly(name, matcher_.watch_depth()); }
  bool wants_text() const { return tree_.wants_text() || matcher_.wants_text(); }
  void pass(std::string_view bytes) {
    edits_.add_text(bytes, false);
    edits_.put(bytes, false);
    offset_ += bytes.size();
  }
  void rest(std::string_view bytes);
  void long_tag_ends(bool self_closing);
  void comment(std::string_view bytes, bool last);
  void cdata(std::string_view bytes, bool last);
  void doctype(std::string_view bytes, bool too_long);
  bool stops() const { return waits() && long_tag_ == LongTag::none; }
  TextMode text_mode() const { return tree_.text_mode(); }
  TagId text_element() const { return tree_.text_element(); }
  bool cdata_allowed() const { return tree_.in_foreign(); }

 private:
  void closed(const Closed& closed) override {
    if (recorder_ != nullptr)
      recorder_->closed(offset_, closed);
    else
      edits_.closed(closed);
  }
  void goes_on(std::uint16_t watch) override {
    if (recorder_ != nullptr)
      recorder_->goes_on(offset_, watch);
    else
      edits_.goes_on(watch);
  }

  /// Children of an open element may be reordered.
  bool wants_every_tag() const { return edits_.sorting() || (recorder_ != nullptr && recorder_->wants_every_tag()); }

  // page_rewriter.cc
  bool start_tag(const PageTag& tag);
  void edit_start_tag(std::string_view bytes, std::string_view attributes, bool held, bool too_long);
  void end_tag(const PageTag& tag);
  void put_unless_skipped(std::string_view bytes);
  void finish_long_tag();
  void finish_tag();
  std::span<const Match> match(const Inserted& inserted, std::string_view name, std::string_view attributes,
                               bool complete);
  void collect(std::span<const Match> matches);
  void match(SlotId slot, Skip refusal);
  void match_implied();
  void take_implied(TagName name, std::span<const Match> matches);
  void close_in_matcher(std::uint32_t depth) {
    if (static_cast<std::int32_t>(depth) <= matcher_.watch_depth()) close_now_in_matcher(depth);
  }
  void close_now_in_matcher(std::uint32_t depth);
  void take_resolved();
  void notice_text(std::string_view bytes);
  void put(std::string_view bytes);

  // payment_wait.cc
  void note_form_tag(const PageTag& tag);
  void note_payment();
  bool belongs_to_payment(PaymentQuestion& question) const;
  bool in_payment_select() const;
  bool match_guarded(const PageTag& tag);
  bool waits() const { return wait_ != nullptr && wait_->for_answer; }
  void edit_waiting_tag(Skip refusal);
  void wait_in_tag(std::string_view bytes);
  void wait_with(std::string_view chunk);
  void go_on_waiting(std::string_view chunk);
  void read_waiting();
  void end_waiting();
  void pass_waiting(std::size_t size) noexcept;

  /// A start tag that waits for how its form goes on, and what has come of the page after it.
  struct Wait {
    bool for_answer = true;  ///< the tag has not been edited yet
    std::string tag;
    std::size_t known = 0;  ///< of its bytes; if the tag is too long, not all
    bool too_long = false;
    PaymentQuestion question;
    std::string bytes;           ///< those after it, perhaps after some that have been read
    std::size_t begin = 0;       ///< of those that have not been read
    std::uint64_t bytes_at = 0;  ///< their place in the page
    std::unique_ptr<PaymentScan> scan = nullptr;

    std::size_t memory() const {
      return sizeof *this + tag.capacity() + bytes.capacity() + (scan != nullptr ? scan->memory() : 0);
    }
  };

  const SelectorIndex& index_;
  Matcher matcher_;
  PageEncoding encoding_;
  StreamCapture sink_;
  Output output_;
  Tree tree_;
  TreeInsertionContext insertion_context_;
  ElementEdits edits_;
  Reader<PageRewriter> reader_;
  std::vector<RawAttribute> attributes_;
  std::uint64_t offset_ = 0;     // in the page, of the current token
  std::uint64_t written_ = 0;    // bytes of all chunks before the current one
  std::size_t tag_in_hand_ = 0;  // its size while it is being edited
  enum class LongTag : std::uint8_t { none, start, end };
  LongTag long_tag_ = LongTag::none;  // more of it is to come
  std::uint64_t long_tag_begin_ = 0;
  bool lookahead_ = false;
  Answers* answers_ = nullptr;
  PlanRecorder* recorder_ = nullptr;
  bool guards_payment_;             // some slot that has edits does
  bool in_payment_select_ = false;  // the latest one is a field of a card
  const std::size_t max_held_element_, max_held_token_;
  std::vector<SlotId> guarded_;  // that match the current tag
  PaymentForms forms_;
  std::unique_ptr<Wait> wait_;
};

/// Handles most tags of most pages: no selector can match, and the tree only opens or closes an element.
inline bool PageRewriter::tag_quickly(const ScannedTag& tag) {
  if (tag.end_tag) return tree_.end_quickly(tag.name, matcher_.watch_depth());
  return !passes_gate(matcher_, tag) && !wants_every_tag() && tree_.start_quickly(tag.name, tag.has_attributes);
}

inline void PageRewriter::text(std::string_view bytes) {
  if (wants_text()) notice_text(bytes);
  edits_.add_text(bytes, reader_.held());
  put(bytes);
}

inline void PageRewriter::put(std::string_view bytes) {
  edits_.put(bytes, reader_.held());
  offset_ += bytes.size();
}

}  // namespace personalize::html
