#include "html/selector_parser.h"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>

#include "html/css_cursor.h"
#include "html/foreign_names.h"
#include "html/nth_expression.h"

namespace personalize::html {
namespace {

constexpr int kMaxNesting = 16;
constexpr const char* kNoLookahead = "what is in :has() cannot look ahead itself";

/// Attributes whose values HTML compares without regard to case (WHATWG HTML, "Case-sensitivity of
/// selectors").
constexpr std::array<std::string_view, 46> caseless_attributes = {
    "accept",   "accept-charset", "align",    "alink",      "axis",   "bgcolor",  "charset",   "checked",  "clear",
    "codetype", "color",          "compact",  "declare",    "defer",  "dir",      "direction", "disabled", "enctype",
    "face",     "frame",          "hreflang", "http-equiv", "lang",   "language", "link",      "media",    "method",
    "multiple", "nohref",         "noresize", "noshade",    "nowrap", "readonly", "rel",       "rev",      "rules",
    "scope",    "scrolling",      "selected", "shape",      "target", "text",     "type",      "valign",   "valuetype",
    "vlink"};

constexpr std::array<std::string_view, 4> legacy_pseudo_elements = {"before", "after", "first-line", "first-letter"};

/// Pseudo-classes that exist in CSS but not before a visitor looks at the page.
constexpr std::array<std::string_view, 31> browser_states = {"hover",
                                                             "active",
                                                             "focus",
                                                             "focus-within",
                                                             "focus-visible",
                                                             "target",
                                                             "target-within",
                                                             "visited",
                                                             "local-link",
                                                             "indeterminate",
                                                             "default",
                                                             "valid",
                                                             "invalid",
                                                             "in-range",
                                                             "out-of-range",
                                                             "user-valid",
                                                             "user-invalid",
                                                             "placeholder-shown",
                                                             "autofill",
                                                             "read-only",
                                                             "read-write",
                                                             "fullscreen",
                                                             "modal",
                                                             "picture-in-picture",
                                                             "playing",
                                                             "paused",
                                                             "open",
                                                             "popover-open",
                                                             "defined",
                                                             "current",
                                                             "dir"};

struct SimplePseudo {
  std::string_view name;
  PseudoClass kind;
  std::int32_t step, offset;
};
constexpr std::array<SimplePseudo, 9> simple_pseudos = {{
    {"root", PseudoClass::root, 0, 0},
    {"scope", PseudoClass::root, 0, 0},
    {"first-child", PseudoClass::nth_child, 0, 1},
    {"first-of-type", PseudoClass::nth_of_type, 0, 1},
    {"last-child", PseudoClass::nth_last_child, 0, 1},
    {"last-of-type", PseudoClass::nth_last_of_type, 0, 1},
    {"empty", PseudoClass::empty, 0, 0},
    {"only-child", PseudoClass::nth_child, 0, 1},      // and :last-child
    {"only-of-type", PseudoClass::nth_of_type, 0, 1},  // and :last-of-type
}};

/// Pseudo-classes that HTML defines by names and attributes of elements, written as selectors.
struct Abbreviation {
  std::string_view name;
  std::string_view selector;
};
constexpr std::array<Abbreviation, 7> abbreviations = {{
    {"link", ":is(a, area)[href]"},
    {"any-link", ":is(a, area)[href]"},
    {"checked", "input:is([type=checkbox], [type=radio])[checked], option[selected]"},
    {"required", ":is(input, select, textarea)[required]"},
    {"optional", ":is(input, select, textarea):not([required])"},
    {"disabled",
     ":is(button, input, select, textarea, optgroup, option, fieldset)[disabled], optgroup[disabled] > "
     "option, "
     "fieldset[disabled] > :is(button, input, select, textarea, fieldset), "
     "fieldset[disabled] > :not(legend:first-of-type) :is(button, input, select, textarea, fieldset)"},
    {"enabled", ":is(button, input, select, textarea, optgroup, option, fieldset):not(:disabled)"},
}};

struct FunctionalPseudo {
  std::string_view name;
  PseudoClass kind;
};
constexpr std::array<FunctionalPseudo, 10> functional_pseudos = {{
    {"is", PseudoClass::is},
    {"where", PseudoClass::is},
    {"matches", PseudoClass::is},
    {"not", PseudoClass::negation},
    {"has", PseudoClass::has},
    {"lang", PseudoClass::lang},
    {"nth-child", PseudoClass::nth_child},
    {"nth-of-type", PseudoClass::nth_of_type},
    {"nth-last-child", PseudoClass::nth_last_child},
    {"nth-last-of-type", PseudoClass::nth_last_of_type},
}};

std::string lower_case(std::string text) {
  for (char& c : text) {
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c | 0x20);
  }
  return text;
}

bool contains(const auto& table, std::string_view name) {
  return std::find(table.begin(), table.end(), name) != table.end();
}

class Parser {
 public:
  explicit Parser(std::string_view text) : cursor_(text) {}

  std::variant<SelectorList, SelectorError> parse() {
    SelectorList list;
    if (parse_list(list, /*nested=*/false, /*relative=*/false)) return list;
    return std::move(*error_);
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
        return fail(":has() can only look inside of an element, not at its siblings");
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
    test.ignore_case_in_html = contains(caseless_attributes, test.name.lower);
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
    if (element || contains(legacy_pseudo_elements, name)) {
      return fail(start, "\"" + name + "\" is a pseudo-element: it is no element of the page");
    }
    if (cursor_.peek() == '(') return parse_function(compound, name, start);
    for (const SimplePseudo& pseudo : simple_pseudos) {
      if (pseudo.name != name) continue;
      compound.pseudos.push_back({pseudo.kind, pseudo.step, pseudo.offset, {}, {}});
      if (in_has_ && (looks_ahead(compound.pseudos.back()) || name.starts_with("only-")))
        return fail(start, kNoLookahead);
      if (name == "only-child") compound.pseudos.push_back({PseudoClass::nth_last_child, 0, 1, {}, {}});
      if (name == "only-of-type") compound.pseudos.push_back({PseudoClass::nth_last_of_type, 0, 1, {}, {}});
      return true;
    }
    for (const Abbreviation& known : abbreviations) {
      if (known.name != name) continue;
      compound.pseudos.push_back({PseudoClass::is, 0, 0, std::get<SelectorList>(parse_selectors(known.selector)), {}});
      return true;
    }
    return fail(start, undecidable(name));
  }

  static std::string undecidable(const std::string& name) {
    if (contains(browser_states, name))
      return "\":" + name + "\" depends on the browser and cannot be decided in the page";
    return "the pseudo-class \":" + name + "\" is not known";
  }

  bool parse_function(CompoundSelector& compound, const std::string& name, std::size_t start) {
    const auto pseudo = std::find_if(functional_pseudos.begin(), functional_pseudos.end(),
                                     [&](const FunctionalPseudo& known) { return known.name == name; });
    if (pseudo == functional_pseudos.end()) return fail(start, undecidable(name));
    if (nesting_ == kMaxNesting) return fail(start, "selectors are nested too deeply");
    cursor_.advance();
    PseudoTest test{pseudo->kind, 0, 0, {}, {}};
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
    if (in_has_ && looks_ahead(test)) return fail(start, kNoLookahead);
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

std::variant<SelectorList, SelectorError> parse_selectors(std::string_view text) { return Parser(text).parse(); }

}  // namespace personalize::html
