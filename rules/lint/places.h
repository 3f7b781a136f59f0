// Where in a page the elements are that selectors match.
#pragma once

#include <cstddef>
#include <string_view>
#include <vector>

#include "html/selectors/selectors.h"
#include "html/splicing/splice_plan.h"

namespace personalize::rules {

/// Where elements that selectors match begin: edits are inserted before them, and their places noted.
class Places final : public html::SpliceSink {
 public:
  Places(const html::Selectors& selectors, std::string_view page);

  void slice(std::size_t at, std::size_t size) override { offset_ = at + size; }
  void copy(std::string_view) override {}
  void insert(std::string_view mark) override;

  /// False if something matched, or if that is not known.
  bool nothing(html::SlotId slot) const { return results_[slot].reason == html::Skip::no_match; }
  const std::vector<std::size_t>& starts(html::SlotId slot) const { return starts_[slot]; }

 private:
  std::vector<std::vector<std::size_t>> starts_;  // by slot
  std::vector<html::EditResult> results_;
  std::size_t offset_ = 0;
};

}  // namespace personalize::rules
