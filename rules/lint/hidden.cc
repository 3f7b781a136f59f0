#include "rules/lint/hidden.h"

#include <algorithm>
#include <vector>

#include "html/tree/extents.h"
#include "html/tree/page_tree.h"
#include "rules/lint/places.h"
#include "rules/text/ascii.h"

namespace personalize::rules {
namespace {

using html::Extent;
using html::TagId;

/// Elements whose content is not part of the page. While it is looked for there, they have names of the same length
/// that mean nothing to a parser.
struct Veil {
  TagId id;
  std::string_view name, instead;
};
constexpr Veil veils[] = {{TagId::noscript, "noscript", "noscrip-"}, {TagId::template_, "template", "templat-"}};

/// Where the names of such tags end.
class VeilTags : private html::TreeListener {
 public:
  explicit VeilTags(std::string_view page) : tree_(*this), reader_(*this, html::limits::max_held_token) {
    reader_.write(page);
    reader_.end();
  }
  const std::vector<std::size_t>& name_ends() const { return name_ends_; }

  // For Reader.
  void text(std::string_view bytes) {
    tree_.text(bytes);
    offset_ += bytes.size();
  }
  void tag(const html::PageTag& tag) {
    const bool ends = tag.token.kind == html::TokenKind::end_tag;
    for (const Veil& veil : veils) {
      if (tag.token.name.id == veil.id && !tree_.in_foreign())
        name_ends_.push_back(offset_ + (ends ? 1 : 0) + veil.name.size());
    }
    feed(tree_, tag);
    offset_ += tag.bytes.size();
  }
  void rest(std::string_view bytes) { offset_ += bytes.size(); }
  void comment(std::string_view bytes, bool) { offset_ += bytes.size(); }
  void cdata(std::string_view bytes, bool) { offset_ += bytes.size(); }
  void doctype(std::string_view bytes, bool) { offset_ += bytes.size(); }
  html::TextMode text_mode() const { return tree_.text_mode(); }
  TagId text_element() const { return tree_.text_element(); }
  bool cdata_allowed() const { return tree_.in_foreign(); }

 private:
  void closed(const html::Closed&) override {}

  html::Tree tree_;
  html::Reader<VeilTags> reader_;
  std::size_t offset_ = 0;
  std::vector<std::size_t> name_ends_;
};

/// The page with these elements as ordinary ones, also those that are in one another.
std::string unveiled(std::string_view page) {
  constexpr int deep_enough = 8;
  std::string text(page);
  for (int depth = 0; depth < deep_enough; ++depth) {
    const VeilTags tags(text);
    if (tags.name_ends().empty()) break;
    for (std::size_t last : tags.name_ends()) text[last] = '-';
  }
  return text;
}

/// The selector with the same names.
std::string unveiled_selector(std::string_view selector) {
  std::string text(selector);
  const auto is_name = [](char c) {
    return text::is_ascii_alphanumeric(c) || c == '-' || c == '_' || c == '#' || c == '.';
  };
  for (const Veil& veil : veils) {
    for (std::size_t at = 0; at + veil.name.size() <= text.size(); ++at) {
      const std::size_t end = at + veil.name.size();
      if (text::ascii_lower(text.substr(at, veil.name.size())) != veil.name) continue;
      const bool whole = (at == 0 || !is_name(text[at - 1])) &&
                         (end == text.size() || !is_name(text[end]) || text[end] == '#' || text[end] == '.');
      if (whole) text.replace(at, veil.name.size(), veil.instead);
    }
  }
  return text;
}

/// The innermost of these elements around a place; null if there is none.
const Extent* veil_around(const std::vector<Extent>& elements, std::size_t place) {
  const Extent* found = nullptr;
  for (const Extent& element : elements) {
    const bool is_veil = std::ranges::any_of(veils, [&](const Veil& veil) { return element.name == veil.instead; });
    if (is_veil && element.content <= place && place < element.content_end) found = &element;
  }
  return found;
}

std::string_view why(const Extent& veil, std::string_view page) {
  if (veil.name == veils[0].instead) return "a `<noscript>`, which is only text to browsers that run scripts";
  const std::string tag = text::ascii_lower(std::string(page.substr(veil.start, veil.content - veil.start)));
  if (tag.find("shadowrootmode") != std::string::npos)
    return "a shadow root (`<template shadowrootmode>`), where selectors do not reach";
  return "a `<template>`, whose content is no part of the page";
}

}  // namespace

std::optional<std::string> hidden_match(std::string_view selector, std::string_view page) {
  html::Selectors selectors;
  if (selectors.add(unveiled_selector(selector))) return std::nullopt;
  selectors.allow_payment();
  const std::string text = unveiled(page);
  if (text == page) return std::nullopt;
  html::ExtentRecorder recorder;
  recorder.write(text);
  recorder.end();
  const Places places(selectors, text);
  for (const std::size_t start : places.starts(0)) {
    const Extent* veil = veil_around(recorder.elements(), start);
    if (veil == nullptr) continue;
    const auto line = 1 + std::count(page.begin(), page.begin() + static_cast<std::ptrdiff_t>(start), '\n');
    return "it would match in line " + std::to_string(line) + ", but that is in " + std::string(why(*veil, page));
  }
  return std::nullopt;
}

}  // namespace personalize::rules
