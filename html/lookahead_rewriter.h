// Rewrites a page. If some selector looks ahead, a lookahead pass parses the page first and the rewriter
// follows.
#pragma once

#include <cassert>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "html/page_rewriter.h"
#include "html/selectors/answers.h"
#include "html/selectors/compiled_selectors.h"

namespace personalize::html {

class NullSink final : public Sink {
 public:
  void pass(std::string_view) override {}
  void insert(std::string_view) override {}
  void copy(std::string_view) override {}
};

/// Parses the page ahead of the rewriter and holds back what cannot be decided yet.
class LookaheadPass {
 public:
  LookaheadPass(const Selectors& selectors, std::span<const Edit> edits, const RewriterOptions& options)
      : answers_(options.max_held_element), reader_(selectors, edits, nowhere_, options) {
    reader_.look_ahead_for(answers_);
  }

  Answers& answers() { return answers_; }
  bool holding() const { return begin_ < held_.size(); }
  std::size_t memory() const {
    return answers_.memory() - sizeof answers_ + reader_.memory() - sizeof reader_ + held_.capacity();
  }

  /// Parses `chunk`, and gives `rewriter` all bytes up to the first open question.
  void write(std::string_view chunk, PageRewriter& rewriter) {
    reader_.write(chunk);
    answers_.passed(reader_.offset());
    hand_on_held(rewriter);
    if (!holding()) chunk.remove_prefix(hand_on(chunk, rewriter));
    held_ += chunk;
  }

  /// After an exception: gives `rewriter` the rest of the page's first `size` bytes.
  void pass_held(std::uint64_t size, PageRewriter& rewriter) const noexcept {
    const std::string_view held = std::string_view(held_).substr(begin_);
    assert(handed_on_ <= size);
    rewriter.pass_rest(handed_on_, held.substr(0, static_cast<std::size_t>(size - handed_on_)), true);
  }

  void end(PageRewriter& rewriter) {
    reader_.end();
    answers_.finish();
    hand_on_held(rewriter);
  }

 private:
  /// Gives `rewriter` the beginning of `bytes`, up to the first open question; returns its size.
  std::size_t hand_on(std::string_view bytes, PageRewriter& rewriter) {
    const std::uint64_t limit = answers_.limit();
    if (limit <= handed_on_) return 0;
    const std::size_t size =
        limit - handed_on_ < bytes.size() ? static_cast<std::size_t>(limit - handed_on_) : bytes.size();
    rewriter.write(bytes.substr(0, size));
    handed_on_ += size;
    return size;
  }

  void hand_on_held(PageRewriter& rewriter) {
    if (!holding()) return;
    rewriter.set_foreign(true);
    begin_ += hand_on(std::string_view(held_).substr(begin_), rewriter);
    rewriter.set_foreign(false);
    if (2 * begin_ < held_.size()) return;
    held_.erase(0, begin_);
    begin_ = 0;
  }

  NullSink nowhere_;
  Answers answers_;
  PageRewriter reader_;
  std::string held_;
  std::size_t begin_ = 0;        // of what is still to be passed on
  std::uint64_t handed_on_ = 0;  // bytes of the page
};

class LookaheadRewriter {
 public:
  /// With a recorder, records a plan instead of editing.
  LookaheadRewriter(const Selectors& selectors, std::span<const Edit> edits, Sink& sink, const RewriterOptions& options,
                    PlanRecorder* recorder = nullptr)
      : rewriter_(selectors, edits, sink, options) {
    if (recorder != nullptr) rewriter_.record(*recorder);
    if (!selectors.index().looks_ahead()) return;
    lookahead_ = std::make_unique<LookaheadPass>(selectors, edits, options);
    rewriter_.use_answers(lookahead_->answers());
  }

  void write(std::string_view chunk) {
    if (lookahead_)
      lookahead_->write(chunk, rewriter_);
    else
      rewriter_.write(chunk);
    written_ += chunk.size();
  }
  void abandon(std::string_view chunk) noexcept {
    rewriter_.abandon();
    if (lookahead_) lookahead_->pass_held(written_, rewriter_);
    rewriter_.pass_rest(written_, chunk, false);
  }
  void end() {
    if (lookahead_) lookahead_->end(rewriter_);
    rewriter_.end();
  }
  std::span<const EditResult> results() const { return rewriter_.results(); }
  bool holding() const { return rewriter_.holding() || (lookahead_ && lookahead_->holding()); }
  std::size_t memory() const {
    return sizeof *this - sizeof rewriter_ + rewriter_.memory() +
           (lookahead_ ? sizeof *lookahead_ + lookahead_->memory() : 0);
  }

 private:
  PageRewriter rewriter_;
  std::uint64_t written_ = 0;                 // bytes of all chunks before the current one
  std::unique_ptr<LookaheadPass> lookahead_;  // only for selectors that look ahead
};

}  // namespace personalize::html
