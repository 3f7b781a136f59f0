#include "html/tokens/tag.h"

#include <array>
#include <random>

namespace personalize::html {
namespace {

// clang-format off
constexpr std::array<std::string_view, tag_id_count> tag_names = {
    "", "a", "abbr", "acronym", "address", "annotation-xml", "applet", "area", "article", "aside",
    "audio", "b", "base", "basefont", "bdi", "bdo", "bgsound", "big", "blockquote", "body", "br",
    "button", "canvas", "caption", "center", "cite", "code", "col", "colgroup", "data", "datalist",
    "dd", "del", "desc", "details", "dfn", "dialog", "dir", "div", "dl", "dt", "em", "embed",
    "fieldset", "figcaption", "figure", "font", "footer", "foreignobject", "form", "frame", "frameset",
    "h1", "h2", "h3", "h4", "h5", "h6", "head", "header", "hgroup", "hr", "html", "i", "iframe",
    "image", "img", "input", "ins", "kbd", "keygen", "label", "legend", "li", "link", "listing", "main",
    "malignmark", "map", "mark", "marquee", "math", "menu", "menuitem", "meta", "meter", "mglyph", "mi",
    "mn", "mo", "ms", "mtext", "nav", "nobr", "noembed", "noframes", "noscript", "object", "ol",
    "optgroup", "option", "output", "p", "param", "path", "picture", "plaintext", "pre", "progress",
    "q", "rb", "rp", "rt", "rtc", "ruby", "s", "samp", "script", "search", "section", "select", "slot",
    "small", "source", "span", "strike", "strong", "style", "sub", "summary", "sup", "svg", "table",
    "tbody", "td", "template", "textarea", "tfoot", "th", "thead", "time", "title", "tr", "track", "tt",
    "u", "ul", "use", "var", "video", "wbr", "xmp"};
// clang-format on

constexpr TagTable make_table() {
  TagTable table;
  for (std::size_t id = 1; id < tag_names.size(); ++id) {
    TagTable::Key& key = table.keys[id];
    for (std::size_t i = 0; i < tag_names[id].size() && i < 16; ++i) {
      (i < 8 ? key.low : key.high) |= std::uint64_t{static_cast<std::uint8_t>(tag_names[id][i])} << (8 * (i & 7));
    }
    std::uint8_t& slot = table.id[TagTable::slot(key.low, key.high)];
    if (slot != 0) throw "two names share a slot";
    slot = static_cast<std::uint8_t>(id);
    if (tag_names[id].size() < 8) {
      const auto size = static_cast<std::uint8_t>(tag_names[id].size() + 1);
      const std::uint64_t end = std::uint64_t{'>'} << (8 * tag_names[id].size());
      table.endings[id] = {key.low | end, ~std::uint64_t{0} >> (64 - 8 * size), size};
    }
  }
  return table;
}

std::uint64_t make_seed() {
#ifdef FUZZING_BUILD_MODE_UNSAFE_FOR_PRODUCTION
  return 0x5EEDu;
#else
  std::random_device device;
  return (std::uint64_t{device()} << 32) | device();
#endif
}

const std::uint64_t seed = make_seed();

}  // namespace

constexpr TagTable tag_table = make_table();

std::uint32_t hash_tag_name(std::uint64_t low, std::uint64_t high, std::uint64_t tail) {
  std::uint64_t hash = (low ^ seed) * 0x9E3779B97F4A7C15u;
  hash = (hash ^ (hash >> 29) ^ high) * 0xBF58476D1CE4E5B9u;
  hash = (hash ^ (hash >> 32) ^ tail) * 0x94D049BB133111EBu;
  return static_cast<std::uint32_t>(hash >> 32);
}

std::uint64_t TagNameBuilder::tail_multiplier() { return seed | 1; }

TagName TagNameBuilder::finish() const {
  if (length_ <= 16) return tag_name(low_, high_);
  return {TagId::unknown, hash_tag_name(low_, high_, tail_ + length_)};
}

TagName tag_name(std::string_view name) {
  TagNameBuilder builder;
  for (char c : name) builder.add(c);
  return builder.finish();
}

std::string_view to_string(TagId id) { return tag_names[static_cast<std::size_t>(id)]; }

}  // namespace personalize::html
