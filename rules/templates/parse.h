// Mustache's syntax (mustache.github.io/mustache.5, specification 1.4 without its optional modules): source → tree.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace personalize::rules::templates {

/// A mistake in a template.
struct Error {
  std::size_t offset;     ///< in bytes from the start of the template, or of the partial
  std::string message;    ///< one sentence, lower case, no full stop
  std::string partial{};  ///< name of the partial that contains it; empty: the template itself
};

inline constexpr std::size_t max_sections_deep = 32;

/// `{{ value | money: "EUR" }}`: what is done to a value before it is escaped.
struct FilterCall {
  std::string_view name;
  std::vector<std::string> arguments;
  std::size_t offset;
};

struct Node {
  enum class Kind : std::uint8_t {
    text,        ///< `text`
    line_start,  ///< a line of the source begins here: where a partial is indented
    variable,    ///< `text` is the name
    section,     ///< `text` is the name, with `children`
    inverted,    ///< the same
    partial,     ///< `text` is the name
  };
  Kind kind;
  bool raw = false;         ///< `{{{name}}}` or `{{&name}}`
  std::string_view text;    ///< part of the source
  std::size_t offset = 0;   ///< of the text; of the name for the others
  std::string_view indent;  ///< of a partial that stands alone on its line
  std::vector<FilterCall> filters;
  std::vector<Node> children;
};

/// The tree's views point into `source`. What could not be parsed is left out and reported.
std::vector<Node> parse(std::string_view source, std::vector<Error>& errors);

}  // namespace personalize::rules::templates
