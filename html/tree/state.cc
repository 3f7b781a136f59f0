// The tree's state as a hash: trees with equal hashes behave alike from here on.
#include "html/tree/tree.h"

namespace personalize::html {
namespace {

/// Mixes 64 bits at a time, as in wyhash: the two halves of a product.
class Mixer {
 public:
  void add(std::uint64_t a, std::uint64_t b) {
    const auto product = static_cast<unsigned __int128>(state_ ^ a) * (b ^ 0x9E3779B97F4A7C15u);
    state_ = static_cast<std::uint64_t>(product) ^ static_cast<std::uint64_t>(product >> 64) ^ b;
  }
  std::uint64_t value() const { return state_; }

 private:
  std::uint64_t state_ = 0xD6E8FEB86659FD93u;
};

std::uint64_t join(std::uint32_t high, std::uint32_t low) { return std::uint64_t{high} << 32 | low; }

}  // namespace

std::uint64_t Tree::state_hash() const {
  Mixer mixer;
  const TagId text_element = text_mode_ == TextMode::markup ? TagId::unknown : text_element_;
  std::uint32_t flags = 0;
  for (bool flag : {at_end_, body_ended_, html_ended_, frameset_ok_, frameset_doubtful_, quirks_, foster_, lost_,
                    replaced_body_, has_head_, has_form_})
    flags = flags << 1 | (flag ? 1 : 0);
  mixer.add(join(flags, static_cast<std::uint32_t>(mode_) << 16 | static_cast<std::uint32_t>(text_mode_) << 8 |
                            static_cast<std::uint32_t>(text_element)),
            join(form_frame_, formatting_.closed()));
  for (std::size_t i = 0; i < open_.size(); ++i) {
    const OpenElement& frame = open_[i];
    const std::uint32_t children = i + 1 < open_.size() ? frame.children : 0;
    mixer.add(join(frame.hash, children), join(static_cast<std::uint32_t>(frame.depth) << 16 |
                                                   static_cast<std::uint32_t>(frame.id) << 8 | frame.scope,
                                               frame.flags & ~std::uint32_t{watched}));
  }
  for (const FormattingList::Entry& entry : formatting_) {
    mixer.add(join(entry.name.hash, entry.attributes),
              join(static_cast<std::uint32_t>(entry.name.id) << 16 | entry.frame, entry.marker ? 1 : 0));
  }
  for (std::size_t i = 0; i < template_count_; ++i) mixer.add(static_cast<std::uint64_t>(template_modes_[i]), i);
  mixer.add(open_.size(), join(formatting_.size(), template_count_));
  return mixer.value();
}

std::uint64_t Tree::outside() const {
  const std::size_t element = closing_ != no_frame ? closing_ : open_.size() - 1u;
  const auto around = [element](std::uint16_t frame) {
    return frame != no_frame && frame < element ? frame : no_frame;
  };
  Mixer mixer;
  for (std::size_t i = 0; i < element; ++i) {
    const OpenElement& frame = open_[i];
    mixer.add(join(frame.hash, frame.depth),
              join(static_cast<std::uint32_t>(frame.id), frame.flags & (unsafe | formatting)));
  }
  // Entries after the last marker will be forgotten if the element has set it (an object, only by its end tag).
  std::size_t count = formatting_.size();
  const OpenElement& own = open_[element];
  const bool is_object = tag_tables.end[static_cast<std::size_t>(own.id)] == BodyEnd::object;
  const bool keeps_marker = closing_ != no_frame && !closing_by_end_tag_ && is_object;
  if (own.has(trait_marker) && !keeps_marker) count = formatting_.before_marker();
  for (std::size_t i = 0; i < count; ++i) {
    const FormattingList::Entry& entry = formatting_[i];
    if (entry.frame == element) continue;
    mixer.add(join(entry.name.hash, entry.attributes),
              join(static_cast<std::uint32_t>(entry.name.id) << 16 | around(entry.frame), entry.marker ? 1 : 0));
  }
  const bool in_form = has_form_ && form_frame_ != element;
  mixer.add(in_form ? 1 : 0, around(form_frame_));
  return mixer.value();
}

}  // namespace personalize::html
