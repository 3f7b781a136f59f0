#include "html/selectors/pseudo_classes.h"

#include <algorithm>
#include <array>

namespace personalize::html {
namespace {

constexpr std::array<std::string_view, 4> legacy_pseudo_elements = {"before", "after", "first-line", "first-letter"};

/// Pseudo-classes of CSS that mean nothing before a visitor sees the page.
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

/// The entry of that name, or null.
const auto* find(const auto& table, std::string_view name) {
  const auto found = std::find_if(table.begin(), table.end(), [&](const auto& entry) { return entry.name == name; });
  return found == table.end() ? nullptr : &*found;
}

bool contains(const auto& names, std::string_view name) {
  return std::find(names.begin(), names.end(), name) != names.end();
}

}  // namespace

const SimplePseudo* find_simple_pseudo(std::string_view name) { return find(simple_pseudos, name); }

std::optional<PseudoClass> find_functional_pseudo(std::string_view name) {
  const FunctionalPseudo* const found = find(functional_pseudos, name);
  return found != nullptr ? std::optional(found->kind) : std::nullopt;
}

std::string_view abbreviated_selector(std::string_view name) {
  const Abbreviation* const found = find(abbreviations, name);
  return found != nullptr ? found->selector : std::string_view();
}

bool is_pseudo_element(std::string_view name) { return contains(legacy_pseudo_elements, name); }
bool is_browser_state(std::string_view name) { return contains(browser_states, name); }

}  // namespace personalize::html
