#include "html/selectors.h"

#include <variant>

#include "html/compiled_selectors.h"
#include "html/selector_parser.h"

namespace personalize::html {

Selectors::Selectors() : index_(std::make_unique<SelectorIndex>()) {}
Selectors::~Selectors() = default;
Selectors::Selectors(Selectors&&) noexcept = default;
Selectors& Selectors::operator=(Selectors&&) noexcept = default;

std::optional<SelectorError> Selectors::add(std::string_view selector) {
  std::variant<SelectorList, SelectorError> parsed = parse_selectors(selector);
  if (auto* error = std::get_if<SelectorError>(&parsed)) return std::move(*error);
  index_->add(std::get<SelectorList>(parsed));
  return std::nullopt;
}

std::size_t Selectors::size() const {
  return index_->slot_count();
}

}  // namespace personalize::html
