// The format of a splice plan.
#pragma once

#include <cstddef>
#include <cstdint>

#include "html/edits/text_end.h"
#include "html/tokens/encoding.h"
#include "html/tokens/tag.h"

namespace personalize::html {

/// A place in the page where an edit may have something to do. Events are in the order in which the rewriter would
/// reach them; those of one token have the same `at`.
struct PlanEvent {
  enum class Kind : std::uint8_t {
    closed,     ///< an element that matches, or a child of one that may be sorted, ends before the token or with it
    start_tag,  ///< of such an element
    end_tag,    ///< after the last `closed` of an end tag's token
    implied,    ///< a head or body that matches begins before the token
    goes_on,    ///< more of the head or body, which was `closed` but not for good, follows
    payment,    ///< the token is a field of a card
  };
  enum Flag : std::uint32_t {
    text_end_low = 1 << 0,
    truncated = 1 << 1,
    foreign_innermost = 1 << 2,
    foreign_around = 1 << 3,
    ended = 1 << 4,  // `Tree::outermost_ended` …
    ended_safe = 1 << 5,
    ended_html = 1 << 6,
    safe = 1 << 7,        // of `Inserted` or `Closed`
    open = 1 << 8,        // of `Inserted`
    by_end_tag = 1 << 9,  // of `Closed` …
    lost = 1 << 10,
    final = 1 << 11,
    cut_off = 1 << 12,
    innermost = 1 << 13,  // it has the name of the innermost open element
    end_tag_would_do = 1 << 14,
    moved = 1 << 15,      // of `Inserted` or `Closed`
    cut_short = 1 << 16,  // a start tag so long that only its first bytes are known
    children = 1 << 17,   // every child of the element has its events
    leaks = 1 << 18,      // as `InsertionContext` has it
    displaces = 1 << 19,  // of `Inserted` …
    moves_out = 1 << 19,  // … and `leaks` of `Closed`
    may_move = 1 << 20,   // of `StartEffects` …
    begins_pre = 1 << 21,
    // 22 to 27: `StartEffects::implied`
    orphaned = 1 << 28,           // of `Closed`
    end_tag_says_more = 1 << 29,  // as `Tree` has it …
    after_body = 1 << 30,
    text_end_high = 1u << 31,
  };
  static constexpr unsigned implied_shift = 22;
  static constexpr std::uint32_t no_tree = 0xFFFFFFFFu;

  std::uint32_t at = 0;                    ///< offset in the page of the token's first byte; the page's size at its end
  std::uint32_t size = 0;                  ///< of the token, for tags
  std::uint32_t innermost_tree = no_tree;  ///< offset in the saved trees …
  std::uint32_t around_tree = no_tree;     ///< … of the other level that may be asked for
  std::uint32_t first_match = 0;           ///< of the slots that match a start tag
  std::uint32_t name_hash = 0;
  std::uint32_t flags = 0;
  std::uint16_t match_count = 0;
  std::uint16_t element = 0;  ///< number of the element, in the order of start tags
  std::uint16_t depth = 0;    ///< of `Inserted`
  Kind kind = Kind::closed;
  TagId name = TagId::unknown;  ///< of a start tag, an implied element; `Closed::root_tag`
  Namespace name_space = Namespace::html;
  TagId ended_name = TagId::unknown;
  Encoding encoding = Encoding::unknown;
  std::uint8_t in_closed_head = 0;  ///< 1: of `Inserted`

  bool has(Flag flag) const { return (flags & flag) != 0; }
  void set(Flag flag, bool value) {
    if (value) flags |= flag;
  }
  TextEnd text_end() const { return static_cast<TextEnd>((has(text_end_low) ? 1 : 0) | (has(text_end_high) ? 2 : 0)); }
  void set_text_end(TextEnd end) {
    set(text_end_low, (static_cast<unsigned>(end) & 1) != 0);
    set(text_end_high, (static_cast<unsigned>(end) & 2) != 0);
  }
  /// False for bytes that cannot be an event.
  bool is_sound() const {
    return kind <= Kind::payment && static_cast<std::size_t>(name) < tag_id_count &&
           static_cast<std::size_t>(ended_name) < tag_id_count && name_space <= Namespace::mathml &&
           encoding <= Encoding::unsupported;
  }
};

/// A slot that matches a start tag.
struct PlanMatch {
  std::uint32_t slot;
  std::uint32_t refusal;  ///< a `Skip`: why it is not edited there
};

/// The beginning of a plan. After it are the events, matches, saved trees, start tags and the caller's note, in that
/// order. A saved tree is preceded by its size. The start tags are those of all start_tag events, in order, unless they
/// are read from the body.
struct PlanHeader {
  static constexpr std::uint32_t current = 0x70'6C'61'07;

  std::uint64_t checksum;  ///< XXH3 of all that follows it
  std::uint64_t body_size;
  std::uint64_t max_held_tag;  ///< of tags that are cut short this much is known
  std::uint32_t version;
  std::uint32_t event_count;
  std::uint32_t match_count;
  std::uint32_t tree_bytes;
  std::uint32_t tag_bytes;
  std::uint32_t keeps_tags;  ///< 1: there are tags
  std::uint32_t note_bytes;
  std::uint32_t unused;
  std::uint32_t declaration_end;  ///< of `Declaration`; 0: there is none, or it is not heeded
  char declaration_label[28];     ///< filled up with zeros
};

}  // namespace personalize::html
