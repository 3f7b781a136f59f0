// A tree's open elements as bytes, from which a copy can be made later or in another process.
#include <algorithm>
#include <cstring>

#include "html/limits.h"
#include "html/tree/tree.h"

namespace personalize::html {
namespace {

struct SavedHeader {
  std::uint16_t size, formatting, templates, form_frame;
  std::uint8_t quirks, has_head, has_form, reopened;
};
struct SavedFrame {
  std::uint32_t hash;
  std::uint16_t depth;
  std::uint8_t id, flags, scope, fate, zero[2];
};
struct SavedFormatting {
  std::uint32_t hash, attributes;
  std::uint16_t frame;
  std::uint8_t id, marker;
};

template <class T>
void write(std::string& bytes, const T& value) {
  bytes.append(reinterpret_cast<const char*>(&value), sizeof value);
}

template <class T>
bool read(std::string_view& bytes, T& value) {
  if (bytes.size() < sizeof value) return false;
  std::memcpy(&value, bytes.data(), sizeof value);
  bytes.remove_prefix(sizeof value);
  return true;
}

}  // namespace

void Tree::save(TreePlace place, std::string& bytes) const {
  const std::size_t open = place.open, entries = formatting_without(open), templates = templates_in(open);
  const auto own = std::count_if(formatting_.begin(), formatting_.begin() + entries,
                                 [&](const FormattingList::Entry& entry) { return is_own(entry, open); });
  const auto here = [open](std::uint16_t frame) { return frame < open ? frame : no_frame; };
  write(bytes, SavedHeader{static_cast<std::uint16_t>(open),
                           static_cast<std::uint16_t>(entries - static_cast<std::size_t>(own)),
                           static_cast<std::uint16_t>(templates), here(form_frame_), quirks_, has_head_,
                           has_form_without(open), static_cast<std::uint8_t>(place.reopened)});
  for (std::size_t i = 0; i < open; ++i) {
    const OpenElement& frame = open_[i];
    write(bytes,
          SavedFrame{
              frame.hash, frame.depth, static_cast<std::uint8_t>(frame.id), frame.flags, frame.scope, frame.fate, {}});
  }
  for (std::size_t i = 0; i < entries; ++i) {
    const FormattingList::Entry& entry = formatting_[i];
    if (is_own(entry, open)) continue;
    write(bytes, SavedFormatting{entry.name.hash, entry.attributes, here(entry.frame),
                                 static_cast<std::uint8_t>(entry.name.id), entry.marker});
  }
  for (std::size_t i = 0; i < templates; ++i) write(bytes, template_modes_[i]);
}

bool Tree::restore(std::string_view bytes) {
  SavedHeader header;
  if (!read(bytes, header) || header.size == 0 || header.size > OpenElements::max_depth ||
      header.formatting > FormattingList::max_size || header.templates > limits::max_templates ||
      header.reopened >= header.size) {
    return false;
  }
  const auto known = [&](std::uint16_t frame) { return frame < header.size || frame == no_frame; };
  for (std::size_t i = 0; i < header.size; ++i) {
    SavedFrame saved;
    if (!read(bytes, saved) || saved.id >= tag_id_count) return false;
    open_.push({.hash = saved.hash,
                .children = 0,
                .watch = 0,
                .depth = saved.depth,
                .id = static_cast<TagId>(saved.id),
                .flags = static_cast<std::uint8_t>(saved.flags | watched),
                .scope = saved.scope,
                .fate = saved.fate});
  }
  for (std::size_t i = 0; i < header.formatting; ++i) {
    SavedFormatting saved;
    if (!read(bytes, saved) || saved.id >= tag_id_count || !known(saved.frame)) return false;
    formatting_.push(
        {{static_cast<TagId>(saved.id), saved.hash}, saved.attributes, saved.frame, not_watched, saved.marker != 0});
    if (saved.frame != no_frame) open_[saved.frame].flags |= formatting;
  }
  for (std::size_t i = 0; i < header.templates; ++i) {
    if (!read(bytes, template_modes_[i]) || template_modes_[i] > Mode::after_after_frameset) return false;
  }
  if (!known(header.form_frame)) return false;
  template_count_ = header.templates;
  form_frame_ = header.form_frame;
  quirks_ = header.quirks != 0;
  has_head_ = header.has_head != 0;
  has_form_ = header.has_form != 0;
  frameset_ok_ = false;
  reopened_from_ = static_cast<std::uint16_t>(open_.size() - header.reopened);
  // How many children the others have had does not matter; each of these has had only the next one.
  for (std::size_t i = reopened_from_; i + 1 < open_.size(); ++i) open_[i].children = 1;
  formatting_.count_closed();
  reset_mode();
  set_quick();
  return true;
}

}  // namespace personalize::html
