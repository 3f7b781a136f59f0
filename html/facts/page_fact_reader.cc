#include "html/facts/page_fact_reader.h"

#include <algorithm>
#include <cassert>

#include "html/selectors/compiled_selectors.h"
#include "html/tokens/ascii.h"
#include "html/tokens/encoding.h"

namespace personalize::html {

PageFactReader::PageFactReader(const FactSet& set, std::string_view content_type)
    : set_(set),
      content_type_(content_type),
      matcher_(set.selectors().index()),
      tree_(*this),
      reader_(*this, limits::max_held_token),
      facts_(set) {
  reader_.list_attributes(matcher_.prefilter().names());
}

void PageFactReader::write(std::string_view chunk) {
  if (first_bytes_.size() < limits::max_prescanned)
    first_bytes_ += chunk.substr(0, limits::max_prescanned - first_bytes_.size());
  reader_.write(chunk);
}

PageFacts PageFactReader::end() {
  reader_.end();
  tree_.end();
  return facts_.finish(encoding_name(content_type_, first_bytes_));
}

std::size_t PageFactReader::memory() const {
  return sizeof *this + content_type_.capacity() + matcher_.memory() + reader_.memory() + facts_.memory() +
         captures_.memory() + attributes_.capacity() * sizeof(RawAttribute) + watched_.capacity() * sizeof(Watched) +
         open_items_.capacity() * sizeof(OpenItem) + first_bytes_.capacity();
}

void PageFactReader::text(std::string_view bytes) {
  if (tree_.wants_text()) {
    tree_.text(bytes);
    match_implied();
  }
  if (!captures_.any() || hidden_ != 0) return;
  const TextMode mode = tree_.text_mode();
  const bool raw = mode == TextMode::rawtext || mode == TextMode::script;
  captures_.text(bytes,
                 static_cast<std::uint8_t>((raw ? TextCaptures::raw : 0) | (struck_ != 0 ? TextCaptures::struck : 0)));
}

void PageFactReader::comment(std::string_view, bool last) {
  tree_.comment();
  if (last && captures_.any()) captures_.comment();
}

void PageFactReader::tag(const PageTag& tag) {
  if (captures_.any()) captures_.tag(tag.token.name.id);
  if (tag.token.kind == TokenKind::start_tag) return start_tag(tag);
  feed(tree_, tag);
  match_implied();
  close_in_matcher(tree_.depth());
}

void PageFactReader::long_tag_ends(bool self_closing) {
  const Inserted& inserted = tree_.inserted();
  const bool was_open = inserted.inserted && inserted.open;
  tree_.long_tag_ends(self_closing);
  if (was_open && !inserted.open && !inserted.in_template) close_in_matcher(inserted.depth);
}

void PageFactReader::start_tag(const PageTag& tag) {
  feed(tree_, tag);
  match_implied();
  const Inserted& inserted = tree_.inserted();
  if (!inserted.inserted || inserted.in_template) return;
  close_in_matcher(inserted.depth);
  const std::size_t name_end = tag.scanned != nullptr ? tag.scanned->name_length + 1u : attributes_begin(tag.bytes);
  const bool is_img = inserted.name.id == TagId::img && inserted.name_space == Namespace::html;
  const std::string_view name = is_img ? "img" : tag.bytes.substr(1, name_end - 1);
  const std::string_view attributes = attributes_of(tag);
  Element element{tag};
  const TagId id = inserted.name.id;
  element.watched.hides = captures_.any() && id == TagId::template_;
  element.watched.strikes = captures_.any() && (id == TagId::del || id == TagId::s || id == TagId::strike);
  if (tag.too_long || passes_gate(matcher_, name, attributes))
    take(match(inserted, name, attributes, !tag.too_long), element);
  if (inserted.open)
    watch(element.watched);
  else
    close_in_matcher(inserted.depth);
}

/// Elements without a tag in the page have text, too, and selectors ask for them around others.
void PageFactReader::match_implied() {
  for (const Inserted& implied : tree_.implied()) {
    if (implied.in_template) continue;
    close_in_matcher(implied.depth);
    const std::string_view name = to_string(implied.name.id);
    for (const Match& match : match(implied, name, {}, true)) {
      if (match.slot >= FactSet::source_count) take_implied(match.slot - FactSet::source_count, implied.name.id);
    }
  }
}

void PageFactReader::take_implied(std::size_t fact, TagId id) {
  const FactDeclaration& declaration = set_.declarations()[fact];
  if (declaration.count) return facts_.count(fact);
  if (!facts_.begin(fact) || !declaration.attribute.empty()) return;
  Watched watched{.capture = captures_.begin(TextCaptures::Content::shown, CollectedFacts::max_raw_fact_bytes)};
  if (watched.capture == TextCaptures::none) return facts_.ignore(fact);
  captures_[watched.capture].facts.push_back(static_cast<std::uint32_t>(fact));
  const std::uint16_t index = keep(watched);
  if (tree_.watch_implied(id, index)) return;
  watched_[index].in_use = false;
  captures_.end(watched.capture);
  facts_.ignore(fact);
}

std::span<const Match> PageFactReader::match(const Inserted& inserted, std::string_view name,
                                             std::string_view attributes, bool complete) {
  attributes_.clear();
  AttributeCursor cursor(attributes);
  for (AttributePlace place; cursor.next(place);) attributes_.push_back(place.attribute);
  return matcher_.open(
      {name, tag_key(name), inserted.name_space, attributes_, inserted.depth, inserted.child_index, complete});
}

void PageFactReader::close_in_matcher(std::uint32_t depth) {
  if (static_cast<std::int32_t>(depth) <= matcher_.watch_depth()) matcher_.close(depth);
}

void PageFactReader::watch(const Watched& watched) {
  if (watched.capture == TextCaptures::none && !watched.has_item && !watched.hides && !watched.strikes) return;
  const std::uint16_t index = keep(watched);
  hidden_ += watched.hides ? 1 : 0;
  struck_ += watched.strikes ? 1 : 0;
  if (watched.has_item) open_items_.push_back({watched.item, index});
  tree_.watch(index);
}

std::uint16_t PageFactReader::keep(const Watched& watched) {
  const auto free = std::ranges::find_if(watched_, [](const Watched& other) { return !other.in_use; });
  const auto index = static_cast<std::uint16_t>(free - watched_.begin());
  if (free == watched_.end()) watched_.emplace_back();
  watched_[index] = watched;
  watched_[index].in_use = true;
  return index;
}

void PageFactReader::closed(const Closed& closed) {
  if (!closed.final) return;
  Watched& watched = watched_[closed.watch];
  watched.in_use = false;
  if (watched.hides) --hidden_;
  if (watched.strikes) --struck_;
  if (watched.has_item) {  // not always the innermost: </form> leaves open what is in the form
    const auto of_it = [&](const OpenItem& open) { return open.watch == closed.watch; };
    open_items_.erase(std::ranges::find_if(open_items_, of_it));
  }
  if (watched.capture == TextCaptures::none) return;
  captures_[watched.capture].overflowed |= closed.lost;
  use(captures_[watched.capture]);
  captures_.end(watched.capture);
}

}  // namespace personalize::html
