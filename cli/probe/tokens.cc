// The probe `tokens`: what the tokenizer finds, in the form of html5lib's tests.
#include <stdexcept>

#include "cli/probe/page.h"
#include "cli/probe/probes.h"
#include "html/tokens/ascii.h"
#include "html/tokens/attributes.h"
#include "html/tokens/doctype.h"
#include "html/tokens/entities.h"
#include "html/tokens/reader.h"

namespace personalize::cli {
namespace {

using namespace html;

struct StartState {
  std::string_view name;
  TextMode mode;
};

constexpr StartState start_states[] = {{"data", TextMode::markup},
                                       {"rcdata", TextMode::rcdata},
                                       {"rawtext", TextMode::rawtext},
                                       {"script data", TextMode::script},
                                       {"plaintext", TextMode::plaintext}};

std::string lowered_name(std::string_view raw) {
  std::string name;
  decode_text(raw, false, NulByte::replace, name);
  for (char& c : name) c = ascii_lower(c);
  return name;
}

class TokenCollector {
 public:
  explicit TokenCollector(TextMode mode) : mode_(mode) {}

  void start_in_cdata() { markup_ = "<![CDATA["; }

  void text(std::string_view bytes) { text_ += bytes; }

  void tag(const PageTag& tag) {
    flush_text();
    mode_ = TextMode::markup;
    const bool end_tag = tag.token.kind == TokenKind::end_tag;
    const std::size_t name_begin = end_tag ? 2 : 1;
    const std::size_t name_end = attributes_begin(tag.bytes.substr(name_begin - 1)) + name_begin - 1;
    const std::string name = lowered_name(tag.bytes.substr(name_begin, name_end - name_begin));
    if (end_tag) {
      tokens_.push_back(Json::array({"EndTag", name}));
      return;
    }
    Json attributes = Json::object();
    AttributeCursor cursor(tag.bytes.substr(name_end, tag.bytes.size() - 1 - name_end));
    AttributePlace place;
    std::string scratch;
    while (cursor.next(place)) {
      const std::string attribute = lowered_name(place.attribute.name);
      if (!attributes.contains(attribute)) {
        attributes[attribute] = std::string(decode_attribute(place.attribute.value, scratch));
      }
    }
    Json token = Json::array({"StartTag", name, attributes});
    if (tag.token.self_closing) token.push_back(true);
    tokens_.push_back(token);
  }

  /// The suite's inputs are decoded: what would be a byte order mark in a file is a character there.
  void rest(std::string_view bytes) {
    constexpr std::string_view mark = "\xEF\xBB\xBF";
    if (tokens_.empty() && mark.starts_with(text_) && mark.substr(text_.size()).starts_with(bytes)) text_ += bytes;
  }

  void comment(std::string_view bytes, bool last) {
    markup_ += bytes;
    if (last) finish_comment();
  }

  void cdata(std::string_view bytes, bool last) {
    if (markup_.empty()) flush_text();
    markup_ += bytes;
    if (last) finish_cdata();
  }

  void doctype(std::string_view bytes, bool) {
    flush_text();
    const Doctype doctype = parse_doctype(bytes);
    const auto text = [](const std::optional<std::string>& value) { return value ? Json(*value) : Json(nullptr); };
    tokens_.push_back(Json::array(
        {"DOCTYPE", text(doctype.name), text(doctype.public_id), text(doctype.system_id), !doctype.force_quirks}));
  }

  TextMode text_mode() const { return TextMode::markup; }
  TagId text_element() const { return TagId::unknown; }
  bool cdata_allowed() const { return false; }

  /// The page is over; `tail` bytes at the end of an unfinished comment are the beginning of a delimiter.
  void end_with(std::size_t tail) { tail_ = tail; }

  Json finish() {
    flush_text();
    return std::move(tokens_);
  }

 private:
  void append_characters(const std::string& text) {
    if (text.empty()) return;
    if (!tokens_.empty() && tokens_.back()[0] == "Character") {
      tokens_.back()[1] = tokens_.back()[1].get<std::string>() + text;
    } else {
      tokens_.push_back(Json::array({"Character", text}));
    }
  }

  void flush_text() {
    std::string text;
    const bool references = mode_ == TextMode::markup || mode_ == TextMode::rcdata;
    decode_text(text_, references, mode_ == TextMode::markup ? NulByte::keep : NulByte::replace, text);
    append_characters(text);
    text_.clear();
  }

  void finish_comment() {
    const std::string bytes = std::move(markup_);
    markup_.clear();
    flush_text();
    std::string data;
    decode_text(comment_data(bytes, tail_), false, NulByte::replace, data);
    tokens_.push_back(Json::array({"Comment", data}));
  }

  static std::string_view comment_data(std::string_view bytes, std::size_t tail) {
    if (bytes.starts_with("<!--")) {
      bytes.remove_prefix(4);
      for (std::string_view end : {"--!>", "-->"}) {
        if (tail == 0 && bytes.ends_with(end)) return bytes.substr(0, bytes.size() - end.size());
      }
      if (tail == 0 && (bytes == ">" || bytes == "->")) return {};
      return bytes.substr(0, bytes.size() - tail);
    }
    bytes.remove_prefix(bytes[1] == '?' ? 1 : 2);
    if (bytes.ends_with('>')) bytes.remove_suffix(1);
    return bytes;
  }

  void finish_cdata() {
    std::string_view data = markup_;
    data.remove_prefix(std::string_view("<![CDATA[").size());
    if (data.ends_with("]]>")) data.remove_suffix(3);
    std::string text;
    decode_text(data, false, NulByte::keep, text);
    append_characters(text);
    markup_.clear();
  }

  TextMode mode_;
  std::string text_;    // raw, since the last token
  std::string markup_;  // raw comment or CDATA section so far
  std::size_t tail_ = 0;
  Json tokens_ = Json::array();
};

}  // namespace

Json probe_tokens(const Json& input) {
  const std::string page = page_of(input);
  const std::string state = input.value("state", "data");
  TextMode mode = TextMode::markup;
  bool known = state == "cdata section";
  for (const StartState& start : start_states) {
    if (start.name == state) {
      mode = start.mode;
      known = true;
    }
  }
  if (!known) throw std::runtime_error("unknown state \"" + state + '"');

  TokenCollector collector(mode);
  Reader<TokenCollector> reader(collector, page.size() + 16);
  if (state == "cdata section") {
    collector.start_in_cdata();
    reader.tokenizer().enter_cdata();
  } else if (mode != TextMode::markup) {
    const Json last = input.contains("last_start_tag") ? input["last_start_tag"] : Json(nullptr);
    reader.tokenizer().enter_text(mode, tag_name(last.is_string() ? last.get<std::string>() : "").id);
  }
  for (std::string_view chunk : chunks_of(page, input)) reader.write(chunk);
  collector.end_with(reader.tokenizer().comment_tail());
  reader.end();
  return {{"tokens", collector.finish()}};
}

}  // namespace personalize::cli
