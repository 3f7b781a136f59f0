// The list of active formatting elements (§13.2.4.3), as far as it concerns the stack, and the adoption agency
// (§13.2.6.4.7).
#include <algorithm>

#include "html/tokens/attributes.h"
#include "html/tree/tree.h"

namespace personalize::html {
namespace {

/// The same for the same attributes in any order and spelling of their names.
std::uint32_t hash_attributes(std::string_view attributes) {
  AttributeCursor cursor(attributes);
  AttributePlace place;
  std::uint64_t sum = 0;
  while (cursor.next(place)) {
    TagNameBuilder name;
    for (char c : place.attribute.name) name.add(c);
    std::uint64_t hash = name.key() * 0x9E3779B97F4A7C15u + name.length();
    for (char c : place.attribute.value) hash = (hash ^ static_cast<std::uint8_t>(c)) * 0x100000001b3u;
    sum += hash ^ (hash >> 29);
  }
  return static_cast<std::uint32_t>(sum ^ (sum >> 32));
}

}  // namespace

using enum TagId;

void Tree::start_anchor(const TreeTag& tag) {
  const std::size_t entry = formatting_.find({a, 0});
  bool displaces = false;
  if (entry != formatting_.size()) {
    const std::uint16_t frame = formatting_[entry].frame;
    displaces = frame == no_frame;
    adoption_agency({a, 0});
    // If the agency did nothing, the old link still goes.
    const std::size_t left = formatting_.find({a, 0});
    if (left != formatting_.size() && formatting_[left].frame == frame) {
      displaces = true;
      remove_formatting(left);
      if (frame != no_frame) {
        open_[frame].flags &= static_cast<std::uint8_t>(~formatting);
        open_[frame].flags |= unsafe;
        if (frame + 1u < open_.size()) open_[frame + 1].fate |= is_orphan;
        remove_frame(frame);
      }
    }
  }
  reconstruct();
  insert(tag);
  push_formatting(tag);
  inserted_.displaces |= displaces;
}

/// The element on top of the stack becomes the last entry; at most three alike after the last marker.
void Tree::push_formatting(const TreeTag& tag) {
  if (lost_) return;
  const std::uint32_t attributes = tag.cut_short            ? FormattingList::unknown_attributes
                                   : tag.attributes.empty() ? 0
                                                            : hash_attributes(tag.attributes);
  std::size_t alike = 0;
  std::size_t doubtful = 0;
  std::size_t earliest = 0;
  for (std::size_t i = formatting_.size(); i-- > 0 && !formatting_[i].marker;) {
    if (formatting_[i].name != tag.name) continue;
    if (formatting_[i].attributes == FormattingList::unknown_attributes ||
        attributes == FormattingList::unknown_attributes) {
      ++doubtful;
    } else if (formatting_[i].attributes == attributes) {
      ++alike;
      earliest = i;
    }
  }
  if (doubtful != 0 && alike + doubtful >= 3) {
    open_.mark_unsafe_from(0);
    inserted_.safe = false;
  }
  inserted_.displaces = alike >= 3;
  if (alike >= 3) remove_formatting(earliest);
  if (formatting_.full()) {
    lost_ = true;
    return;
  }
  formatting_.push({tag.name, attributes, static_cast<std::uint16_t>(open_.size() - 1), not_watched, false});
  open_.top().flags |= formatting;
}

void Tree::push_marker() {
  if (formatting_.full()) {
    lost_ = true;
    return;
  }
  formatting_.push_marker();
}

void Tree::clear_to_marker() {
  while (formatting_.size() != 0) {
    const FormattingList::Entry entry = formatting_.last();
    formatting_.pop();
    if (entry.marker) break;
    if (entry.frame != no_frame) open_[entry.frame].flags &= static_cast<std::uint8_t>(~formatting);
  }
  formatting_.count_closed();
}

/// How many entries remain without those that the element after the outermost `open` ones has added: a marker and what
/// follows it go. Its own entry is still counted; its frame identifies it.
std::size_t Tree::formatting_without(std::size_t open) const {
  if (open >= open_.size() || !open_[open].has(trait_marker)) return formatting_.size();
  return formatting_.before_marker();
}

std::size_t Tree::templates_in(std::size_t open) const {
  return std::min<std::size_t>(open_.count_templates(open), template_count_);
}

/// Some parsers would reopen closed elements here.
void Tree::doubt_closed() {
  for (std::size_t i = formatting_.size(); i-- > 0 && !formatting_[i].marker;) {
    if (formatting_[i].watch != not_watched) listener_.reopened(formatting_[i].watch);
  }
}

/// Takes an entry off the list; its element stays as it is.
void Tree::remove_formatting(std::size_t index) {
  if (formatting_[index].frame != no_frame) {
    open_[formatting_[index].frame].flags &= static_cast<std::uint8_t>(~formatting);
  }
  formatting_.erase(index);
  formatting_.count_closed();
}

/// A formatting element is taken off the stack; its entry stays, to be reconstructed.
void Tree::formatting_closed(std::size_t index) {
  const std::size_t entry = formatting_.of_frame(index);
  if (entry == formatting_.size()) return;
  formatting_[entry].frame = no_frame;
  formatting_[entry].watch = open_[index].watch;
  formatting_.count_closed();
}

bool Tree::may_move() const {
  if (open_.empty() || !open_.top().is_special() || open_.top().is_scope_boundary()) return false;
  for (std::size_t i = formatting_.size(); i-- > 0 && !formatting_[i].marker;) {
    if (formatting_[i].frame != no_frame) return true;
  }
  return false;
}

void Tree::reconstruct_formatting() {
  if (formatting_.size() == 0) return;
  std::size_t entry = formatting_.size() - 1;
  if (formatting_[entry].marker || formatting_[entry].frame != no_frame) return;
  if (reopened_from_ > open_.size()) reopened_from_ = static_cast<std::uint16_t>(open_.size());
  while (entry > 0 && !formatting_[entry - 1].marker && formatting_[entry - 1].frame == no_frame) --entry;
  if (foster_ && !open_.empty() && open_.top().has(trait_table_context)) open_.mark_leak_from(open_.find(table));
  for (; entry < formatting_.size(); ++entry) {
    if (!open_.empty()) ++open_.top().children;
    OpenElement* const frame = push(formatting_[entry].name);
    if (lost_) return;
    frame->flags |= synthetic | formatting;
    formatting_[entry].frame = static_cast<std::uint16_t>(open_.size() - 1);
    if (formatting_[entry].watch != not_watched) listener_.reopened(formatting_[entry].watch);
    formatting_[entry].watch = not_watched;
  }
  formatting_.count_closed();
}

void Tree::adoption_agency(TagName subject) {
  if (open_.top().is(subject) && (open_.top().flags & formatting) == 0) return pop();
  for (int round = 0; round < 8; ++round) {
    const std::size_t entry = formatting_.find(subject);
    if (entry == formatting_.size()) return end_other(subject);
    const std::size_t element = formatting_[entry].frame;
    if (element == no_frame) return remove_formatting(entry);
    if (!open_.index_in_scope(element)) return;
    std::size_t furthest = element + 1;
    while (furthest < open_.size() && !open_[furthest].is_special()) ++furthest;
    if (furthest == open_.size()) {
      // It stays in the list while it is being closed, but is not to be reconstructed.
      pop_to(element + 1);
      open_[element].flags &= static_cast<std::uint8_t>(~formatting);
      pop_to(element);
      return remove_formatting(entry);
    }
    adopt(entry, furthest);
    if (lost_) return;
  }
}

/// One round of the agency: the formatting element `formatting_[entry]` is closed around the block at `furthest` and
/// reopened inside it. What is between the two is cloned or ends.
void Tree::adopt(std::size_t entry, std::size_t furthest) {
  const std::size_t element = formatting_[entry].frame;
  for (std::size_t i = element; i < furthest; ++i) open_[i].flags |= unsafe;
  open_[furthest].fate |= was_moved;
  // In a table, the place after it cannot be reached; parsers from before 2023 do not know `search` (`doubt_search`).
  if (element != 0 && open_[element - 1].has(trait_table_context)) open_[furthest].fate |= is_orphan;
  // They would end this one as well, so that an outer one would end earlier.
  if (open_[furthest].is(search)) {
    std::size_t outermost = 0;
    while (!open_[outermost].is(search)) ++outermost;
    open_.mark_unsafe_from(outermost);
  }
  std::size_t bookmark = entry;
  std::size_t last = furthest;
  int inner = 0;
  for (std::size_t node = furthest - 1; node > element; --node) {
    ++inner;
    std::size_t node_entry = formatting_.of_frame(node);
    if (inner > 3 && node_entry != formatting_.size()) {
      remove_formatting(node_entry);
      if (node_entry < bookmark) --bookmark;
      if (node_entry < entry) --entry;
      node_entry = formatting_.size();
    }
    if (node_entry == formatting_.size()) {
      remove_frame(node);
      --furthest;
      --last;
      continue;
    }
    // The clone takes the element's place in both lists.
    retire_frame(node);
    if (last == furthest) bookmark = node_entry + 1;
    last = node;
  }
  const FormattingList::Entry clone = formatting_[entry];
  remove_formatting(entry);
  if (bookmark > entry) --bookmark;
  remove_frame(element);
  --furthest;
  // The clone of the formatting element becomes the last child of the furthest block.
  OpenElement& frame = open_.insert(furthest + 1);
  frames_moved(furthest + 1, 1);
  const OpenElement& parent = open_[furthest];
  frame = {.hash = clone.name.hash,
           .children = 0,
           .watch = not_watched,
           .depth = static_cast<std::uint16_t>(parent.depth + 1),
           .id = clone.name.id,
           .flags = synthetic | unsafe | formatting,
           .scope = content_of(clone.name.id).of(parent.scope),
           .fate = 0};
  formatting_.insert(bookmark,
                     {clone.name, clone.attributes, static_cast<std::uint16_t>(furthest + 1), not_watched, false});
  formatting_.count_closed();
}

/// The frame goes on as a clone of its element.
void Tree::retire_frame(std::size_t index) {
  OpenElement& frame = open_[index];
  if ((frame.flags & watched) != 0) listener_.closed({frame.watch, false, false, lost_, true, false, false});
  frame.flags = static_cast<std::uint8_t>((frame.flags & ~watched) | synthetic);
  frame.watch = not_watched;
}

}  // namespace personalize::html
