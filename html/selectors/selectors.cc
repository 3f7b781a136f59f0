#include "html/selectors/selectors.h"

#include "html/selectors/compiled_selectors.h"
#include "html/selectors/parser.h"

namespace personalize::html {

Selectors::Selectors() : index_(std::make_unique<SelectorIndex>()) {}
Selectors::~Selectors() = default;
Selectors::Selectors(Selectors&&) noexcept = default;
Selectors& Selectors::operator=(Selectors&&) noexcept = default;

std::optional<SelectorError> Selectors::add(std::string_view selector) {
  const tl::expected<SelectorList, SelectorError> parsed = parse_selectors(selector);
  if (!parsed) return parsed.error();
  index_->add(*parsed);
  return std::nullopt;
}

void Selectors::allow_payment() { index_->allow_payment(); }

std::optional<std::string_view> Selectors::refusal(SlotId slot, Operation operation) const {
  if (!traits_of(operation).replaces_element || !index_->only_root(slot)) return std::nullopt;
  return "the outermost element cannot be removed: browsers would add another; edit what is inside it";
}

std::size_t Selectors::size() const { return index_->slot_count(); }

}  // namespace personalize::html
