#include "html/extents.h"

#include "html/ascii.h"

namespace personalize::html {
namespace {

/// SVG element names that the DOM has in mixed case.
constexpr std::string_view mixed_case[] = {
    "altGlyph",         "altGlyphDef",      "altGlyphItem",       "animateColor",      "animateMotion",
    "animateTransform", "clipPath",         "feBlend",            "feColorMatrix",     "feComponentTransfer",
    "feComposite",      "feConvolveMatrix", "feDiffuseLighting",  "feDisplacementMap", "feDistantLight",
    "feDropShadow",     "feFlood",          "feFuncA",            "feFuncB",           "feFuncG",
    "feFuncR",          "feGaussianBlur",   "feImage",            "feMerge",           "feMergeNode",
    "feMorphology",     "feOffset",         "fePointLight",       "feSpecularLighting", "feSpotLight",
    "feTile",           "feTurbulence",     "foreignObject",      "glyphRef",          "linearGradient",
    "radialGradient",   "textPath"};

std::string dom_name(std::string_view tag, const Inserted& inserted) {
  std::string name(tag.substr(1, attributes_begin(tag) - 1));
  for (char& c : name) c = ascii_lower(c);
  if (inserted.name_space == Namespace::html && inserted.name.id == TagId::img) return "img";
  if (inserted.name_space != Namespace::svg) return name;
  for (std::string_view mixed : mixed_case) {
    if (equals_ignoring_case(mixed, name)) return std::string(mixed);
  }
  return name;
}

}  // namespace

void ExtentRecorder::text(std::string_view bytes) {
  token_begin_ = token_end_;
  token_end_ += bytes.size();
  tree_.text(bytes);
}

void ExtentRecorder::tag(const PageTag& tag) {
  token_begin_ = token_end_;
  token_end_ += tag.bytes.size();
  feed(tree_, tag);
  const Inserted& inserted = tree_.inserted();
  if (tag.token.kind == TokenKind::start_tag && inserted.inserted) add(tag, inserted);
}

void ExtentRecorder::add(const PageTag& tag, const Inserted& inserted) {
  const std::size_t index = elements_.size();
  elements_.push_back({dom_name(tag.bytes, inserted), token_begin_, token_end_, token_end_, token_end_,
                       inserted.safe && !tag.too_long});
  if (!inserted.open) return;
  if (free_watches_.empty()) {
    free_watches_.push_back(static_cast<std::uint16_t>(open_.size()));
    open_.push_back(0);
  }
  open_[free_watches_.back()] = index;
  tree_.watch(free_watches_.back());
  free_watches_.pop_back();
}

void ExtentRecorder::rest(std::string_view bytes) { token_end_ += bytes.size(); }

void ExtentRecorder::comment(std::string_view bytes, bool) { token_begin_ = token_end_ += bytes.size(); }

void ExtentRecorder::cdata(std::string_view bytes, bool) { token_begin_ = token_end_ += bytes.size(); }

void ExtentRecorder::doctype(std::string_view bytes, bool too_long) {
  token_begin_ = token_end_;
  token_end_ += bytes.size();
  tree_.doctype(too_long ? std::string_view("<!doctype html>") : bytes);
}

void ExtentRecorder::end() {
  reader_.end();
  token_begin_ = token_end_;
  tree_.end();
}

void ExtentRecorder::closed(const Closed& closed) {
  Extent& extent = elements_[open_[closed.watch]];
  if (closed.final) free_watches_.push_back(closed.watch);
  extent.content_end = token_begin_;
  extent.end = closed.by_end_tag ? token_end_ : token_begin_;
  extent.safe = extent.safe && closed.safe && !closed.lost;
}

}  // namespace personalize::html
