#include "html/tokens/encoding.h"

#include <array>
#include <optional>

#include "html/limits.h"
#include "html/tokens/ascii.h"
#include "html/tokens/encoding_labels.h"

namespace personalize::html {
namespace {

constexpr std::string_view space = "\t\n\f\r ";

std::string lower_case(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = ascii_lower(c);
  return result;
}

bool starts_with(std::string_view text, std::string_view lower_prefix) {
  return text.size() >= lower_prefix.size() && lower_case(text.substr(0, lower_prefix.size())) == lower_prefix;
}

EncodingLabel find(std::string_view label) {
  const std::size_t start = label.find_first_not_of(space);
  if (start == std::string_view::npos) return {};
  return find_label(lower_case(label.substr(start, label.find_last_not_of(space) + 1 - start)));
}

Encoding to_encoding(LabelKind kind) {
  switch (kind) {
    case LabelKind::utf8: return Encoding::utf8;
    case LabelKind::ascii_compatible: return Encoding::ascii_compatible;
    case LabelKind::utf16:
    case LabelKind::unsupported: return Encoding::unsupported;
    case LabelKind::unknown: break;
  }
  return Encoding::unknown;
}

/// What `label` means in a page that could be read so far.
Declaration declared(const EncodingLabel& label, std::size_t end) {
  if (label.kind == LabelKind::utf16) return {Encoding::utf8, "utf-8", end};
  return {to_encoding(label.kind), label.name == "x-user-defined" ? "windows-1252" : label.name, end};
}

/// The label in a `content` attribute: "text/html; charset=…".
EncodingLabel label_in_content(std::string_view content) {
  const std::string text = lower_case(content);
  std::size_t at = 0;
  while (true) {
    at = text.find("charset", at);
    if (at == std::string::npos) return {};
    at += 7;
    at = text.find_first_not_of(space, at);
    if (at == std::string::npos) return {};
    if (text[at] == '=') break;
  }
  at = text.find_first_not_of(space, at + 1);
  if (at == std::string::npos) return {};
  if (text[at] == '"' || text[at] == '\'') {
    const std::size_t end = text.find(text[at], at + 1);
    return end == std::string::npos ? EncodingLabel() : find(std::string_view(text).substr(at + 1, end - at - 1));
  }
  const std::size_t end = text.find_first_of("\t\n\f\r ;", at);
  return find(std::string_view(text).substr(at, end - at));
}

/// The standard's prescan, over a prefix of the page.
class Prescan {
 public:
  explicit Prescan(std::string_view bytes) : bytes_(bytes) {}
  Declaration run();

 private:
  struct Attribute {
    std::string name, value;
  };
  bool take_attribute(Attribute& attribute);
  bool take_value(std::string& value);
  Declaration meta();
  Declaration xml_declaration() const;
  bool at_end() const { return at_ >= bytes_.size(); }
  std::string_view rest() const { return bytes_.substr(at_); }
  void skip_to(std::string_view end_mark, std::size_t from) {
    const std::size_t found = bytes_.find(end_mark, from);
    at_ = found == std::string_view::npos ? bytes_.size() : found + end_mark.size();
  }

  std::string_view bytes_;
  std::size_t at_ = 0;
};

Declaration Prescan::run() {
  using namespace std::string_view_literals;
  if (bytes_.starts_with("<\0?\0x\0"sv) || bytes_.starts_with("\0<\0?\0x"sv)) return {Encoding::unsupported, {}, 0};
  for (at_ = bytes_.find('<'); !at_end(); at_ = bytes_.find('<', at_)) {
    if (rest().starts_with("<!--")) {
      skip_to("-->", at_ + 2);
    } else if (starts_with(rest(), "<meta") && rest().size() > 5 && (is_space(rest()[5]) || rest()[5] == '/')) {
      at_ += 5;
      if (const Declaration found = meta(); found.encoding != Encoding::unknown) return found;
    } else if (rest().size() > 1 &&
               (is_ascii_letter(rest()[1]) || (rest()[1] == '/' && rest().size() > 2 && is_ascii_letter(rest()[2])))) {
      at_ = bytes_.find_first_of("\t\n\f\r >", at_);
      for (Attribute ignored; !at_end() && take_attribute(ignored);) {
      }
    } else if (rest().starts_with("<!") || rest().starts_with("</") || rest().starts_with("<?")) {
      skip_to(">", at_);
    } else {
      ++at_;
    }
  }
  return xml_declaration();
}

/// Reads an attribute; false at the end of the tag or of what there is.
bool Prescan::take_attribute(Attribute& attribute) {
  attribute = {};
  while (!at_end() && (is_space(bytes_[at_]) || bytes_[at_] == '/')) ++at_;
  if (at_end() || bytes_[at_] == '>') return false;
  while (true) {
    if (at_end()) return false;
    const char c = bytes_[at_];
    if ((c == '=' && !attribute.name.empty()) || is_space(c) || c == '/' || c == '>') break;
    attribute.name += ascii_lower(c);
    ++at_;
  }
  while (!at_end() && is_space(bytes_[at_])) ++at_;
  if (at_end()) return false;
  if (bytes_[at_] != '=') return true;
  ++at_;
  return take_value(attribute.value);
}

bool Prescan::take_value(std::string& value) {
  while (!at_end() && is_space(bytes_[at_])) ++at_;
  if (at_end()) return false;
  if (const char quote = bytes_[at_]; quote == '"' || quote == '\'') {
    for (++at_; !at_end() && bytes_[at_] != quote; ++at_) value += ascii_lower(bytes_[at_]);
    if (at_end()) return false;
    ++at_;
    return true;
  }
  for (; !at_end() && !is_space(bytes_[at_]) && bytes_[at_] != '>'; ++at_) value += ascii_lower(bytes_[at_]);
  return !at_end();
}

Declaration Prescan::meta() {
  bool has_charset = false, has_content = false, got_pragma = false;
  std::optional<bool> need_pragma;
  EncodingLabel label;
  bool has_pragma = false;
  for (Attribute attribute; take_attribute(attribute);) {
    if (attribute.name == "http-equiv" && !has_pragma) {
      has_pragma = true;
      got_pragma = attribute.value == "content-type";
    } else if (attribute.name == "content" && !has_content) {
      has_content = true;
      const EncodingLabel found = label_in_content(attribute.value);
      if (found.kind != LabelKind::unknown && !has_charset) {
        label = found;
        need_pragma = true;
      }
    } else if (attribute.name == "charset" && !has_charset) {
      has_charset = true;
      label = find(attribute.value);
      need_pragma = false;
    }
  }
  if (at_end()) return {};  // cut off
  if (!need_pragma || (*need_pragma && !got_pragma)) return {};
  return declared(label, at_ + 1);
}

Declaration Prescan::xml_declaration() const {
  if (!bytes_.starts_with("<?xml")) return {};
  const std::string_view declaration = bytes_.substr(0, bytes_.find('>'));
  if (declaration.size() == bytes_.size()) return {};
  std::size_t at = declaration.find("encoding");
  if (at == std::string_view::npos) return {};
  const auto skip_controls = [&] {
    while (at < declaration.size() && static_cast<unsigned char>(declaration[at]) <= 0x20) ++at;
  };
  at += 8;
  skip_controls();
  if (at >= declaration.size() || declaration[at] != '=') return {};
  ++at;
  skip_controls();
  if (at >= declaration.size() || (declaration[at] != '"' && declaration[at] != '\'')) return {};
  const std::size_t end = declaration.find(declaration[at], at + 1);
  if (end == std::string_view::npos) return {};
  return declared(find(declaration.substr(at + 1, end - at - 1)), declaration.size() + 1);
}

Encoding encoding_of_bom(std::string_view page) {
  if (page.starts_with("\xEF\xBB\xBF")) return Encoding::utf8;
  return page.starts_with("\xFE\xFF") || page.starts_with("\xFF\xFE") ? Encoding::unsupported : Encoding::unknown;
}

}  // namespace

Encoding encoding_of_label(std::string_view label) { return to_encoding(find(label).kind); }

namespace {

EncodingLabel label_in_header(std::string_view content_type) {
  std::size_t at = content_type.find(';');
  while (at < content_type.size()) {
    at = content_type.find_first_not_of(" \t", at + 1);
    if (at == std::string_view::npos) break;
    if (starts_with(content_type.substr(at), "charset=")) {
      std::string_view value = content_type.substr(at + 8);
      if (value.starts_with('"')) {
        value.remove_prefix(1);
        return find(value.substr(0, value.find('"')));
      }
      return find(value.substr(0, value.find(';')));
    }
    at = content_type.find(';', at);
  }
  return {};
}

}  // namespace

Encoding encoding_of_content_type(std::string_view content_type) {
  return to_encoding(label_in_header(content_type).kind);
}

std::string_view encoding_name(std::string_view content_type, std::string_view page) {
  switch (encoding_of_bom(page)) {
    case Encoding::utf8: return "utf-8";
    case Encoding::unsupported: return "utf-16le";
    default: break;
  }
  const EncodingLabel header = label_in_header(content_type);
  return header.kind != LabelKind::unknown ? header.name : prescan(page).label;
}

Declaration prescan(std::string_view bytes) { return Prescan(bytes).run(); }

bool is_encoding_given(std::string_view content_type, std::string_view page) {
  return encoding_of_content_type(content_type) != Encoding::unknown || encoding_of_bom(page) != Encoding::unknown;
}

void PageEncoding::feed(std::string_view bytes) {
  if (!settled_ && start_.size() < limits::max_prescanned)
    start_.append(bytes.substr(0, limits::max_prescanned - start_.size()));
}

Encoding PageEncoding::at(std::uint64_t offset) {
  if (settled_ || offset < 3) return found_;
  const std::string_view known = std::string_view(start_).substr(
      0, offset < limits::max_prescanned ? static_cast<std::size_t>(offset) : limits::max_prescanned);
  found_ = encoding_of_bom(known);
  if (found_ == Encoding::unknown) found_ = header_;
  if (found_ == Encoding::unknown) found_ = prescan(known).encoding;
  settled_ = found_ != Encoding::unknown || offset >= limits::max_prescanned;
  if (settled_) start_ = {};
  return found_;
}

std::string_view encoded(std::string_view text, Encoding encoding, std::string& scratch) {
  const auto ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
  std::size_t at = 0;
  while (at < text.size() && ascii(text[at])) ++at;
  if (encoding == Encoding::utf8 || at == text.size()) return text;
  scratch.assign(text.substr(0, at));
  while (at < text.size()) {
    const auto lead = static_cast<unsigned char>(text[at++]);
    if (lead < 0x80) {
      scratch += static_cast<char>(lead);
      continue;
    }
    std::uint32_t code = lead >= 0xF0 ? lead & 0x07 : lead >= 0xE0 ? lead & 0x0F : lead & 0x1F;
    int more = lead >= 0xF0 ? 3 : lead >= 0xE0 ? 2 : lead >= 0xC0 ? 1 : 0;
    if (more == 0) code = 0xFFFD;
    for (; more > 0 && at < text.size() && (static_cast<unsigned char>(text[at]) & 0xC0) == 0x80; --more) {
      code = code << 6 | (static_cast<unsigned char>(text[at++]) & 0x3F);
    }
    if (more > 0) code = 0xFFFD;
    scratch += "&#" + std::to_string(code) + ";";
  }
  return scratch;
}

bool can_be_encoded(std::string_view content, Encoding encoding) {
  if (encoding == Encoding::utf8) return true;
  bool in_tag = false, only_ascii = true, raw_text = false;
  char quote = '\0';
  for (std::size_t i = 0; i < content.size(); ++i) {
    const char c = content[i];
    if (static_cast<unsigned char>(c) >= 0x80) {
      if (in_tag && quote == '\0') return false;
      only_ascii = false;
    } else if (!in_tag) {
      in_tag = c == '<';
      raw_text |= in_tag && (starts_with(content.substr(i), "<script") || starts_with(content.substr(i), "<style"));
    } else if (quote != '\0') {
      if (c == quote) quote = '\0';
    } else if (c == '"' || c == '\'') {
      quote = c;
    } else if (c == '>') {
      in_tag = false;
    }
  }
  return only_ascii || !raw_text;
}

}  // namespace personalize::html
