#include "rules/lint/places.h"

#include <charconv>
#include <cstdint>
#include <string>

#include "html/lookahead_rewriter.h"
#include "html/rewriter.h"

namespace personalize::rules {

Places::Places(const html::Selectors& selectors, std::string_view page) : starts_(selectors.size()) {
  std::vector<std::string> marks;
  std::vector<html::Edit> edits;
  for (html::SlotId slot = 0; slot < selectors.size(); ++slot) marks.push_back("<!--" + std::to_string(slot) + "-->");
  for (html::SlotId slot = 0; slot < selectors.size(); ++slot)
    edits.push_back({slot, html::Operation::before, marks[slot], {}, {}, nullptr});
  results_.resize(edits.size());
  const std::string plan = html::record_plan(selectors, page);
  if (html::SplicePlan(plan).splice(selectors, page, edits, *this, results_)) return;
  for (std::vector<std::size_t>& starts : starts_) starts.clear();
  html::NullSink nowhere;
  html::Rewriter rewriter(selectors, edits, nowhere);
  rewriter.write(page);
  rewriter.end();
  results_.assign(rewriter.results().begin(), rewriter.results().end());
}

void Places::insert(std::string_view mark) {
  std::uint32_t slot = 0;
  std::from_chars(mark.data() + 4, mark.data() + mark.size(), slot);
  starts_[slot].push_back(offset_);
}

}  // namespace personalize::rules
