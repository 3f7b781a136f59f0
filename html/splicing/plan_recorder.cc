#include "html/splicing/plan_recorder.h"

#include <xxhash.h>

#include <algorithm>
#include <cassert>
#include <cstring>
#include <utility>

#include "html/limits.h"
#include "html/lookahead_rewriter.h"
#include "html/tokens/encoding.h"

namespace personalize::html {
PlanRecorder::PlanRecorder(std::size_t slots, std::span<const SlotId> sorted) : sorted_(slots) {
  for (SlotId slot : sorted) sorted_[slot] = true;
}

PlanEvent& PlanRecorder::add(PlanEvent::Kind kind, std::uint64_t offset) {
  PlanEvent& event = events_.emplace_back();
  event.kind = kind;
  event.at = static_cast<std::uint32_t>(offset);
  event.set_text_end(page_->text_end());
  event.set(PlanEvent::truncated, page_->truncated());
  event.set(PlanEvent::after_body, tree_->after_body());
  const Inserted& ended = tree_->outermost_ended();
  event.set(PlanEvent::ended, ended.inserted);
  event.set(PlanEvent::ended_safe, ended.safe);
  event.set(PlanEvent::ended_html, ended.name_space == Namespace::html);
  event.ended_name = ended.name.id;
  return event;
}

std::uint32_t PlanRecorder::save(Level level) {
  const TreePlace tree_place = around_->place(level);
  if (tree_place.open == 0) return PlanEvent::no_tree;
  std::string tree;
  tree_->save(tree_place, tree);
  const auto [place, is_new] = places_.try_emplace(tree, static_cast<std::uint32_t>(trees_.size()));
  if (is_new) {
    const auto size = static_cast<std::uint32_t>(tree.size());
    trees_.append(reinterpret_cast<const char*>(&size), sizeof size).append(tree);
  }
  return place->second;
}

void PlanRecorder::save(PlanEvent& event, Level other) {
  event.innermost_tree = save(Level::innermost);
  event.set(PlanEvent::foreign_innermost, around_->foreign(Level::innermost));
  if (other == Level::innermost) return;
  event.around_tree = save(other);
  event.set(PlanEvent::foreign_around, around_->foreign(other));
}

void PlanRecorder::start_tag(std::uint64_t offset, std::size_t size, Encoding encoding, bool cut_short) {
  const bool matches = matches_.size() != told_matches_;
  if (!matches && is_child() && ++children_ > limits::max_children) give_up_children();
  if (!matches && !is_child()) return;
  const bool may_be_sorted = std::exchange(may_be_sorted_, false);
  if (elements_.size() >= Tree::not_watched) {
    too_many_ = true;
    told_matches_ = matches_.size();
    return;
  }
  PlanEvent& event = add_start_tag(offset);
  event.size = static_cast<std::uint32_t>(size);
  event.encoding = encoding;
  event.set(PlanEvent::cut_short, cut_short);
  event.set(PlanEvent::children, may_be_sorted && children_ <= limits::max_children);
  event.element = static_cast<std::uint16_t>(elements_.size());
  event.first_match = static_cast<std::uint32_t>(told_matches_);
  event.match_count = static_cast<std::uint16_t>(matches_.size() - told_matches_);
  told_matches_ = matches_.size();
  const Inserted& inserted = tree_->inserted();
  if (matches) save(event, Level::in_front);
  elements_.push_back({inserted.name, matches, matches && inserted.open ? around_->outside() : 0});
  if (!inserted.open) return;
  around_->watch(event.element);
  if (event.has(PlanEvent::children)) open_parent(inserted.depth);
}

PlanEvent& PlanRecorder::add_start_tag(std::uint64_t offset) {
  const Inserted& inserted = tree_->inserted();
  PlanEvent& event = add(PlanEvent::Kind::start_tag, offset);
  event.name = inserted.name.id;
  event.name_hash = inserted.name.hash;
  event.name_space = inserted.name_space;
  event.depth = inserted.depth;
  event.set(PlanEvent::safe, inserted.safe);
  event.set(PlanEvent::open, inserted.open);
  event.set(PlanEvent::moved, inserted.moved);
  event.set(PlanEvent::displaces, inserted.displaces);
  event.in_closed_head = inserted.in_closed_head ? 1 : 0;
  const StartEffects effects = around_->start_effects();
  event.set(PlanEvent::may_move, effects.may_move);
  event.set(PlanEvent::begins_pre, effects.begins_pre);
  event.flags |= std::uint32_t{effects.implied} << PlanEvent::implied_shift;
  return event;
}

/// The current element is one of those that would be sorted (as `ElementEdits` sees it).
bool PlanRecorder::is_child() const {
  const Inserted& inserted = tree_->inserted();
  return inserted.inserted && inserted.depth != 0 && inserted.depth <= parents_of_depth_.size() &&
         parents_of_depth_[inserted.depth - 1u] != 0;
}

void PlanRecorder::open_parent(std::uint16_t depth) {
  if (depth >= parents_of_depth_.size()) parents_of_depth_.resize(depth + 1u);
  ++parents_of_depth_[depth];
  parents_.push_back({static_cast<std::uint16_t>(elements_.size() - 1), depth, events_.size() - 1});
}

void PlanRecorder::close_parent(std::uint16_t element) {
  const auto is_it = [element](const Parent& parent) { return parent.element == element; };
  const auto found = std::find_if(parents_.rbegin(), parents_.rend(), is_it);
  if (found == parents_.rend()) return;
  --parents_of_depth_[found->depth];
  parents_.erase(std::next(found).base());
}

void PlanRecorder::give_up_children() {
  for (const Parent& parent : parents_) events_[parent.event].flags &= ~std::uint32_t{PlanEvent::children};
  parents_.clear();
  parents_of_depth_.clear();
}

void PlanRecorder::closed(std::uint64_t offset, const Closed& closed) {
  const Element& element = elements_[closed.watch];
  if (closed.watch == ended_head_.element && closed.final && !closed.lost) {  // nothing of it has come since `</head>`
    events_[ended_head_.event].set(PlanEvent::final, true);
    close_parent(closed.watch);
    return;
  }
  if (!closed.final && element.name.id == TagId::head) ended_head_ = {closed.watch, events_.size()};
  PlanEvent& event = add(PlanEvent::Kind::closed, offset);
  event.element = closed.watch;
  event.set(PlanEvent::by_end_tag, closed.by_end_tag);
  event.set(PlanEvent::safe, closed.safe);
  event.set(PlanEvent::lost, closed.lost);
  event.set(PlanEvent::final, closed.final);
  event.set(PlanEvent::cut_off, closed.cut_off);
  event.set(PlanEvent::moved, closed.moved);
  event.set(PlanEvent::orphaned, closed.orphaned);
  event.name = closed.root_tag;
  event.set(PlanEvent::end_tag_says_more, tree_->end_tag_says_more());
  event.set(PlanEvent::moves_out, closed.leaks);
  event.set(PlanEvent::leaks, element.matches && around_->leaks(closed, element.outside));
  event.set(PlanEvent::innermost, around_->innermost_is(element.name));
  event.set(PlanEvent::end_tag_would_do, around_->end_tag_would_do());
  if (element.matches) save(event, Level::around_it);
  if (closed.final) close_parent(closed.watch);
}

void PlanRecorder::implied(std::uint64_t offset, TagName name, Encoding encoding) {
  if (matches_.size() == told_matches_) return;
  PlanEvent& event = add(PlanEvent::Kind::implied, offset);
  event.name = name.id;
  event.encoding = encoding;
  event.element = static_cast<std::uint16_t>(elements_.size());
  event.first_match = static_cast<std::uint32_t>(told_matches_);
  event.match_count = static_cast<std::uint16_t>(matches_.size() - told_matches_);
  told_matches_ = matches_.size();
  may_be_sorted_ = false;
  elements_.push_back({name, true, 0});
  event.set(PlanEvent::open, around_->watch_implied(name.id, event.element));
}

void PlanRecorder::goes_on(std::uint64_t offset, std::uint16_t watch) {
  add(PlanEvent::Kind::goes_on, offset).element = watch;
  if (watch == ended_head_.element) ended_head_ = {};
}

void PlanRecorder::end_tag(std::uint64_t offset, std::size_t size) {
  if (events_.empty() || events_.back().at != offset) return;
  bool matches = false;  // what has ended with it
  for (auto closed = events_.rbegin(); closed != events_.rend() && closed->at == offset; ++closed)
    matches |= elements_[closed->element].matches;
  PlanEvent& event = add(PlanEvent::Kind::end_tag, offset);
  event.size = static_cast<std::uint32_t>(size);
  if (matches) save(event, Level::innermost);
}

std::string PlanRecorder::finish(std::string_view body, TagSource source, const RewriterOptions& options,
                                 std::string_view note) {
  if (too_many_ || note.size() > UINT32_MAX || body.size() > UINT32_MAX || trees_.size() > UINT32_MAX) return {};
  std::string tags;
  for (const PlanEvent& event : events_) {
    if (source == TagSource::plan && event.kind == PlanEvent::Kind::start_tag)
      tags += body.substr(event.at, event.size);
  }
  PlanHeader header{};
  header.version = PlanHeader::current;
  header.body_size = body.size();
  header.event_count = static_cast<std::uint32_t>(events_.size());
  header.match_count = static_cast<std::uint32_t>(matches_.size());
  header.tree_bytes = static_cast<std::uint32_t>(trees_.size());
  header.tag_bytes = static_cast<std::uint32_t>(tags.size());  // no more than the body's
  header.note_bytes = static_cast<std::uint32_t>(note.size());
  header.max_held_tag = max_held_tag(options.max_held_token);
  header.keeps_tags = source == TagSource::plan ? 1 : 0;
  const std::string_view first_bytes = body.substr(0, limits::max_prescanned);
  const Declaration declaration = prescan(first_bytes);
  if (declaration.matters() && !is_encoding_given(options.content_type, first_bytes)) {
    assert(declaration.label.size() < sizeof header.declaration_label);
    header.declaration_end = static_cast<std::uint32_t>(declaration.end);
    declaration.label.copy(header.declaration_label, declaration.label.size());
  }
  std::string plan(reinterpret_cast<const char*>(&header), sizeof header);
  plan.append(reinterpret_cast<const char*>(events_.data()), events_.size() * sizeof(PlanEvent));
  plan.append(reinterpret_cast<const char*>(matches_.data()), matches_.size() * sizeof(PlanMatch));
  plan.append(trees_).append(tags).append(note);
  const std::uint64_t checksum = XXH3_64bits(plan.data() + sizeof checksum, plan.size() - sizeof checksum);
  std::memcpy(plan.data(), &checksum, sizeof checksum);
  return plan;
}

std::string record_plan(const Selectors& selectors, std::string_view body, const RewriterOptions& options,
                        TagSource tags, std::span<const SlotId> sorted, std::string_view note) {
  std::vector<Edit> any(selectors.size());
  for (std::size_t slot = 0; slot < any.size(); ++slot) any[slot].slot = static_cast<SlotId>(slot);
  NullSink nowhere;
  PlanRecorder recorder(selectors.size(), sorted);
  LookaheadRewriter page(selectors, any, nowhere, options, &recorder);
  page.write(body);
  page.end();
  return recorder.finish(body, tags, options, note);
}

}  // namespace personalize::html
