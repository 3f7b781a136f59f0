// The tree's state as a number: equal numbers, equal behaviour from here on.
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

std::uint64_t Tree::hash_elements(std::size_t open) const {
  Mixer mixer;
  for (std::size_t i = 0; i < open; ++i) {
    const Frame& frame = frames_[i];
    mixer.add(frame.hash, join(static_cast<std::uint32_t>(frame.depth) << 16 |
                                   static_cast<std::uint32_t>(frame.id) << 8 | frame.scope,
                               frame.flags & ~std::uint32_t{watched}));
  }
  return mixer.value();
}

std::uint64_t Tree::hash_entries(std::size_t entries) const {
  Mixer mixer;
  for (std::size_t i = 0; i < entries; ++i) {
    const Formatting& entry = formatting_[i];
    mixer.add(join(entry.name.hash, entry.attributes),
              join(static_cast<std::uint32_t>(entry.name.id) << 16 | entry.frame, entry.marker ? 1 : 0));
  }
  return mixer.value();
}

TreeOutside Tree::outside() const {
  const std::size_t open = size_ - 1;
  std::size_t entries = formatting_without(open);
  if (entries != 0 && formatting_[entries - 1].frame == open) --entries;
  TreeOutside outside{.open = static_cast<std::uint16_t>(open),
                      .entries = static_cast<std::uint16_t>(entries),
                      .has_form = has_form_without(open),
                      .elements_hash = hash_elements(open),
                      .entries_hash = hash_entries(entries)};
  const bool sees_out = !has_marker(top());
  for (std::size_t i = entries; i-- > 0 && !formatting_[i].marker && sees_out;)
    outside.in_formatting |= formatting_[i].frame != no_frame;
  return outside;
}

bool Tree::is_unchanged(const TreeOutside& outside) const {
  const std::size_t open = outside.open;
  if (size_ <= open || hash_elements(open) != outside.elements_hash) return false;
  if (at_end_) return true;  // nothing follows
  std::size_t entries = formatting_count_;
  if (entries > outside.entries && formatting_[outside.entries].marker && has_marker(frames_[open])) {
    // What is behind the element's marker goes with it, unless another marker is in the way.
    while (entries > outside.entries + 1u && !formatting_[entries - 1].marker) --entries;
    --entries;
  } else if (entries == outside.entries + 1u && formatting_[outside.entries].frame == open) {
    --entries;  // its own, which its end tag is about to take away
  }
  return entries == outside.entries && hash_entries(entries) == outside.entries_hash && has_form_ == outside.has_form;
}

std::uint64_t Tree::state_hash() const {
  Mixer mixer;
  const TagId text_element = text_mode_ == TextMode::markup ? TagId::unknown : text_element_;
  std::uint32_t flags = 0;
  for (bool flag : {at_end_, body_ended_, html_ended_, frameset_ok_, frameset_doubtful_, quirks_, foster_, lost_,
                    replaced_body_, has_head_, has_form_})
    flags = flags << 1 | (flag ? 1 : 0);
  mixer.add(join(flags, static_cast<std::uint32_t>(mode_) << 16 | static_cast<std::uint32_t>(text_mode_) << 8 |
                            static_cast<std::uint32_t>(text_element)),
            join(form_frame_, closed_formatting_));
  mixer.add(hash_elements(size_), hash_entries(formatting_count_));
  for (std::size_t i = 0; i < template_count_; ++i) mixer.add(static_cast<std::uint64_t>(template_modes_[i]), i);
  mixer.add(size_, join(formatting_count_, template_count_));
  return mixer.value();
}

}  // namespace personalize::html
