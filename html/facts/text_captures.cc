#include "html/facts/text_captures.h"

#include <algorithm>

#include "html/facts/page_text.h"
#include "html/limits.h"
#include "html/tokens/ascii.h"
#include "html/tokens/tag_set.h"

namespace personalize::html {
namespace {

using enum TagId;

/// Elements that are shown in the line that they stand in. What else begins or ends separates words.
constexpr TagSet inline_elements = {a,     abbr, acronym, b,      bdi, bdo,  big,   cite, code,   data, del, dfn,
                                    em,    font, i,       ins,    kbd, mark, meter, nobr, output, q,    s,   samp,
                                    small, span, strike,  strong, sub, sup,  time,  tt,   u,      var,  wbr, unknown};

}  // namespace

std::size_t TextCaptures::begin(Content content, std::size_t limit) {
  if (open_ == limits::max_collected_texts) return none;
  const auto free = std::ranges::find_if(captures_, [](const Capture& capture) { return !capture.open; });
  const auto index = static_cast<std::size_t>(free - captures_.begin());
  if (free == captures_.end()) captures_.emplace_back();
  Capture& capture = captures_[index];
  capture.facts.clear();
  capture.property = CollectedFacts::none;
  capture.bytes.clear();
  capture.limit = limit;
  capture.content = content;
  capture.open = true;
  capture.overflowed = capture.space = false;
  capture.with_struck = true;
  ++open_;
  return index;
}

void TextCaptures::end(std::size_t capture) {
  captures_[capture].open = false;
  --open_;
}

template <class Change>
void TextCaptures::for_open(Change change) {
  for (Capture& capture : captures_) {
    if (capture.open && !capture.overflowed) change(capture);
  }
}

void TextCaptures::text(std::string_view bytes, std::uint8_t kinds) {
  for_open([&](Capture& capture) {
    const bool wanted = (kinds & struck) == 0 || capture.with_struck;
    if (wanted && (capture.content != Content::shown) == ((kinds & raw) != 0)) append(capture, bytes);
  });
}

/// As many bytes as there is room for; of text without spaces that mean nothing.
void TextCaptures::append(Capture& capture, std::string_view bytes) {
  if (capture.content == Content::script) {
    const std::size_t room = capture.limit - capture.bytes.size();
    capture.bytes += bytes.substr(0, room);
    capture.overflowed = bytes.size() > room;
    return;
  }
  for (std::size_t at = 0; at < bytes.size();) {
    if (is_space(bytes[at])) {
      capture.space = true;
      ++at;
      continue;
    }
    const std::size_t begin = at;
    while (at < bytes.size() && !is_space(bytes[at])) ++at;
    if (capture.space && !capture.bytes.empty()) capture.bytes += ' ';
    capture.space = false;
    if (at - begin > capture.limit || capture.bytes.size() > capture.limit - (at - begin)) {
      capture.overflowed = true;
      return;
    }
    capture.bytes += bytes.substr(begin, at - begin);
  }
}

void TextCaptures::tag(TagId id) {
  const bool separates = !inline_elements.has(id);
  for_open([separates](Capture& capture) {
    if (capture.content != Content::shown) return;
    if (!capture.space) close_reference(capture.bytes);
    capture.space |= separates;
  });
}

void TextCaptures::comment() {
  for_open([](Capture& capture) {
    if (capture.content == Content::shown && !capture.space) close_reference(capture.bytes);
  });
}

std::size_t TextCaptures::memory() const {
  std::size_t size = captures_.capacity() * sizeof(Capture);
  for (const Capture& capture : captures_)
    size += capture.bytes.capacity() + capture.facts.capacity() * sizeof(std::uint32_t);
  return size;
}

}  // namespace personalize::html
