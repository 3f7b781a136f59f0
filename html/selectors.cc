#include "html/selectors.h"

#include <variant>

#include "html/compiled_selectors.h"
#include "html/selector_parser.h"

namespace personalize::html {
namespace {

/// Name of a pseudo-class in `list` that can only be decided with what comes later in the page.
const char* looks_ahead(const SelectorList& list) {
  for (const ComplexSelector& complex : list) {
    for (const CompoundSelector& compound : complex.compounds) {
      for (const PseudoTest& test : compound.pseudos) {
        switch (test.kind) {
          case PseudoClass::nth_last_child: return ":last-child, :only-child and :nth-last-child()";
          case PseudoClass::nth_last_of_type: return ":last-of-type, :only-of-type and :nth-last-of-type()";
          case PseudoClass::empty: return ":empty";
          case PseudoClass::has: return ":has()";
          default: break;
        }
        if (const char* name = looks_ahead(test.argument)) return name;
      }
    }
  }
  return nullptr;
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
  if (const char* name = looks_ahead(list)) {
    return SelectorError{0, std::string(name) + " would have to hold the page back and cannot be used in a slot"};
  }
  index_->add(list);
  return std::nullopt;
}

std::size_t Selectors::size() const { return index_->slot_count(); }

}  // namespace personalize::html
