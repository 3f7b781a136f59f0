#include "html/tokens/doctype.h"

#include "html/tokens/ascii.h"
#include "html/tokens/entities.h"

namespace personalize::html {
namespace {

class DoctypeReader {
 public:
  DoctypeReader(std::string_view bytes, Doctype& doctype) : bytes_(bytes), doctype_(doctype) {
    closed_ = !bytes_.empty() && bytes_.back() == '>';
    if (closed_) bytes_.remove_suffix(1);
    at_ = std::string_view("<!doctype").size();
  }

  void read() {
    read_name();
    if (!doctype_.name) {
      doctype_.force_quirks = true;
      return;
    }
    skip_space();
    if (at_end()) {
      doctype_.force_quirks = !closed_;
      return;
    }
    const std::string_view keyword = bytes_.substr(at_, 6);
    if (equals_ignoring_case(keyword, "public")) {
      at_ += 6;
      if (!read_id(doctype_.public_id)) return;
      const std::size_t before = at_;
      skip_space();
      if (at_end()) {
        doctype_.force_quirks = !closed_;
        return;
      }
      at_ = before;
      if (read_id(doctype_.system_id)) finish();
    } else if (equals_ignoring_case(keyword, "system")) {
      at_ += 6;
      if (read_id(doctype_.system_id)) finish();
    } else {
      doctype_.force_quirks = true;
    }
  }

 private:
  bool at_end() const { return at_ >= bytes_.size(); }

  void skip_space() {
    while (!at_end() && is_space(bytes_[at_])) ++at_;
  }

  void read_name() {
    skip_space();
    if (at_end()) return;
    const std::size_t begin = at_;
    while (!at_end() && !is_space(bytes_[at_])) ++at_;
    std::string name;
    decode_text(bytes_.substr(begin, at_ - begin), false, NulByte::replace, name);
    for (char& c : name) c = ascii_lower(c);
    doctype_.name = std::move(name);
  }

  /// A quoted identifier; an error in it means quirks mode. False if nothing after it counts.
  bool read_id(std::optional<std::string>& id) {
    skip_space();
    if (at_end() || (bytes_[at_] != '"' && bytes_[at_] != '\'')) {
      doctype_.force_quirks = true;
      return false;
    }
    const char quote = bytes_[at_++];
    const std::size_t close = bytes_.find(quote, at_);
    const bool complete = close != std::string_view::npos;
    const std::size_t end = complete ? close : bytes_.size();
    id.emplace();
    decode_text(bytes_.substr(at_, end - at_), false, NulByte::replace, *id);
    at_ = complete ? end + 1 : end;
    if (!complete) doctype_.force_quirks = true;
    return complete;
  }

  /// After the system identifier: anything is ignored, but the page must not end here.
  void finish() {
    skip_space();
    if (at_end() && !closed_) doctype_.force_quirks = true;
  }

  std::string_view bytes_;
  Doctype& doctype_;
  std::size_t at_ = 0;
  bool closed_ = false;
};

}  // namespace

Doctype parse_doctype(std::string_view bytes) {
  Doctype doctype;
  DoctypeReader(bytes, doctype).read();
  return doctype;
}

}  // namespace personalize::html
