// A CSS selector, parsed (Selectors level 4).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace personalize::html {

/// How a compound selector relates to the one on its left.
enum class Combinator : std::uint8_t { none, descendant, child, next_sibling, later_sibling };

enum class AttributeOperator : std::uint8_t {
  exists,      ///< [a]
  equals,      ///< [a=v]
  includes,    ///< [a~=v], and .v
  dash_match,  ///< [a|=v]
  prefix,      ///< [a^=v]
  suffix,      ///< [a$=v]
  contains,    ///< [a*=v]
};

/// A name in a selector. HTML compares names without regard to case; SVG and MathML compare with the name
/// that the parser gave the element or attribute, such as `linearGradient`.
struct Name {
  std::string lower;      ///< in lower case, as it is found in a page
  bool in_svg = true;     ///< is spelled as an SVG document's tree spells it
  bool in_mathml = true;  ///< likewise for MathML
};

struct AttributeTest {
  Name name;
  AttributeOperator op = AttributeOperator::exists;
  std::string value;
  bool any_namespace = false;        ///< [*|a]
  bool ignore_case_in_html = false;  ///< the standard's list of attributes, or flag `i`
  bool ignore_case = false;          ///< flag `i`
};

enum class PseudoClass : std::uint8_t {
  is,                ///< :is(), :where(), and what is an abbreviation of a selector, such as :link
  negation,          ///< :not()
  lang,              ///< :lang()
  root,              ///< :root and :scope
  nth_child,         ///< also :first-child
  nth_of_type,       ///< also :first-of-type
  nth_last_child,    ///< also :last-child; looks ahead
  nth_last_of_type,  ///< also :last-of-type; looks ahead
  empty,             ///< looks ahead
  has,               ///< looks ahead
};

struct ComplexSelector;

struct PseudoTest {
  PseudoClass kind;
  std::int32_t step = 0;                  ///< A of `An+B`
  std::int32_t offset = 0;                ///< B of `An+B`
  std::vector<ComplexSelector> argument;  ///< of is, negation, has
  std::vector<std::string> languages;     ///< of lang
};

struct CompoundSelector {
  bool any_type = true;  ///< no type selector, or `*`
  Name type;
  std::vector<std::string> ids;
  std::vector<std::string> classes;
  std::vector<AttributeTest> attributes;
  std::vector<PseudoTest> pseudos;
  Combinator combinator = Combinator::none;  ///< to the compound on the left (in :has() also of the first one)
};

struct ComplexSelector {
  std::vector<CompoundSelector> compounds;  ///< from left to right, at least one
};

using SelectorList = std::vector<ComplexSelector>;

/// Only what comes later in the page decides the test.
bool looks_ahead(const PseudoTest& test);

}  // namespace personalize::html
