#include "html/selectors.h"

#include <vector>

namespace personalize::html {

class SelectorIndex {
 public:
  std::vector<std::string> selectors;
};

Selectors::Selectors() : index_(std::make_unique<SelectorIndex>()) {}
Selectors::~Selectors() = default;
Selectors::Selectors(Selectors&&) noexcept = default;
Selectors& Selectors::operator=(Selectors&&) noexcept = default;

std::optional<SelectorError> Selectors::add(std::string_view selector) {
  index_->selectors.emplace_back(selector);
  return std::nullopt;
}

std::size_t Selectors::size() const { return index_->selectors.size(); }

}  // namespace personalize::html
