// The encoding of a page, and how text is written into it.
//
// The rewriter only needs `<`, `>`, quotes and letters to be those of ASCII: bytes of the page are never converted.
// Content is inserted unchanged into UTF-8 pages. In other pages everything that is not ASCII is written as numeric
// references, which is right in every encoding. Pages in UTF-16 and ISO-2022-JP (where `<` may be
// half of another character), and in encodings that browsers refuse to decode, are passed through.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace personalize::html {

enum class Encoding : std::uint8_t {
  unknown,  ///< nothing has been said (yet); compatible with ASCII
  utf8,
  ascii_compatible,  ///< another one in which ASCII is ASCII
  unsupported,       ///< not to be edited
};

/// By its label, as `charset` has it (WHATWG Encoding); `unknown` if browsers do not know it.
Encoding encoding_of_label(std::string_view label);

/// From the value of a Content-Type header; `unknown` if it does not say.
Encoding encoding_of_content_type(std::string_view content_type);

/// What a page says of its own encoding by `<meta>` or an XML declaration.
struct Declaration {
  Encoding encoding = Encoding::unknown;
  std::string_view label;  ///< what Content-Type would have to say instead, of static storage; empty: nothing is known
  std::size_t end = 0;     ///< in the page, of the tag

  /// Content can be inserted, and is right only if the declaration is heeded.
  bool matters() const { return encoding == Encoding::utf8 || encoding == Encoding::ascii_compatible; }
};

/// Looks for it as browsers do (WHATWG HTML, "prescan a byte stream to determine its encoding"). A `<meta>` that is cut
/// off does not count.
Declaration prescan(std::string_view bytes);

/// The label of the encoding that a page has, by its byte order mark, the header or its own declaration, in that order;
/// empty if none of them says. `page` are its first `limits::max_prescanned` bytes, or all. Of static storage.
std::string_view encoding_name(std::string_view content_type, std::string_view page);

/// True if bytes at the start of the page, or the header, say what the encoding is: a declaration is not heeded then.
bool is_encoding_given(std::string_view content_type, std::string_view page);

/// Follows a page until it is known: byte order mark, then Content-Type, then the first 1024 bytes.
class PageEncoding {
 public:
  explicit PageEncoding(std::string_view content_type) : header_(encoding_of_content_type(content_type)) {}

  /// The page's next bytes.
  void feed(std::string_view bytes);
  /// The encoding as far as it is known from the page before `offset`, which does not depend on how the page is cut.
  /// Bytes up to there (or the first 1024) must have been fed.
  Encoding at(std::uint64_t offset);
  /// The answer of `at` will no longer change.
  bool settled() const { return settled_; }
  std::size_t memory() const { return start_.capacity(); }

 private:
  Encoding header_;
  Encoding found_ = Encoding::unknown;
  bool settled_ = false;
  std::string start_;  // the page's first bytes while they matter
};

/// `text` (UTF-8 HTML or attribute text) in the form for a page of this encoding: itself, or a view of `scratch` with
/// references.
std::string_view encoded(std::string_view text, Encoding encoding, std::string& scratch);

/// False for content in which `encoded` would have to write references where they mean nothing: text that is not ASCII
/// in a script or style sheet, or in a tag outside quotes.
bool can_be_encoded(std::string_view content, Encoding encoding);

}  // namespace personalize::html
