// Writes down what happens to a page's slots while it is read (splice_plan.h).
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "html/element_edits.h"
#include "html/plan_events.h"
#include "html/splice_plan.h"
#include "html/surroundings.h"

namespace personalize::html {

/// In place of edits.
class PlanRecorder {
 public:
  /// Before anything else. All outlive it.
  void attach(const Tree& tree, TreeSurroundings& around, const ElementEdits& page) {
    tree_ = &tree;
    around_ = &around;
    page_ = &page;
  }

  /// `offset` is the one of the token in hand.
  void match(SlotId slot, bool given_up) { matches_.push_back({slot, given_up ? 1u : 0u}); }
  void start_tag(std::uint64_t offset, std::size_t size, Encoding encoding);
  void closed(std::uint64_t offset, const Closed& closed);
  void end_tag(std::uint64_t offset, std::size_t size);

  /// The plan of `body`, or nothing if there are too many elements.
  std::string finish(std::string_view body, TagSource tags);

 private:
  PlanEvent& add(PlanEvent::Kind kind, std::uint64_t offset);
  void save(PlanEvent& event, bool around);
  std::uint32_t save(Level level);

  const Tree* tree_ = nullptr;
  TreeSurroundings* around_ = nullptr;
  const ElementEdits* page_ = nullptr;
  std::vector<PlanEvent> events_;
  std::vector<PlanMatch> matches_;
  std::vector<TagName> names_;  // of elements
  std::size_t told_matches_ = 0;
  std::string trees_;
  std::unordered_map<std::string, std::uint32_t> places_;  // of trees that are in `trees_`
  bool too_many_ = false;
};

}  // namespace personalize::html
