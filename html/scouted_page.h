// A page and, where some selector looks ahead, the scout that reads it in front of the rewriter.
#pragma once

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

/// Reads the page ahead of the rewriter, if some selector looks ahead, and holds back what cannot be decided
/// yet.
class Scout {
 public:
  Scout(const Selectors& selectors, std::span<const Edit> edits, const RewriterOptions& options)
      : answers_(options.max_held_element), reader_(selectors, edits, nowhere_, options) {
    reader_.scout_for(answers_);
  }

  Answers& answers() { return answers_; }
  bool holding() const { return begin_ < held_.size(); }
  std::size_t memory() const {
    return answers_.memory() - sizeof answers_ + reader_.memory() - sizeof reader_ + held_.capacity();
  }

  /// Reads `chunk` and gives `rewriter` what is decided of it and of earlier ones.
  void write(std::string_view chunk, PageRewriter& rewriter) {
    reader_.write(chunk);
    answers_.passed(reader_.offset());
    hand_on_held(rewriter);
    if (!holding()) chunk.remove_prefix(hand_on(chunk, rewriter));
    held_ += chunk;
  }

  /// After an exception: what the rewriter has not been given of `size` bytes of the page.
  void pass_held(std::uint64_t size, PageRewriter& rewriter) const noexcept {
    const std::string_view held = std::string_view(held_).substr(begin_);
    rewriter.pass_rest(handed_on_, held.substr(0, static_cast<std::size_t>(size - handed_on_)), true);
  }

  void end(PageRewriter& rewriter) {
    reader_.end();
    answers_.finish();
    hand_on_held(rewriter);
  }

 private:
  /// Gives the beginning of `bytes` as far as there is no open question; how much that is.
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
  std::size_t begin_ = 0;        // of what is still to be given on
  std::uint64_t handed_on_ = 0;  // bytes of the page
};

class ScoutedPage {
 public:
  /// With a recorder nothing is edited.
  ScoutedPage(const Selectors& selectors, std::span<const Edit> edits, Sink& sink, const RewriterOptions& options,
              PlanRecorder* recorder = nullptr)
      : rewriter_(selectors, edits, sink, options) {
    if (recorder != nullptr) rewriter_.record(*recorder);
    if (!selectors.index().looks_ahead()) return;
    scout_ = std::make_unique<Scout>(selectors, edits, options);
    rewriter_.follow(scout_->answers());
  }

  void write(std::string_view chunk) {
    if (scout_)
      scout_->write(chunk, rewriter_);
    else
      rewriter_.write(chunk);
    written_ += chunk.size();
  }
  void abandon(std::string_view chunk) noexcept {
    rewriter_.abandon();
    if (scout_) scout_->pass_held(written_, rewriter_);
    rewriter_.pass_rest(written_, chunk, false);
  }
  void end() {
    if (scout_) scout_->end(rewriter_);
    rewriter_.end();
  }
  std::span<const EditResult> results() const { return rewriter_.results(); }
  bool holding() const { return rewriter_.holding() || (scout_ && scout_->holding()); }
  std::size_t memory() const {
    return sizeof *this - sizeof rewriter_ + rewriter_.memory() + (scout_ ? sizeof *scout_ + scout_->memory() : 0);
  }

 private:
  PageRewriter rewriter_;
  std::uint64_t written_ = 0;     // bytes of all chunks but the one in hand
  std::unique_ptr<Scout> scout_;  // only for selectors that look ahead
};

}  // namespace personalize::html
