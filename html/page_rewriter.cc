#include "html/page_rewriter.h"

#include <algorithm>
#include <numeric>

namespace personalize::html {

PageRewriter::PageRewriter(const Selectors& selectors, std::span<const Edit> edits, Sink& sink,
                           const RewriterOptions& options)
    : edits_(edits),
      matcher_(selectors.index()),
      encoding_(options.content_type),
      output_(sink),
      tree_(*this),
      reader_(*this, options.max_held_token),
      results_(edits.size()),
      by_slot_(edits.size()),
      first_of_(selectors.size() + 1),
      max_held_element_(options.max_held_element),
      seen_(options.seen) {
  reader_.list_attributes(matcher_.gate().names());
  std::iota(by_slot_.begin(), by_slot_.end(), EditId{0});
  std::stable_sort(by_slot_.begin(), by_slot_.end(),
                   [&](EditId a, EditId b) { return edits_[a].slot < edits_[b].slot; });
  for (const Edit& edit : edits_) {
    if (edit.slot + 1 < first_of_.size()) ++first_of_[edit.slot + 1];
  }
  std::partial_sum(first_of_.begin(), first_of_.end(), first_of_.begin());
}

void PageRewriter::write(std::string_view chunk) {
  if (!encoding_.settled()) encoding_.feed(chunk);
  if (seen_ != nullptr) {
    write_with_memory(chunk);
  } else {
    reader_.write(chunk);
  }
  if (!reorders_.empty()) give_up_large_reorders();
  output_.flush();
}

void PageRewriter::end() {
  // What is put at the end of an unfinished script, comment or tag would be part of it.
  truncated_ = !reader_.tokenizer().at_data() || tree_.text_mode() != TextMode::markup;
  reader_.end();
  tree_.end();
  close_in_matcher(0);
  output_.flush();
}

std::size_t PageRewriter::memory() const {
  std::size_t scopes = scopes_.capacity() * sizeof(Scope);
  for (const Scope& scope : scopes_) scopes += (scope.edits.capacity() + scope.dropping.capacity()) * sizeof(EditId);
  return sizeof *this + matcher_.memory() + output_.memory() + reorders_.memory() + encoding_.memory() +
         reader_.memory() + scopes + tag_.capacity() +
         results_.capacity() * sizeof(EditResult) + attributes_.capacity() * sizeof(RawAttribute) +
         (by_slot_.capacity() + first_of_.capacity() + matched_.capacity() + after_token_.capacity()) * sizeof(EditId) +
         verdicts_.capacity() * sizeof(Skip);
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
  if (tag.token.kind == TokenKind::start_tag) {
    start_tag(tag);
  } else {
    end_tag(tag);
  }
  after_less_than_ = false;
}

void PageRewriter::rest(std::string_view bytes) { put(bytes); }
void PageRewriter::comment(std::string_view bytes, bool) {
  after_less_than_ = false;
  put(bytes);
}
void PageRewriter::cdata(std::string_view bytes, bool) {
  after_less_than_ = false;
  put(bytes);
}

void PageRewriter::doctype(std::string_view bytes, bool too_long) {
  tree_.doctype(too_long ? std::string_view("<!doctype html>") : bytes);
  after_less_than_ = false;
  put(bytes);
}

void PageRewriter::start_tag(const PageTag& tag) {
  feed(tree_, tag);
  match_implied();
  const Inserted& inserted = tree_.inserted();
  matched_.clear();
  if (inserted.inserted && !inserted.in_template) {
    close_in_matcher(inserted.depth);
    const std::size_t name_end = tag.scanned != nullptr ? tag.scanned->name_length + 1u : attributes_begin(tag.bytes);
    const bool is_img = inserted.name.id == TagId::img && inserted.name_space == Namespace::html;
    const std::string_view name = is_img ? "img" : tag.bytes.substr(1, name_end - 1);
    const std::string_view attributes = attributes_of(tag);
    if (!tag.too_long && passes_gate(name, attributes)) collect(match(inserted, name, attributes));
    if (!inserted.open) close_in_matcher(inserted.depth);
  }
  if (matched_.empty() && reorders_.empty()) {
    put(tag.bytes);
  } else {
    edit_element(tag);
  }
}

void PageRewriter::end_tag(const PageTag& tag) {
  skip_token_ = false;
  feed(tree_, tag);
  match_implied();
  close_in_matcher(tree_.depth());
  if (skip_token_) {
    offset_ += tag.bytes.size();
  } else {
    put(tag.bytes);
  }
  put_after_token();
}

bool PageRewriter::passes_gate(std::string_view name, std::string_view attributes) const {
  const Gate& gate = matcher_.gate();
  if (gate.everything() || matcher_.wants_everything() || gate.tag(tag_key(name))) return true;
  if (!gate.attributes()) return false;
  AttributeCursor cursor(attributes);
  for (AttributePlace place; cursor.next(place);) {
    if (gate.attribute(place.attribute.name, place.attribute.value)) return true;
  }
  return false;
}

std::span<const Match> PageRewriter::match(const Inserted& inserted, std::string_view name,
                                           std::string_view attributes) {
  attributes_.clear();
  AttributeCursor cursor(attributes);
  for (AttributePlace place; cursor.next(place);) attributes_.push_back(place.attribute);
  ++opened_;
  const std::span<const Match> matches = matcher_.open(
      {name, tag_key(name), inserted.name_space, attributes_, inserted.depth, inserted.child_index});
  take_resolved();
  return matches;
}

/// Elements that are in the page without a tag count for the selectors of others; they cannot be edited themselves.
void PageRewriter::match_implied() {
  for (const Inserted& implied : tree_.implied()) {
    if (implied.in_template) continue;
    close_in_matcher(implied.depth);
    match(implied, to_string(implied.name.id), {});
  }
}

void PageRewriter::close_now_in_matcher(std::uint32_t depth) {
  matcher_.close(depth);
  take_resolved();
}

/// What has been found out about earlier tags. Only a scout is interested: the rewriter follows behind.
void PageRewriter::take_resolved() {
  if (scouting_) answers_->resolve(offset_, matcher_.resolved());
  matcher_.forget_resolved();
}

/// The edits of the slots that match, in the order in which they were given.
void PageRewriter::collect(std::span<const Match> matches) {
  for (const Match& match : matches) {
    if (match.slot + 1 >= first_of_.size() || first_of_[match.slot] == first_of_[match.slot + 1]) continue;
    if (scouting_) {
      if (match.ticket != 0) answers_->ask(offset_, match.slot, match.ticket);
      continue;
    }
    Answers::Answer answer = Answers::Answer::yes;
    if (match.ticket != 0) answer = answers_ ? answers_->take(offset_, match.slot) : Answers::Answer::given_up;
    if (answer == Answers::Answer::no) continue;
    for (std::size_t i = first_of_[match.slot]; i < first_of_[match.slot + 1]; ++i) {
      ++results_[by_slot_[i]].matches;
      if (answer == Answers::Answer::yes) {
        matched_.push_back(by_slot_[i]);
      } else {
        note(by_slot_[i], Skip::held_too_long);
      }
    }
  }
  std::sort(matched_.begin(), matched_.end());
}

void PageRewriter::put_content(EditId edit) {
  std::string scratch;
  const std::string_view content = edits_[edit].content;
  const std::string_view bytes = encoded(content, encoding_here_, scratch);
  if (bytes.data() == content.data()) {
    output_.insert(bytes);
  } else {
    output_.copy(bytes);
  }
}

void PageRewriter::note(EditId edit, Skip skip) {
  EditResult& result = results_[edit];
  if (skip == Skip::none) {
    ++result.applied;
    if (result.reason == Skip::no_match) result.reason = Skip::none;
  } else if (result.reason == Skip::no_match || result.reason == Skip::none) {
    result.reason = skip;
  }
}

}  // namespace personalize::html
