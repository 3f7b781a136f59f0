#include "html/tree/extents.h"

#include "html/tokens/ascii.h"
#include "html/tree/foreign_names.h"

namespace personalize::html {
namespace {

std::string dom_name(std::string_view tag, const Inserted& inserted) {
  std::string name(tag.substr(1, attributes_begin(tag) - 1));
  for (char& c : name) c = ascii_lower(c);
  if (inserted.name_space == Namespace::html && inserted.name.id == TagId::img) return "img";
  return inserted.name_space == Namespace::svg ? std::string(svg_tag_name(name)) : name;
}

}  // namespace

void ExtentRecorder::text(std::string_view bytes) {
  token_begin_ = token_end_;
  token_end_ += bytes.size();
  in_text_ = true;
  tree_.text(bytes);
  in_text_ = false;
  note_body();
}

void ExtentRecorder::tag(const PageTag& tag) {
  token_begin_ = token_end_;
  token_end_ += tag.bytes.size();
  tag_begin_ = token_begin_;
  tag_end_ = token_end_;
  tag_name_.clear();
  first_of_tag_ = elements_.size();
  in_long_tag_ = tag.too_long;
  closed_by_tag_ = 0;
  if (tag.token.kind == TokenKind::end_tag) {
    const std::string_view name = tag.bytes.substr(1);
    for (char c : name.substr(1, attributes_begin(name) - 1)) tag_name_ += ascii_lower(c);
  }
  feed(tree_, tag);
  note_body();
  const Inserted& inserted = tree_.inserted();
  if (tag.token.kind == TokenKind::start_tag && inserted.inserted) add(tag, inserted);
}

/// Where the body begins, with or without a tag.
void ExtentRecorder::note_body() {
  for (const Inserted& implied : tree_.implied()) {
    if (implied.name.id != TagId::body) continue;
    first_in_body_ = elements_.size();
    implied_body_ = token_begin_;
  }
}

void ExtentRecorder::add(const PageTag& tag, const Inserted& inserted) {
  if (inserted.name_space == Namespace::html && inserted.depth == 1) {
    if (inserted.name.id == TagId::head) head_ = elements_.size() + 1;
    if (inserted.name.id == TagId::body) first_in_body_ = elements_.size();
    // A frameset takes the place of the body, and all that was in it is gone.
    if (inserted.name.id == TagId::frameset && tree_.replaced_body()) elements_.resize(first_in_body_);
  }
  if (inserted.in_closed_head && head_ != 0) elements_[head_ - 1].safe = false;
  const std::size_t index = elements_.size();
  elements_.push_back({dom_name(tag.bytes, inserted), token_begin_, token_end_, token_end_, token_end_, inserted.safe});
  if (inserted.open && !tag.too_long) watch(index);
}

void ExtentRecorder::watch(std::size_t index) {
  if (free_watches_.empty()) {
    free_watches_.push_back(static_cast<std::uint16_t>(open_.size()));
    open_.push_back(0);
  }
  open_[free_watches_.back()] = index;
  tree_.watch(free_watches_.back());
  free_watches_.pop_back();
}

void ExtentRecorder::long_tag_ends(bool self_closing) {
  tree_.long_tag_ends(self_closing);
  tag_end_ = token_end_;
  for (std::size_t i = first_of_tag_; i < elements_.size(); ++i) {
    Extent& extent = elements_[i];
    extent.content = extent.content_end = extent.end = token_end_;
  }
  if (closed_by_tag_ != 0 && closed_by_tag_ <= elements_.size()) elements_[closed_by_tag_ - 1].end = token_end_;
  if (first_of_tag_ < elements_.size() && tree_.inserted().open) watch(first_of_tag_);
  in_long_tag_ = false;
}

void ExtentRecorder::comment(std::string_view bytes, bool) { token_begin_ = token_end_ += bytes.size(); }

void ExtentRecorder::cdata(std::string_view bytes, bool) { token_begin_ = token_end_ += bytes.size(); }

void ExtentRecorder::doctype(std::string_view bytes, bool too_long) {
  token_begin_ = token_end_;
  token_end_ += bytes.size();
  tree_.doctype(too_long ? std::string_view("<!doctype html>") : bytes);
}

void ExtentRecorder::end() {
  reader_.end();
  if (in_long_tag_) elements_.resize(first_of_tag_);  // a tag that does not end makes no element
  token_begin_ = token_end_;
  at_end_ = true;
  tree_.end();
}

void ExtentRecorder::closed(const Closed& closed) {
  if (closed.final && !closed.may_reopen) free_watches_.push_back(closed.watch);
  if (closed.again) return;
  const std::size_t index = open_[closed.watch];
  if (index >= elements_.size()) return;
  Extent& extent = elements_[index];
  extent.content_end = token_begin_;
  extent.end = closed.by_end_tag ? token_end_ : token_begin_;
  if (closed.by_end_tag) closed_by_tag_ = index + 1;
  extent.safe = extent.safe && closed.safe && !closed.lost && !in_text_;
  // Elements that have two places, or none on which parsers agree.
  if (at_end_ && (extent.name == "frameset" || extent.name == "head")) extent.safe = false;
  if (closed.cut_off) {
    // The page is over before the element is. Reported as parse5 does it, by the last tag in the page.
    extent.content_end = tag_begin_;
    extent.end = tag_name_ == extent.name ? tag_end_ : tag_begin_;
  }
}

}  // namespace personalize::html
