// Records a splice plan while a page is parsed (splice_plan.h).
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "html/edits/element_edits.h"
#include "html/edits/insertion_context.h"
#include "html/splicing/plan_events.h"
#include "html/splicing/splice_plan.h"

namespace personalize::html {

/// Takes the place of edits.
class PlanRecorder {
 public:
  /// Lists the children of elements that one of the slots in `sorted` matches. `slots`: number of all slots.
  PlanRecorder(std::size_t slots, std::span<const SlotId> sorted);

  /// Must be called first. All arguments must outlive the recorder.
  void attach(const Tree& tree, TreeInsertionContext& around, const ElementEdits& page) {
    tree_ = &tree;
    around_ = &around;
    page_ = &page;
  }

  /// `offset` in the following functions is that of the current token.
  void match(SlotId slot, Skip refusal) {
    matches_.push_back({slot, static_cast<std::uint32_t>(refusal)});
    may_be_sorted_ |= refusal == Skip::none && sorted_[slot];
  }
  void payment(std::uint64_t offset) { add(PlanEvent::Kind::payment, offset); }
  /// `start_tag` is to be called for each, whether something matches or not.
  bool wants_every_tag() const { return !parents_.empty(); }
  /// `cut_short`: not all of its attributes are known.
  void start_tag(std::uint64_t offset, std::size_t size, Encoding encoding, bool cut_short);
  void closed(std::uint64_t offset, const Closed& closed);
  void implied(std::uint64_t offset, TagName name, Encoding encoding);
  void goes_on(std::uint64_t offset, std::uint16_t watch);
  void end_tag(std::uint64_t offset, std::size_t size);

  /// The plan of `body`; empty if there are too many elements.
  std::string finish(std::string_view body, TagSource source, const RewriterOptions& options, std::string_view note);

 private:
  struct Element {
    TagName name;
    bool matches;
    std::uint64_t outside;
  };
  /// An open element that may be sorted.
  struct Parent {
    std::uint16_t element;
    std::uint16_t depth;
    std::size_t event;  // of its start tag
  };

  struct EndedHead {
    std::uint16_t element = Tree::not_watched;
    std::size_t event = 0;  // of its end tag
  };

  PlanEvent& add(PlanEvent::Kind kind, std::uint64_t offset);
  PlanEvent& add_start_tag(std::uint64_t offset);
  void save(PlanEvent& event, Level other);
  std::uint32_t save(Level level);
  bool is_child() const;
  void open_parent(std::uint16_t depth);
  void close_parent(std::uint16_t element);
  void give_up_children();

  std::vector<bool> sorted_;  // by slot
  const Tree* tree_ = nullptr;
  TreeInsertionContext* around_ = nullptr;
  const ElementEdits* page_ = nullptr;
  std::vector<PlanEvent> events_;
  std::vector<PlanMatch> matches_;
  std::vector<Element> elements_;
  std::vector<Parent> parents_;
  std::vector<std::uint16_t> parents_of_depth_;  // how many
  EndedHead ended_head_;                         // as long as it seems to be complete
  std::size_t children_ = 0;                     // that match nothing
  std::size_t told_matches_ = 0;
  bool may_be_sorted_ = false;  // what the current tag is of
  std::string trees_;
  std::unordered_map<std::string, std::uint32_t> places_;  // of trees that are in `trees_`
  bool too_many_ = false;
};

}  // namespace personalize::html
