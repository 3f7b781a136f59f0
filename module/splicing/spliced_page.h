// A spliced page: slices of the body in shared memory, and inserted content. All of it is known before the header is
// sent.
#pragma once

#include <memory_resource>
#include <optional>
#include <string_view>
#include <vector>

#include "html/splicing/splice_plan.h"
#include "module/splicing/packed_parts.h"
#include "module/splicing/page_chain.h"
#include "module/splicing/page_file.h"
#include "module/splicing/plan_key.h"

namespace personalize::module {

class Exchange;
struct FilterEffect;

class SplicedPage final : public html::SpliceSink {
 public:
  /// Finds the page's plan or, if the page has been requested before, makes one. Nothing if the page must be streamed:
  /// it is not known yet, changed too recently, is too large, or the plan does not say how to make these edits. Must
  /// not outlive the exchange's evaluation.
  static std::optional<SplicedPage> make(const Exchange& exchange, const PageFile& file, const FilterEffect& effect);

  /// Notes that the page was requested, if it cannot be spliced yet.
  static void note(const Exchange& exchange, const PageFile& file, const FilterEffect& effect);

  /// Compresses the page, using parts that were compressed before. If one of them is missing, returns false and changes
  /// nothing.
  bool pack(Coding coding, const Exchange& exchange);
  Coding coding() const { return coding_; }

  std::size_t size() const { return size_; }
  std::span<const html::EditResult> results() const { return results_; }
  /// What was read from the page when its plan was made, as `engine::KeptFacts` has it; empty if nothing is.
  std::string_view facts() const { return html::note_of_plan(plan_->plan()); }
  /// A strong ETag, with quotes: equal for equal pages only.
  std::string_view etag() const { return etag_; }
  /// The charset that Content-Type must name because browsers do not find the page's own declaration any more: it was
  /// pushed too far from the start. Empty otherwise. Of static storage.
  std::string_view charset() const;
  /// True if the body was too large for the zone, so that its slices are in the file only. If the kernel cannot send
  /// them from there, NGINX's copy filter must read them, so the page must go through all filters.
  bool unread() const { return plan_->body_size == 0 && coding_ == Coding::identity; }
  /// The page as buffers, valid for as long as this object and the request.
  PageChain chain() const;

  void slice(std::size_t at, std::size_t size) override;
  void insert(std::string_view bytes) override { add(bytes); }
  void copy(std::string_view bytes) override;

 private:
  SplicedPage(const Exchange& exchange, PinnedPlan plan, const PlanKey& key);
  bool splice(const Exchange& exchange, std::string_view content_type);
  bool splice_from_plan(const Exchange& exchange);
  void add(PagePiece piece);
  bool is_continued_by(const PagePiece& piece) const;
  bool join(const PagePiece& piece);
  bool is_worth_sending() const;
  std::string_view keep(std::initializer_list<std::string_view> parts);
  void name(const Exchange& exchange, std::string_view content_type);

  ngx_http_request_t* r_;
  rules::Arena* arena_;  // the evaluation's
  PinnedPlan plan_;
  PlanKey key_;
  std::pmr::vector<html::EditResult> results_;
  std::pmr::vector<PagePiece> pieces_;
  std::span<char> room_;           // free memory after the last joined piece …
  std::size_t room_size_ = 0;      // … and its size in the beginning
  std::vector<PackedPart> parts_;  // that some pieces refer to
  Coding coding_ = Coding::identity;
  PageFile file_;
  bool sendable_ = false;  // slices of the body can be sent out of the file
  std::size_t size_ = 0;
  html::Declaration declaration_;
  std::size_t declared_by_ = 0;  // where its end is in this page; 0: nowhere (yet)
  std::string_view etag_;
};

}  // namespace personalize::module
