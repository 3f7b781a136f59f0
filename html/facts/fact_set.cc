#include "html/facts/fact_set.h"

#include <xxhash.h>

#include <array>
#include <cassert>
#include <string>

#include "html/selectors/compiled_selectors.h"

namespace personalize::html {
namespace {

/// Changes with what is read and how it is kept.
constexpr std::string_view facts_version = "1";

/// Found by tags that are rare rather than by attributes that are not: `type` is on every button.
constexpr std::array<std::string_view, FactSet::source_count> fact_sources = {
    "script", "meta", "link", "[itemscope], [itemprop]", "form", "input[name][value], button[name][value]",
};

}  // namespace

FactSet::FactSet() {
  for (const std::string_view selector : fact_sources) {
    [[maybe_unused]] const auto error = selectors_.add(selector);
    assert(!error);
  }
}

std::optional<SelectorError> FactSet::add(FactDeclaration declaration) {
  Selectors alone;
  if (auto error = alone.add(declaration.selector)) return error;
  if (alone.index().looks_ahead())
    return SelectorError{
        0, "a fact cannot be found by what comes after it in the page, as :last-child, :empty or :has() are"};
  selectors_.add(declaration.selector);
  declarations_.push_back(std::move(declaration));
  return std::nullopt;
}

std::uint64_t FactSet::hash() const {
  std::string all(facts_version);
  for (const FactDeclaration& fact : declarations_) {
    for (const std::string_view part :
         {std::string_view(fact.name), std::string_view(fact.selector), std::string_view(fact.attribute)})
      all.append(part).append(1, '\0');
    all += fact.count ? '\1' : '\0';
  }
  return XXH3_64bits(all.data(), all.size());
}

}  // namespace personalize::html
