#include "html/splicing/splice_plan.h"

#include <xxhash.h>

#include <algorithm>
#include <cstring>
#include <vector>

#include "html/edits/element_edits.h"
#include "html/edits/insertion_safety.h"
#include "html/edits/output.h"
#include "html/splicing/plan_events.h"
#include "html/splicing/slices.h"
#include "html/tokens/encoding_labels.h"
#include "html/tree/page_tree.h"

namespace personalize::html {
namespace {

template <class T>
T read(std::string_view bytes, std::size_t index) {
  T value;
  std::memcpy(&value, bytes.data() + index * sizeof value, sizeof value);
  return value;
}

/// What the current event says.
class PlannedInsertionContext final : public InsertionContext {
 public:
  explicit PlannedInsertionContext(std::string_view trees) : trees_(trees) {}

  /// From here on the event counts.
  void enter(const PlanEvent& event) {
    if (event.at != event_.at) forgotten_in_token_ = false;
    forgotten_ = false;
    event_ = event;
    inserted_.name = {event.name, event.name_hash};
    inserted_.name_space = event.name_space;
    inserted_.inserted = event.kind == PlanEvent::Kind::start_tag;
    inserted_.open = event.has(PlanEvent::open);
    inserted_.safe = event.has(PlanEvent::safe);
    inserted_.moved = event.has(PlanEvent::moved);
    inserted_.displaces = event.has(PlanEvent::displaces);
    inserted_.in_closed_head = event.in_closed_head != 0;
    inserted_.depth = event.depth;
    ended_.name = {event.ended_name, 0};
    ended_.name_space = event.has(PlanEvent::ended_html) ? Namespace::html : Namespace::svg;
    ended_.inserted = event.has(PlanEvent::ended);
    ended_.safe = event.has(PlanEvent::ended_safe);
  }
  /// The plan was asked for something it does not say: what has ended since an end tag was written or left out.
  bool puzzled() const { return puzzled_; }
  /// The watch set since `enter`.
  std::uint16_t watch() const { return watch_; }
  void forget_watch() { watch_ = Tree::not_watched; }

  const Inserted& inserted() const override { return inserted_; }
  const Inserted& outermost_ended() const override {
    if (ended_.inserted) look_back();
    return ended_;
  }
  void forget_ended() override {
    ended_.inserted = false;
    forgotten_ = forgotten_in_token_ = true;
  }
  StartEffects start_effects() const override {
    return {static_cast<std::uint8_t>(event_.flags >> PlanEvent::implied_shift & 0x3F), event_.has(PlanEvent::may_move),
            event_.has(PlanEvent::begins_pre)};
  }
  std::uint64_t outside() const override { return 0; }
  bool leaks(const Closed&, std::uint64_t) const override { return event_.has(PlanEvent::leaks); }
  bool after_body() const override { return event_.has(PlanEvent::after_body); }
  bool end_tag_would_do() const override {
    if (forgotten_) return !event_.has(PlanEvent::end_tag_says_more);
    look_back();
    return event_.has(PlanEvent::end_tag_would_do);
  }
  void end_tag_written() override { forgotten_in_token_ = true; }
  void watch(std::uint16_t watch) override { watch_ = watch; }
  bool watch_implied(TagId, std::uint16_t watch) override {
    if (inserted_.open) watch_ = watch;
    return inserted_.open;
  }
  bool innermost_is(TagName) const override { return event_.has(PlanEvent::innermost); }
  bool foreign(Level level) const override {
    return event_.has(level == Level::innermost ? PlanEvent::foreign_innermost : PlanEvent::foreign_around);
  }
  bool takes(Level level, std::string_view content) const override {
    const std::uint32_t at = level == Level::innermost ? event_.innermost_tree : event_.around_tree;
    std::uint32_t size;
    if (at > trees_.size() || trees_.size() - at < sizeof size) return false;  // `no_tree` too
    std::memcpy(&size, trees_.data() + at, sizeof size);
    const std::string_view rest = trees_.substr(at + sizeof size);
    return size <= rest.size() && is_safe_insertion(rest.substr(0, size), content);
  }

 private:
  void look_back() const { puzzled_ = puzzled_ || forgotten_in_token_; }

  std::string_view trees_;
  PlanEvent event_;
  Inserted inserted_, ended_;
  std::uint16_t watch_ = Tree::not_watched;
  bool forgotten_ = false;  // in this event: then nothing has ended
  bool forgotten_in_token_ = false;
  mutable bool puzzled_ = false;
};

/// What is known of a page's bytes.
struct PageBytes {
  std::size_t size;  // of the page
  std::size_t max_held_tag;
  std::string_view known;  // all of it, or the tags of its events, one after another
  bool only_tags;

  /// Of the next event. Shorter if it is not there.
  std::string_view take_tag(const PlanEvent& event) {
    if (!only_tags) return known.substr(event.at, event.size);
    const std::string_view tag = known.substr(0, event.size);
    known.remove_prefix(tag.size());
    return tag;
  }
};

/// One page.
class Splicing {
 public:
  Splicing(const Selectors& selectors, const PageBytes& page, std::span<const Edit> edits, SpliceSink& sink,
           std::string_view trees, const RewriterOptions& options)
      : page_(page),
        all_(edits),
        slices_(sink),
        output_(slices_),
        around_(trees),
        edits_(selectors, edits, output_, around_, options.max_held_element) {}

  /// False if the event cannot belong to this page, or does not say enough.
  bool take(const PlanEvent& event, std::string_view matches) {
    if (!event.is_sound() || event.at < at_ || event.at > page_.size || event.size > page_.size - event.at)
      return false;
    std::string_view tag;
    if (event.kind == PlanEvent::Kind::start_tag) {
      tag = page_.take_tag(event);
      if (tag.empty() || tag.size() != event.size || !match(event, matches)) return false;
    }
    if (event.kind == PlanEvent::Kind::implied && !match(event, matches)) return false;
    if (!is_of_concern(event)) return true;
    begin_token(event);
    around_.enter(event);
    switch (event.kind) {
      case PlanEvent::Kind::closed: close(event); break;
      case PlanEvent::Kind::start_tag:
        if (!start(event, tag)) return false;
        break;
      case PlanEvent::Kind::end_tag: end(event); break;
      case PlanEvent::Kind::implied:
        around_.forget_watch();
        edits_.implied({event.name, event.name_hash}, event.encoding);
        remember_watch(event);
        break;
      case PlanEvent::Kind::goes_on: edits_.goes_on(scopes_[event.element]); break;
      case PlanEvent::Kind::payment: edits_.note_payment(); break;
    }
    return !around_.puzzled();
  }

  /// The rest of the page after the last event. False if something has not ended.
  bool finish() {
    pass(page_.size - at_);
    slices_.finish();
    return !slices_.capturing();
  }
  std::span<const EditResult> results() const { return edits_.results(); }

 private:
  /// The next bytes of the body, as they are.
  void pass(std::size_t size) {
    if (!edits_.drops_bytes()) slices_.slice(at_, size);
    at_ += size;
  }

  void begin_token(const PlanEvent& event) {
    if (token_ == event.at) return;
    token_ = event.at;
    pass(event.at - at_);
    edits_.end_text(event.text_end());
    edits_.set_truncated(event.has(PlanEvent::truncated));
  }

  bool match(const PlanEvent& event, std::string_view matches) {
    edits_.begin_tag();
    for (std::size_t i = 0; i < event.match_count; ++i) {
      if (event.first_match + i >= matches.size() / sizeof(PlanMatch)) return false;
      const auto match = read<PlanMatch>(matches, event.first_match + i);
      if (!edits_.has(match.slot)) continue;
      if (match.refusal > static_cast<std::uint32_t>(Skip::payment)) return false;
      const Skip refusal = static_cast<Skip>(match.refusal);
      const bool may_be_sorted = event.kind == PlanEvent::Kind::start_tag && refusal == Skip::none;
      if (may_be_sorted && !event.has(PlanEvent::children) && is_sorted(match.slot)) return false;
      edits_.match(match.slot, refusal);
    }
    return true;
  }
  bool is_sorted(SlotId slot) const {
    return std::any_of(all_.begin(), all_.end(),
                       [slot](const Edit& edit) { return edit.slot == slot && edit.operation == Operation::reorder; });
  }

  /// Something is to be done for its element.
  bool is_of_concern(const PlanEvent& event) const {
    switch (event.kind) {
      case PlanEvent::Kind::closed:
      case PlanEvent::Kind::goes_on:
        return event.element < scopes_.size() && scopes_[event.element] != Tree::not_watched;
      case PlanEvent::Kind::implied:
      case PlanEvent::Kind::start_tag: return edits_.concerns_tag();
      case PlanEvent::Kind::end_tag: return token_ == event.at;  // it has ended one
      case PlanEvent::Kind::payment: return edits_.holding();
    }
    return false;
  }

  bool start(const PlanEvent& event, std::string_view tag) {
    slices_.set_tag(at_);
    at_ += event.size;
    around_.forget_watch();
    const std::size_t begin = attributes_begin(tag);
    if (tag.size() < 3 || begin >= tag.size()) return false;
    const bool cut_short = event.has(PlanEvent::cut_short);
    const std::string_view known = cut_short ? tag.substr(0, page_.max_held_tag) : tag;
    const std::string_view attributes =
        cut_short ? complete_attributes(known.substr(begin)) : known.substr(begin, known.size() - 1 - begin);
    edits_.start_tag({known, attributes, false, event.encoding, cut_short});
    output_.flush();
    if (const std::string_view rest = tag.substr(known.size()); !rest.empty() && !edits_.skips_token()) {
      slices_.set_tag(at_ - rest.size());
      edits_.put(rest, false);
    }
    edits_.set_truncated(event.has(PlanEvent::truncated));
    edits_.finish_tag();
    output_.flush();
    remember_watch(event);
    return true;
  }

  void remember_watch(const PlanEvent& event) {
    if (around_.watch() == Tree::not_watched) return;
    if (event.element >= scopes_.size()) scopes_.resize(event.element + 1u, Tree::not_watched);
    scopes_[event.element] = around_.watch();
  }

  void close(const PlanEvent& event) {
    const std::uint16_t watch = scopes_[event.element];
    if (event.has(PlanEvent::final)) scopes_[event.element] = Tree::not_watched;
    edits_.closed({watch, event.has(PlanEvent::by_end_tag), event.has(PlanEvent::safe), event.has(PlanEvent::lost),
                   event.has(PlanEvent::final), false, event.has(PlanEvent::cut_off), false,
                   event.has(PlanEvent::moved), event.has(PlanEvent::orphaned), event.has(PlanEvent::moves_out),
                   event.name});
  }

  void end(const PlanEvent& event) {
    if (edits_.skips_token())
      at_ += event.size;
    else
      pass(event.size);
    edits_.set_truncated(event.has(PlanEvent::truncated));
    edits_.finish_tag();
  }

  PageBytes page_;
  const std::span<const Edit> all_;
  Slices slices_;
  Output output_;
  PlannedInsertionContext around_;
  ElementEdits edits_;
  std::size_t at_ = 0;  // how much of the body has been dealt with
  std::uint64_t token_ = UINT64_MAX;
  std::vector<std::uint16_t> scopes_;  // by element
};

}  // namespace

std::string_view note_of_plan(std::string_view plan) {
  if (plan.size() < sizeof(PlanHeader)) return {};
  const auto header = read<PlanHeader>(plan, 0);
  if (header.version != PlanHeader::current || header.note_bytes > plan.size() - sizeof header) return {};
  return plan.substr(plan.size() - header.note_bytes);
}

SplicePlan::SplicePlan(std::string_view bytes) {
  if (bytes.size() < sizeof(PlanHeader)) return;
  const auto header = read<PlanHeader>(bytes, 0);
  const std::uint64_t events = std::uint64_t{header.event_count} * sizeof(PlanEvent);
  const std::uint64_t matches = std::uint64_t{header.match_count} * sizeof(PlanMatch);
  if (header.version != PlanHeader::current) return;
  if (bytes.size() != sizeof header + events + matches + header.tree_bytes + header.tag_bytes + header.note_bytes)
    return;
  if (header.checksum != XXH3_64bits(bytes.data() + sizeof header.checksum, bytes.size() - sizeof header.checksum))
    return;
  bytes.remove_prefix(sizeof header);
  events_ = bytes.substr(0, events);
  matches_ = bytes.substr(events, matches);
  trees_ = bytes.substr(events + matches, header.tree_bytes);
  tags_ = bytes.substr(events + matches + header.tree_bytes, header.tag_bytes);
  keeps_tags_ = header.keeps_tags != 0;
  body_size_ = header.body_size;
  max_held_tag_ = header.max_held_tag;
  event_count_ = header.event_count;
  if (header.declaration_end != 0) {
    const char* const label = header.declaration_label;
    const std::size_t size = strnlen(label, sizeof header.declaration_label);
    declaration_ = {Encoding::unknown, find_label({label, size}).name, header.declaration_end};
  }
  valid_ = true;
}

bool SplicePlan::is_utf8() const {
  for (std::size_t i = 0; i < event_count_; ++i) {
    const auto event = read<PlanEvent>(events_, i);
    const bool starts = event.kind == PlanEvent::Kind::start_tag || event.kind == PlanEvent::Kind::implied;
    if (starts && event.encoding != Encoding::utf8) return false;
  }
  return true;
}

bool SplicePlan::splice(const Selectors& selectors, std::string_view body, std::span<const Edit> edits,
                        SpliceSink& sink, std::span<EditResult> results, const RewriterOptions& options) const {
  if (!valid_ || (!keeps_tags_ && body.size() != body_size_)) return false;
  const PageBytes page{body_size_, max_held_tag_, keeps_tags_ ? tags_ : body, keeps_tags_};
  Splicing splicing(selectors, page, edits, sink, trees_, options);
  for (std::size_t i = 0; i < event_count_; ++i) {
    if (!splicing.take(read<PlanEvent>(events_, i), matches_)) return false;
  }
  if (!splicing.finish()) return false;
  std::copy(splicing.results().begin(), splicing.results().end(), results.begin());
  return true;
}

}  // namespace personalize::html
