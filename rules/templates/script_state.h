// Where in a script a place of a template is: as far as it takes to tell code from strings and comments.
#pragma once

#include <cstdint>
#include <string>

namespace personalize::rules::templates {

/// A value is written into scripts as JSON, which means what it says only in code: in a string its quotes
/// would end the string, in a comment `*/` the comment. Regular expressions are not told from divisions; one
/// with a quote in it is taken for the beginning of a string, at most to the end of the line. A script in an
/// SVG image is read as markup: what would be a tag there must not precede a value.
class ScriptState {
 public:
  void feed(char c);
  void feed_value() { before_ = 0; }
  /// Merges the two; false if what follows would be read differently.
  bool join(const ScriptState& other);
  /// Why no value may be put here, or null.
  const char* refusal() const;
  /// The same for equal states.
  std::string key() const {
    return {static_cast<char>('0' + static_cast<int>(part_)), quote_, before_,
            static_cast<char>('0' + static_cast<int>(markup_))};
  }

 private:
  enum class Part : std::uint8_t { code, string, line_comment, block_comment };
  enum class Markup : std::uint8_t { none, less, tag };  // in order of caution
  Part part_ = Part::code;
  Markup markup_ = Markup::none;
  char quote_ = 0;   // of the string
  char before_ = 0;  // the last character, if it can matter
};

}  // namespace personalize::rules::templates
