// Runs reader, tree and matcher over one page in step and collects its facts.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "html/facts/collected_facts.h"
#include "html/facts/fact_set.h"
#include "html/facts/text_captures.h"
#include "html/limits.h"
#include "html/selectors/gate.h"
#include "html/selectors/matcher.h"
#include "html/tree/page_tree.h"

namespace personalize::html {

class PageFactReader : private TreeListener {
 public:
  PageFactReader(const FactSet& set, std::string_view content_type);

  void write(std::string_view chunk);
  PageFacts end();
  std::size_t memory() const;

  // For Reader.
  void text(std::string_view bytes);
  void tag(const PageTag& tag);
  bool tag_quickly(const ScannedTag& tag) {
    if (captures_.any()) return false;
    if (tag.end_tag) return tree_.end_quickly(tag.name, matcher_.watch_depth());
    return !passes_gate(matcher_, tag) && tree_.start_quickly(tag.name, tag.has_attributes);
  }
  const char* end_quickly(const char* name) {
    return captures_.any() ? nullptr : tree_.end_quickly(name, matcher_.watch_depth());
  }
  bool wants_text() const { return captures_.any() || tree_.wants_text(); }
  void pass(std::string_view) {}
  void rest(std::string_view) {}
  void long_tag_ends(bool self_closing);
  void comment(std::string_view bytes, bool last);
  void cdata(std::string_view, bool) {}
  void doctype(std::string_view bytes, bool too_long) {
    tree_.doctype(too_long ? std::string_view("<!doctype html>") : bytes);
  }
  TextMode text_mode() const { return tree_.text_mode(); }
  TagId text_element() const { return tree_.text_element(); }
  bool cdata_allowed() const { return tree_.in_foreign(); }

 private:
  static constexpr std::uint32_t none = CollectedFacts::none;

  /// An open element with something to be done at its end.
  struct Watched {
    std::size_t capture = TextCaptures::none;
    bool has_item = false;  // `item` is it
    std::uint32_t item = none;
    bool hides = false;    // a template, whose content is not text
    bool strikes = false;  // what is in it no longer counts
    bool in_use = false;
  };
  /// What the current start tag is to the facts.
  struct Element {
    const PageTag& tag;
    Watched watched = {};
  };
  struct OpenItem {
    std::uint32_t item;   // `none` for one beyond the limit
    std::uint16_t watch;  // of its element
  };

  void closed(const Closed& closed) override;

  void start_tag(const PageTag& tag);
  void match_implied();
  void take_implied(std::size_t fact, TagId id);
  std::span<const Match> match(const Inserted& inserted, std::string_view name, std::string_view attributes,
                               bool complete);
  void close_in_matcher(std::uint32_t depth);
  void take(std::span<const Match> matches, Element& element);
  void watch(const Watched& watched);
  std::uint16_t keep(const Watched& watched);

  // What the selectors of `FactSet::Source` find, and declared facts.
  void take_declared(std::size_t fact, Element& element);
  void take_text(std::size_t fact, Element& element);
  void take_script(Element& element);
  void take_meta();
  void take_link();
  void take_field();
  void take_microdata(Element& element);
  void take_property(Element& element);
  /// Nothing if the element has no such attribute.
  const RawAttribute* attribute(std::string_view name) const;
  std::string_view value_of(std::string_view name) const;
  TextCaptures::Capture* capture_of(Element& element, std::size_t limit);
  TextCaptures::Content content_of_current() const;
  void use(const TextCaptures::Capture& capture);

  const FactSet& set_;
  const std::string content_type_;
  Matcher matcher_;
  Tree tree_;
  Reader<PageFactReader> reader_;
  CollectedFacts facts_;
  TextCaptures captures_;
  std::vector<RawAttribute> attributes_;  // of the current tag
  std::vector<Watched> watched_;
  std::vector<OpenItem> open_items_;
  std::uint32_t forms_ = 0;
  std::uint32_t hidden_ = 0;  // open templates in a captured element
  std::uint32_t struck_ = 0;
  std::string first_bytes_;
};

}  // namespace personalize::html
