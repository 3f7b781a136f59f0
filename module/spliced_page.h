// A page that is put together from a plan: its bytes out of shared memory, what was inserted, and all of it known
// before the header goes out.
#pragma once

#include <memory_resource>
#include <optional>
#include <string_view>
#include <vector>

#include "html/splice_plan.h"
#include "module/packed_parts.h"
#include "module/page_chain.h"
#include "module/page_file.h"
#include "module/plan_key.h"

namespace personalize::nginx {

class Exchange;
struct Passage;

class SplicedPage final : public html::SpliceSink {
 public:
  /// Finds the page's plan or, from the second time on that the page is seen, makes one. Nothing if it has to be
  /// streamed: it is not known yet, may change any moment, is too large, or the plan cannot tell how these edits are
  /// done. The page lives no longer than the exchange's visit.
  static std::optional<SplicedPage> make(const Exchange& exchange, const PageFile& file, const Passage& passage);

  /// The page is seen, but cannot be looked for yet.
  static void note(const Exchange& exchange, const PageFile& file, const Passage& passage);

  /// Compresses it, out of parts that were compressed before. False, and nothing is changed, as long as one of them is
  /// not there.
  bool pack(Coding coding, const Exchange& exchange);
  Coding coding() const { return coding_; }

  std::size_t size() const { return size_; }
  std::span<const html::EditResult> results() const { return results_; }
  /// Equal for equal pages only: quoted, strong.
  std::string_view etag() const { return etag_; }
  /// The body is too large for the zone, its slices are in the file only. Where the system cannot send them from there
  /// somebody has to read them: NGINX's own filter does, so all filters have to get the page.
  bool unread() const { return plan_->body_size == 0 && coding_ == Coding::identity; }
  /// All of it. It lives as long as this and the request.
  PageChain chain() const;

  void slice(std::size_t at, std::size_t size) override;
  void insert(std::string_view bytes) override { add(bytes); }
  void copy(std::string_view bytes) override;

 private:
  SplicedPage(const Exchange& exchange, PinnedPlan plan, const PlanKey& key);
  bool splice(const Exchange& exchange, std::string_view content_type);
  bool splice_anew(const Exchange& exchange);
  void add(PagePiece piece);
  bool is_worth_sending() const;
  std::string_view keep(std::initializer_list<std::string_view> parts);
  void name(const Exchange& exchange, std::string_view content_type);

  ngx_http_request_t* r_;
  rules::Arena* arena_;  // the visit's
  PinnedPlan plan_;
  PlanKey key_;
  std::pmr::vector<html::EditResult> results_;
  std::pmr::vector<PagePiece> pieces_;
  std::vector<PackedPart> parts_;  // what some pieces are
  Coding coding_ = Coding::identity;
  PageFile file_;
  bool sendable_ = false;  // slices of the body can be sent out of the file
  std::size_t size_ = 0;
  std::string_view etag_;
};

}  // namespace personalize::nginx
