#include "html/selectors.h"

#include <variant>

#include "html/compiled_selectors.h"
#include "html/selector_parser.h"

namespace personalize::html {
namespace {

/// Why the arguments of a :has() in `list` cannot be used; empty if they can.
std::string_view refusal(const SelectorList& list, bool in_has) {
  for (const ComplexSelector& complex : list) {
    if (in_has && complex.compounds.size() > 1) return ":has() can only ask for one element: combinators in it are not supported";
    for (const CompoundSelector& compound : complex.compounds) {
      if (in_has && compound.combinator != Combinator::descendant && compound.combinator != Combinator::child) {
        return ":has() can only look inside of an element, not at its siblings";
      }
      for (const PseudoTest& test : compound.pseudos) {
        if (in_has && looks_ahead(test)) return "what is in :has() cannot look ahead itself";
        const std::string_view nested = refusal(test.argument, test.kind == PseudoClass::has);
        if (!nested.empty()) return nested;
      }
    }
  }
  return {};
}

}  // namespace

Selectors::Selectors() : index_(std::make_unique<SelectorIndex>()) {}
Selectors::~Selectors() = default;
Selectors::Selectors(Selectors&&) noexcept = default;
Selectors& Selectors::operator=(Selectors&&) noexcept = default;

std::optional<SelectorError> Selectors::add(std::string_view selector) {
  std::variant<SelectorList, SelectorError> parsed = parse_selectors(selector);
  if (auto* error = std::get_if<SelectorError>(&parsed)) return std::move(*error);
  const SelectorList& list = std::get<SelectorList>(parsed);
  if (const std::string_view why = refusal(list, false); !why.empty()) {
    return SelectorError{selector.find(":has("), std::string(why)};
  }
  index_->add(list);
  return std::nullopt;
}

std::size_t Selectors::size() const { return index_->slot_count(); }

}  // namespace personalize::html
