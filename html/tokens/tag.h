// Tag names as small numbers.
//
// Names that the standard's algorithms (or nearly every page) mention have a `TagId`; all others are told apart by
// a hash. Names are compared without regard to ASCII case everywhere.
#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string_view>

namespace personalize::html {

enum class Namespace : std::uint8_t { html, svg, mathml };

// clang-format off
enum class TagId : std::uint8_t {
  unknown = 0,
  a, abbr, acronym, address, annotation_xml, applet, area, article, aside, audio, b, base, basefont, bdi,
  bdo, bgsound, big, blockquote, body, br, button, canvas, caption, center, cite, code, col, colgroup,
  data, datalist, dd, del, desc, details, dfn, dialog, dir, div, dl, dt, em, embed, fieldset, figcaption,
  figure, font, footer, foreignobject, form, frame, frameset, h1, h2, h3, h4, h5, h6, head, header,
  hgroup, hr, html, i, iframe, image, img, input, ins, kbd, keygen, label, legend, li, link, listing,
  main, malignmark, map, mark, marquee, math, menu, menuitem, meta, meter, mglyph, mi, mn, mo, ms, mtext,
  nav, nobr, noembed, noframes, noscript, object, ol, optgroup, option, output, p, param, path, picture,
  plaintext, pre, progress, q, rb, rp, rt, rtc, ruby, s, samp, script, search, section, select, slot,
  small, source, span, strike, strong, style, sub, summary, sup, svg, table, tbody, td, template_,
  textarea, tfoot, th, thead, time, title, tr, track, tt, u, ul, use, var, video, wbr, xmp,
};
// clang-format on

inline constexpr std::size_t tag_id_count = static_cast<std::size_t>(TagId::xmp) + 1;

/// A tag's name reduced to what is compared: its id, or else a hash. The hash has a new seed in every process, so that
/// nobody can write a page with two names that are taken for one.
struct TagName {
  TagId id = TagId::unknown;
  std::uint32_t hash = 0;

  friend bool operator==(TagName a, TagName b) { return a.hash == b.hash && a.id == b.id; }
};

/// The first eight bytes of a tag name, lower-cased, the first one lowest; shorter names are filled with zeros.
inline std::uint64_t tag_key(std::string_view name) {
  std::uint64_t key = 0;
  const std::size_t length = name.size() < 8 ? name.size() : 8;
  for (std::size_t i = 0; i < length; ++i) {
    std::uint8_t byte = static_cast<std::uint8_t>(name[i]);
    if (byte >= 'A' && byte <= 'Z') byte |= 0x20;
    key |= std::uint64_t{byte} << (8 * i);
  }
  return key;
}

/// Collects a name byte by byte; any length.
class TagNameBuilder {
 public:
  void clear() { *this = {}; }
  void add(char c) {
    auto byte = static_cast<std::uint8_t>(c);
    if (byte >= 'A' && byte <= 'Z') byte |= 0x20;
    if (length_ < 8) {
      low_ |= std::uint64_t{byte} << (8 * length_);
    } else if (length_ < 16) {
      high_ |= std::uint64_t{byte} << (8 * (length_ - 8));
    } else {
      tail_ = (tail_ ^ byte) * tail_multiplier();
    }
    ++length_;
  }
  std::size_t length() const { return length_; }
  /// First eight bytes, lower-cased, the first one lowest.
  std::uint64_t key() const { return low_; }
  TagName finish() const;

 private:
  static std::uint64_t tail_multiplier();

  std::uint64_t low_ = 0;
  std::uint64_t high_ = 0;
  std::uint64_t tail_ = 0;
  std::size_t length_ = 0;
};

/// The names with ids, to be found by their first 16 bytes, filled with zeros, the first byte lowest.
struct TagTable {
  struct Key {
    std::uint64_t low = 0;
    std::uint64_t high = 0;
  };
  /// How an end tag goes on after `</` where it is spelled as usual: name and `>`. Only of names that have up to seven
  /// letters, so that these are eight bytes at most; nothing fits the others.
  struct Ending {
    std::uint64_t bytes = 1;
    std::uint64_t mask = 0;
    std::uint8_t size = 0;

    bool fits(const char* p) const {
      std::uint64_t there;
      std::memcpy(&there, p, sizeof there);
      return (there & mask) == bytes;
    }
  };
  static constexpr unsigned bits = 10;
  std::uint8_t id[1u << bits] = {};  // by slot
  Key keys[tag_id_count] = {};       // by id
  Ending endings[tag_id_count] = {};

  /// No two names share a slot: the multiplier was searched for.
  static constexpr std::size_t slot(std::uint64_t low, std::uint64_t high) {
    return ((low + high * 3) * 0x119318528d6fe1efu) >> (64 - bits);
  }
};
extern const TagTable tag_table;

/// Hash of a name without id.
std::uint32_t hash_tag_name(std::uint64_t low, std::uint64_t high, std::uint64_t tail);

/// Name of up to 16 bytes, lower-cased, filled with zeros, the first byte lowest.
inline TagName tag_name(std::uint64_t low, std::uint64_t high) {
  const std::uint8_t id = tag_table.id[TagTable::slot(low, high)];
  const TagTable::Key& key = tag_table.keys[id];
  if (key.low == low && key.high == high) return {static_cast<TagId>(id), 0};
  return {TagId::unknown, hash_tag_name(low, high, 0)};
}
TagName tag_name(std::string_view name);

/// "a", "annotation-xml", …; empty for `unknown`.
std::string_view to_string(TagId id);

}  // namespace personalize::html
