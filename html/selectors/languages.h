// The languages that a page's elements are in.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace personalize::html {

/// `language` is in `range` ("de" takes "de-AT", "*-CH" takes "fr-CH"): extended filtering of RFC
/// 4647, 3.3.2, as :lang() has it. An unknown language (empty) is in no range but the empty one.
bool language_matches(std::string_view language, std::string_view range);

/// The languages in the `lang` attributes of open elements. As in a browser, a language also holds inside the element.
class Languages {
 public:
  /// The element of this depth has a `lang` attribute.
  void open(std::int32_t depth, std::string_view language);
  /// It is not known whether it has one.
  void open_unknown(std::int32_t depth) {
    close(depth);
    open_.push_back({depth, false, {}});
  }
  void close(std::int32_t depth) {
    while (!open_.empty() && open_.back().depth >= depth) open_.pop_back();
  }
  /// The language of the innermost element is known.
  bool known() const { return open_.empty() || open_.back().known; }
  /// Its language; empty if the page does not say.
  std::string_view current() const { return open_.empty() ? std::string_view() : open_.back().language; }
  std::int32_t watch_depth() const { return open_.empty() ? -1 : open_.back().depth; }
  std::size_t memory() const { return open_.capacity() * sizeof(Entry); }

 private:
  struct Entry {
    std::int32_t depth;
    bool known;
    std::string language;
  };
  std::vector<Entry> open_;
};

}  // namespace personalize::html
