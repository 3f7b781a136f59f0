#include "html/page_rewriter.h"

#include <algorithm>
#include <utility>

#include "html/selectors/compiled_selectors.h"

namespace personalize::html {

PageRewriter::PageRewriter(const Selectors& selectors, std::span<const Edit> edits, Sink& sink,
                           const RewriterOptions& options)
    : index_(selectors.index()),
      matcher_(index_),
      encoding_(options.content_type),
      sink_(sink),
      output_(sink_),
      tree_(*this),
      insertion_context_(tree_),
      edits_(selectors, edits, output_, insertion_context_, options.max_held_element),
      reader_(*this, options.max_held_token),
      guards_payment_(std::ranges::any_of(edits, [&](const Edit& edit) { return index_.guards_payment(edit.slot); })),
      max_held_element_(options.max_held_element),
      max_held_token_(options.max_held_token) {
  reader_.list_attributes(matcher_.prefilter().names());
}

void PageRewriter::write(std::string_view chunk) {
  if (!encoding_.settled()) encoding_.feed(chunk);
  if (stops()) [[unlikely]] {
    go_on_waiting(chunk);
  } else if (const std::size_t read = reader_.write(chunk); wait_ != nullptr) [[unlikely]] {
    wait_with(chunk.substr(read));
  }
  if (edits_.holding()) edits_.give_up_large();
  edits_.keep_text();
  output_.flush();
  written_ += chunk.size();
}

void PageRewriter::end() {
  if (waits()) end_waiting();
  edits_.set_truncated(!reader_.tokenizer().at_data() || tree_.text_mode() != TextMode::markup);
  reader_.end();
  if (long_tag_ != LongTag::none) finish_long_tag();
  tree_.end();
  close_in_matcher(0);
  output_.flush();
}

void PageRewriter::abandon() noexcept {
  edits_.abandon();
  output_.abandon();
  if (edits_.tag_is_out()) offset_ += tag_in_hand_;
  tag_in_hand_ = 0;
  if (offset_ >= written_) return;
  const auto size = static_cast<std::size_t>(written_ - offset_);
  if (wait_ != nullptr)
    pass_waiting(size);
  else
    output_.copy(reader_.pending().substr(0, size));
  offset_ = written_;
}

void PageRewriter::pass_rest(std::uint64_t at, std::string_view bytes, bool own) noexcept {
  const std::uint64_t dealt_with = offset_ > at ? offset_ - at : 0;
  if (dealt_with >= bytes.size()) return;
  bytes.remove_prefix(static_cast<std::size_t>(dealt_with));
  if (own)
    output_.copy(bytes);
  else
    output_.pass(bytes);
  output_.flush();
  offset_ = at + dealt_with + bytes.size();
}

std::size_t PageRewriter::memory() const {
  return sizeof *this - sizeof edits_ + edits_.memory() + matcher_.memory() + output_.memory() + encoding_.memory() +
         reader_.memory() + attributes_.capacity() * sizeof(RawAttribute) + guarded_.capacity() * sizeof(SlotId) +
         forms_.memory() + (wait_ != nullptr ? wait_->memory() : 0);
}

void PageRewriter::notice_text(std::string_view bytes) {
  if (tree_.wants_text()) {
    tree_.text(bytes);
    match_implied();
  }
  if (matcher_.wants_text() && tree_.depth() != 0) {
    matcher_.text(tree_.depth() - 1u);
    take_resolved();
  }
}

void PageRewriter::tag(const PageTag& tag) {
  if (tag.too_long) long_tag_begin_ = offset_;
  const bool starts = tag.token.kind == TokenKind::start_tag;
  const bool waits = starts && !start_tag(tag);
  if (!starts) end_tag(tag);
  if (tag.too_long)
    long_tag_ = starts ? LongTag::start : LongTag::end;
  else if (!waits)
    finish_tag();
}

void PageRewriter::rest(std::string_view bytes) {
  if (waits())
    wait_in_tag(bytes);
  else
    put_unless_skipped(bytes);
}

void PageRewriter::long_tag_ends(bool self_closing) {
  if (long_tag_ == LongTag::start) {
    const Inserted& inserted = tree_.inserted();
    const bool was_open = inserted.inserted && inserted.open;
    tree_.long_tag_ends(self_closing);
    if (was_open && !inserted.open && !inserted.in_template) close_in_matcher(inserted.depth);
  }
  finish_long_tag();
}

void PageRewriter::finish_long_tag() {
  if (waits()) {
    long_tag_ = LongTag::none;
    return;
  }
  if (recorder_ != nullptr) {
    const auto size = static_cast<std::size_t>(offset_ - long_tag_begin_);
    if (long_tag_ == LongTag::start)
      recorder_->start_tag(long_tag_begin_, size, encoding_.at(long_tag_begin_), true);
    else
      recorder_->end_tag(long_tag_begin_, size);
  }
  long_tag_ = LongTag::none;
  finish_tag();
}

void PageRewriter::finish_tag() {
  edits_.finish_tag();
  edits_.end_text();
}
void PageRewriter::comment(std::string_view bytes, bool) {
  tree_.comment();
  edits_.end_text();
  put(bytes);
}
void PageRewriter::cdata(std::string_view bytes, bool) {
  edits_.end_text();
  put(bytes);
}

void PageRewriter::doctype(std::string_view bytes, bool too_long) {
  tree_.doctype(too_long ? std::string_view("<!doctype html>") : bytes);
  edits_.end_text();
  put(bytes);
}

/// False if the tag waits.
bool PageRewriter::start_tag(const PageTag& tag) {
  feed(tree_, tag);
  match_implied();
  const Inserted& inserted = tree_.inserted();
  edits_.begin_tag();
  guarded_.clear();
  if (inserted.inserted && !inserted.in_template) {
    close_in_matcher(inserted.depth);
    const std::size_t name_end = tag.scanned != nullptr ? tag.scanned->name_length + 1u : attributes_begin(tag.bytes);
    const bool is_img = inserted.name.id == TagId::img && inserted.name_space == Namespace::html;
    const std::string_view name = is_img ? "img" : tag.bytes.substr(1, name_end - 1);
    const std::string_view attributes = attributes_of(tag);
    // If a tag is too long, it is not known whether it would pass the prefilter.
    if (tag.too_long || passes_gate(matcher_, name, attributes))
      collect(match(inserted, name, attributes, !tag.too_long));
    if (!inserted.open) close_in_matcher(inserted.depth);
  }
  const TagId id = tag.token.name.id;
  if (guards_payment_ && (id == TagId::form || is_field(id))) note_form_tag(tag);
  if (!guarded_.empty() && !match_guarded(tag)) return false;
  edit_start_tag(tag.bytes, attributes_of(tag), reader_.held(), tag.too_long);
  return true;
}

void PageRewriter::edit_start_tag(std::string_view bytes, std::string_view attributes, bool held, bool too_long) {
  if (recorder_ != nullptr && !too_long) recorder_->start_tag(offset_, bytes.size(), encoding_.at(offset_), false);
  if (edits_.concerns_tag()) {
    tag_in_hand_ = bytes.size();
    edits_.start_tag({bytes, attributes, held, encoding_.at(offset_), too_long});
    tag_in_hand_ = 0;
  } else {
    edits_.put(bytes, held);
  }
  offset_ += bytes.size();
}

void PageRewriter::end_tag(const PageTag& tag) {
  feed(tree_, tag);
  match_implied();
  close_in_matcher(tree_.depth());
  if (tag.token.name.id == TagId::form) forms_.end_tag(tree_, offset_);
  if (recorder_ != nullptr && !tag.too_long) recorder_->end_tag(offset_, tag.bytes.size());
  put_unless_skipped(tag.bytes);
}

/// Bytes of a tag, which may have been left out with its element.
void PageRewriter::put_unless_skipped(std::string_view bytes) {
  if (edits_.skips_token())
    offset_ += bytes.size();
  else
    put(bytes);
}

std::span<const Match> PageRewriter::match(const Inserted& inserted, std::string_view name, std::string_view attributes,
                                           bool complete) {
  attributes_.clear();
  AttributeCursor cursor(attributes);
  for (AttributePlace place; cursor.next(place);) attributes_.push_back(place.attribute);
  const std::span<const Match> matches = matcher_.open(
      {name, tag_key(name), inserted.name_space, attributes_, inserted.depth, inserted.child_index, complete});
  take_resolved();
  return matches;
}

/// Elements without a tag in the page count for the selectors of other elements. Only head and body among them can be
/// edited.
void PageRewriter::match_implied() {
  for (const Inserted& implied : tree_.implied()) {
    if (implied.in_template) continue;
    close_in_matcher(implied.depth);
    const std::span<const Match> matches = match(implied, to_string(implied.name.id), {}, true);
    if (implied.depth == 1 && !matches.empty() && !lookahead_) take_implied(implied.name, matches);
  }
}

void PageRewriter::take_implied(TagName name, std::span<const Match> matches) {
  edits_.begin_tag();
  for (const Match& match : matches) {
    if (match.ticket == 0 && edits_.has(match.slot)) this->match(match.slot, Skip::none);
  }
  if (recorder_ != nullptr)
    recorder_->implied(offset_, name, encoding_.at(offset_));
  else if (edits_.concerns_tag())
    edits_.implied(name, encoding_.at(offset_));
}

void PageRewriter::close_now_in_matcher(std::uint32_t depth) {
  matcher_.close(depth);
  take_resolved();
}

/// What has been found out about earlier tags. Only a lookahead pass needs it: the rewriter follows later.
void PageRewriter::take_resolved() {
  if (lookahead_) answers_->resolve(offset_, matcher_.resolved());
  matcher_.forget_resolved();
}

/// Tells the edits which of their slots match.
void PageRewriter::collect(std::span<const Match> matches) {
  for (const Match& match : matches) {
    if (!edits_.has(match.slot)) continue;
    if (lookahead_) {
      if (match.ticket != 0) answers_->ask(offset_, match.slot, match.ticket);
      continue;
    }
    Answers::Answer answer = Answers::Answer::yes;
    if (match.ticket != 0) answer = answers_ ? answers_->take(offset_, match.slot) : Answers::Answer::given_up;
    if (answer == Answers::Answer::no) continue;
    if (answer != Answers::Answer::yes)
      this->match(match.slot, Skip::held_too_long);
    else if (index_.guards_payment(match.slot))
      guarded_.push_back(match.slot);
    else
      this->match(match.slot, Skip::none);
  }
}

void PageRewriter::match(SlotId slot, Skip refusal) {
  if (recorder_ != nullptr)
    recorder_->match(slot, refusal);
  else
    edits_.match(slot, refusal);
}

}  // namespace personalize::html
