// Where in HTML a place of a template is: in text, in an attribute's value, in a comment, … Follows the tokenizer of
// the HTML standard (13.2.5) as far as needed to know how a value must be escaped there.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "rules/templates/script_state.h"
#include "rules/templates/url_state.h"

namespace personalize::rules::templates {

/// What a value may do in an attribute.
enum class AttributeKind : std::uint8_t {
  text,       ///< anything, escaped
  url,        ///< an address
  resource,   ///< the address of something that runs or styles the page: its beginning must be the author's
  forbidden,  ///< script, style or markup: nothing from outside
};
/// Of attribute `name` on element `tag` (either may be empty: not known), both in any case.
AttributeKind attribute_kind(std::string_view tag, std::string_view attribute);
/// Whether browsers show or read out what is in that attribute.
bool is_read_by_people(std::string_view attribute);

class HtmlState {
 public:
  enum class Place : std::uint8_t {
    text,
    tag_open,      ///< after `<`
    end_tag_open,  ///< after `</`
    tag_name,
    before_name,     ///< in a tag, between attributes
    after_tag_part,  ///< in a tag, where a section may or may not have put something
    attribute_name,
    after_name,    ///< after an attribute's name
    before_value,  ///< after `=`
    value,         ///< of an attribute, see `quote`
    comment,
    markup,    ///< `<!doctype`, `<?`, `</ `: to the next `>`
    rcdata,    ///< inside title, textarea
    raw_text,  ///< inside script, style, …; no raw text in SVG and MathML, where only what reads alike is let in
  };

  /// In text.
  HtmlState() = default;
  /// Inside a double-quoted attribute.
  static HtmlState in_attribute();

  /// The static text that follows, at `offset` in the template. Returns why it is refused (at `refused_at()`), or null.
  const char* feed(std::string_view text, std::size_t offset);
  std::size_t refused_at() const { return refused_at_; }
  /// A value was put here.
  void feed_value();

  Place place() const { return place_; }
  char quote() const { return quote_; }  ///< of the attribute value, 0 if there is none
  AttributeKind attribute() const { return attribute_; }
  const UrlState& url() const { return url_; }
  const ScriptState& script() const { return script_; }  ///< inside <script>
  const std::string& element() const { return tag_; }    ///< name of the tag, or of the raw text's element
  const std::string& attribute_name() const { return name_; }
  /// Where the unfinished tag, comment or element of raw text began.
  std::size_t since() const { return since_; }
  /// For messages: "inside a tag", "inside the value of `href`".
  std::string describe() const;

  /// Makes this the state that holds with or without what led to `other`. False if there is none.
  bool join(const HtmlState& other);
  /// The same for states that differ only in offsets.
  std::string key() const;

 private:
  const char* step(char c);
  const char* in_tag(char c);
  const char* in_value(char c);
  const char* until_end_tag(char c);
  void end_tag();

  Place place_ = Place::text;
  char quote_ = 0;
  bool closing_ = false;       // an end tag
  bool self_closing_ = false;  // the tag's last character is a slash
  std::uint16_t foreign_ = 0;  // how many svg and math elements are open
  AttributeKind attribute_ = AttributeKind::text;
  UrlState url_;
  ScriptState script_;
  std::string tag_;
  std::string name_;
  std::string tail_;  // last characters of a comment or of raw text, for its end
  std::size_t since_ = 0;
  std::size_t refused_at_ = 0;
};

}  // namespace personalize::rules::templates
