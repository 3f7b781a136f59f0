#include "html/selectors/parser.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "html/limits.h"
#include "html/selectors/css_cursor.h"
#include "html/selectors/nth_expression.h"
#include "html/selectors/pseudo_classes.h"
#include "html/tree/foreign_names.h"

namespace personalize::html {
namespace {

constexpr const char* no_lookahead = "what is in :has() cannot look ahead itself";

/// Attributes whose values HTML compares without regard to case (WHATWG HTML, "Case-sensitivity of
/// selectors").
constexpr std::array<std::string_view, 46> caseless_attributes = {
    "accept",   "accept-charset", "align",    "alink",      "axis",   "bgcolor",  "charset",   "checked",  "clear",
    "codetype", "color",          "compact",  "declare",    "defer",  "dir",      "direction", "disabled", "enctype",
    "face",     "frame",          "hreflang", "http-equiv", "lang",   "language", "link",      "media",    "method",
    "multiple", "nohref",         "noresize", "noshade",    "nowrap", "readonly", "rel",       "rev",      "rules",
    "scope",    "scrolling",      "selected", "shape",      "target", "text",     "type",      "valign",   "valuetype",
    "vlink"};

bool is_caseless(std::string_view attribute) {
  return std::find(caseless_attributes.begin(), caseless_attributes.end(), attribute) != caseless_attributes.end();
}

std::string lower_case(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  }
  return text;
}

class Parser {
 public:
  explicit Parser(std::string_view text) : cursor_(text) {}

  tl::expected<SelectorList, SelectorError> parse() {
    SelectorList list;
    if (parse_list(list, /*nested=*/false, /*relative=*/false)) return list;
    return tl::unexpected(std::move(*error_));
  }

 private:
  bool fail(std::size_t offset, std::string message) {
    if (!error_) error_ = SelectorError{offset, std::move(message)};
    return false;
  }
  bool fail(std::string message) { return fail(cursor_.offset(), std::move(message)); }

  bool parse_list(SelectorList& list, bool nested, bool relative) {
    while (true) {
      ComplexSelector complex;
      if (!parse_complex(complex, nested, relative)) return false;
      list.push_back(std::move(complex));
      if (cursor_.take(',')) continue;
      if (cursor_.at_end()) return !nested || fail("a closing parenthesis is missing");
      if (nested && cursor_.peek() == ')') return true;
      return fail(unexpected());
    }
  }

  std::string unexpected() const {
    const char c = cursor_.peek();
    if (static_cast<unsigned char>(c) < 0x20 || static_cast<unsigned char>(c) >= 0x7F) return "unexpected character";
    return std::string("unexpected \"") + c + "\"";
  }

  bool at_list_end(bool nested) const {
    return cursor_.at_end() || cursor_.peek() == ',' || (nested && cursor_.peek() == ')');
  }

  /// The combinator between two compounds, `none` at the end of the complex selector.
  Combinator parse_combinator(bool nested) {
    const bool space = cursor_.skip_space();
    if (at_list_end(nested)) return Combinator::none;
    Combinator combinator = space ? Combinator::descendant : Combinator::none;
    if (cursor_.take('>'))
      combinator = Combinator::child;
    else if (cursor_.peek() == '|' && cursor_.peek(1) == '|')
      return Combinator::none;
    else if (cursor_.take('+'))
      combinator = Combinator::next_sibling;
    else if (cursor_.take('~'))
      combinator = Combinator::later_sibling;
    cursor_.skip_space();
    return combinator;
  }

  bool parse_complex(ComplexSelector& complex, bool nested, bool relative) {
    cursor_.skip_space();
    Combinator combinator = Combinator::none;
    if (relative) {
      combinator = parse_combinator(nested);
      if (combinator == Combinator::none) combinator = Combinator::descendant;
      if (combinator == Combinator::next_sibling || combinator == Combinator::later_sibling) {
        return fail(":has() can only look inside an element, not at its siblings");
      }
    }
    do {
      CompoundSelector compound;
      compound.combinator = combinator;
      if (!parse_compound(compound)) return false;
      complex.compounds.push_back(std::move(compound));
      combinator = parse_combinator(nested);
      if (relative && combinator != Combinator::none)
        return fail(":has() can only ask for one element, without combinators");
    } while (combinator != Combinator::none);
    return true;
  }

  bool parse_compound(CompoundSelector& compound) {
    bool any = false;
    if (!parse_type(compound, any)) return false;
    while (!cursor_.at_end()) {
      const char c = cursor_.peek();
      bool ok = true;
      if (c == '#')
        ok = parse_word(compound.ids, "an id");
      else if (c == '.')
        ok = parse_word(compound.classes, "a class name");
      else if (c == '[')
        ok = parse_attribute(compound);
      else if (c == ':')
        ok = parse_pseudo(compound);
      else
        break;
      if (!ok) return false;
      any = true;
    }
    if (any) return true;
    return fail(cursor_.at_end() || cursor_.peek() == ',' || cursor_.peek() == ')' ? "a selector is expected here"
                                                                                   : unexpected());
  }

  /// `name`, `*`, `*|name`, `*|*`.
  bool parse_type(CompoundSelector& compound, bool& any) {
    const std::size_t start = cursor_.offset();
    if (cursor_.peek() == '|' && cursor_.peek(1) != '|') return fail("namespaces cannot be told apart in an HTML page");
    std::string name;
    bool universal = cursor_.take('*');
    if (!universal && !cursor_.take_identifier(name)) return true;
    any = true;
    if (cursor_.peek() == '|' && cursor_.peek(1) != '|') {
      if (!universal) return fail(start, "there are no namespace prefixes in an HTML page");
      cursor_.advance();
      universal = cursor_.take('*');
      if (!universal && !cursor_.take_identifier(name)) return fail("a tag name is expected after \"|\"");
    }
    if (universal) return true;
    compound.any_type = false;
    compound.type = make_name(name, svg_tag_name);
    return true;
  }

  static Name make_name(const std::string& text, std::string_view (*svg_name)(std::string_view)) {
    Name name{lower_case(text)};
    name.in_svg = text == svg_name(name.lower);
    name.in_mathml = text == name.lower;
    return name;
  }

  bool parse_word(std::vector<std::string>& words, const char* what) {
    const bool id = cursor_.peek() == '#';
    cursor_.advance();
    std::string word;
    if (!cursor_.take_identifier(word)) {
      std::string message = std::string(what) + " is expected after \"" + (id ? "#" : ".") + "\"";
      if (cursor_.peek() >= '0' && cursor_.peek() <= '9') {
        message += std::string("; a digit must be escaped here: \\3") + cursor_.peek() + " and a space";
      }
      return fail(std::move(message));
    }
    words.push_back(std::move(word));
    return true;
  }

  bool parse_attribute(CompoundSelector& compound) {
    cursor_.advance();
    cursor_.skip_space();
    AttributeTest test;
    std::string name;
    if (cursor_.peek() == '*' && cursor_.peek(1) == '|') {
      test.any_namespace = true;
      cursor_.advance(2);
    } else if (cursor_.peek() == '|' && cursor_.peek(1) != '=') {
      cursor_.advance();  // no namespace: what an attribute has anyway
    }
    if (!cursor_.take_identifier(name)) return fail("an attribute name is expected");
    if (cursor_.peek() == '|' && cursor_.peek(1) != '=') return fail("there are no namespace prefixes in an HTML page");
    test.name = make_name(name, svg_attribute_name);
    if (test.name.lower == "definitionurl") test.name.in_mathml = name == "definitionURL";
    cursor_.skip_space();
    if (!cursor_.take(']')) {
      if (!parse_attribute_value(test)) return false;
    }
    compound.attributes.push_back(std::move(test));
    return true;
  }

  bool parse_attribute_value(AttributeTest& test) {
    constexpr std::string_view symbols = "~|^$*";
    constexpr AttributeOperator operators[] = {AttributeOperator::includes, AttributeOperator::dash_match,
                                               AttributeOperator::prefix, AttributeOperator::suffix,
                                               AttributeOperator::contains};
    test.op = AttributeOperator::equals;
    if (const std::size_t found = symbols.find(cursor_.peek()); !cursor_.at_end() && found != std::string_view::npos) {
      test.op = operators[found];
      cursor_.advance();
    }
    if (!cursor_.take('=')) return fail("one of ] = ~= |= ^= $= *= is expected");
    cursor_.skip_space();
    if (cursor_.peek() == '"' || cursor_.peek() == '\'') {
      if (!cursor_.take_string(test.value)) return fail("the string is not closed");
    } else if (!cursor_.take_identifier(test.value)) {
      return fail("a quoted string or a name is expected as the attribute's value");
    }
    cursor_.skip_space();
    test.ignore_case_in_html = is_caseless(test.name.lower);
    std::string flag;
    const std::size_t flag_offset = cursor_.offset();
    if (cursor_.take_identifier(flag)) {
      flag = lower_case(flag);
      if (flag != "i" && flag != "s") return fail(flag_offset, "only the flags i and s are known");
      test.ignore_case = test.ignore_case_in_html = flag == "i";
      cursor_.skip_space();
    }
    return cursor_.take(']') || fail("a closing \"]\" is missing");
  }

  bool parse_pseudo(CompoundSelector& compound) {
    const std::size_t start = cursor_.offset();
    cursor_.advance();
    const bool element = cursor_.take(':');
    std::string name;
    if (!cursor_.take_identifier(name)) return fail("the name of a pseudo-class is expected after \":\"");
    name = lower_case(name);
    if (element || is_pseudo_element(name)) {
      return fail(start, "\"" + name + "\" is a pseudo-element, not an element of the page");
    }
    if (cursor_.peek() == '(') return parse_function(compound, name, start);
    if (const SimplePseudo* const pseudo = find_simple_pseudo(name)) {
      compound.pseudos.push_back({pseudo->kind, pseudo->step, pseudo->offset, {}, {}});
      if (in_has_ && (looks_ahead(compound.pseudos.back()) || name.starts_with("only-")))
        return fail(start, no_lookahead);
      if (name == "only-child") compound.pseudos.push_back({PseudoClass::nth_last_child, 0, 1, {}, {}});
      if (name == "only-of-type") compound.pseudos.push_back({PseudoClass::nth_last_of_type, 0, 1, {}, {}});
      return true;
    }
    if (const std::string_view selector = abbreviated_selector(name); !selector.empty()) {
      compound.pseudos.push_back({PseudoClass::is, 0, 0, parse_selectors(selector).value(), {}});
      return true;
    }
    return fail(start, undecidable(name));
  }

  static std::string undecidable(const std::string& name) {
    if (is_browser_state(name)) return "\":" + name + "\" depends on the browser and cannot be decided in the page";
    return "the pseudo-class \":" + name + "\" is not known";
  }

  bool parse_function(CompoundSelector& compound, const std::string& name, std::size_t start) {
    const std::optional<PseudoClass> kind = find_functional_pseudo(name);
    if (!kind) return fail(start, undecidable(name));
    if (nesting_ == limits::max_selector_nesting) return fail(start, "selectors are nested too deeply");
    cursor_.advance();
    PseudoTest test{*kind, 0, 0, {}, {}};
    const bool list =
        test.kind == PseudoClass::is || test.kind == PseudoClass::negation || test.kind == PseudoClass::has;
    if (list) {
      if (test.kind == PseudoClass::has && in_has_) return fail(start, ":has() cannot be nested in :has()");
      const bool outer_has = std::exchange(in_has_, in_has_ || test.kind == PseudoClass::has);
      ++nesting_;
      if (!parse_list(test.argument, /*nested=*/true, test.kind == PseudoClass::has)) return false;
      --nesting_;
      in_has_ = outer_has;
    } else if (test.kind == PseudoClass::lang) {
      if (!parse_languages(test)) return false;
    } else if (!parse_nth(test)) {
      return false;
    }
    if (in_has_ && looks_ahead(test)) return fail(start, no_lookahead);
    cursor_.skip_space();
    if (!cursor_.take(')')) return fail("a closing parenthesis is missing");
    compound.pseudos.push_back(std::move(test));
    return true;
  }

  bool parse_languages(PseudoTest& test) {
    do {
      cursor_.skip_space();
      std::string& language = test.languages.emplace_back();
      if (cursor_.peek() == '"' || cursor_.peek() == '\'') {
        if (!cursor_.take_string(language)) return fail("the string is not closed");
      } else if (!cursor_.take_identifier(language)) {
        return fail("a language such as de or \"*-CH\" is expected");
      }
      cursor_.skip_space();
    } while (cursor_.take(','));
    return true;
  }

  bool parse_nth(PseudoTest& test) {
    const std::string_view text = cursor_.until_closing_parenthesis();
    const std::optional<NthExpression> nth = parse_nth_expression(text);
    if (!nth) {
      return fail(text.find(" of ") != std::string_view::npos ? "\"of\" with a selector is not supported here"
                                                              : "a position such as 2, odd, even or 3n+1 is expected");
    }
    test.step = nth->step;
    test.offset = nth->offset;
    cursor_.advance(text.size());
    return true;
  }

  CssCursor cursor_;
  std::optional<SelectorError> error_;
  int nesting_ = 0;
  bool in_has_ = false;
};

}  // namespace

tl::expected<SelectorList, SelectorError> parse_selectors(std::string_view text) { return Parser(text).parse(); }

}  // namespace personalize::html
