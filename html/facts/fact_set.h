// What is read from pages, beside what is edited in them.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "html/facts/fact_declaration.h"
#include "html/selectors/selectors.h"

namespace personalize::html {

/// Filled once when rules are loaded, then immutable and shared by all requests and threads.
class FactSet {
 public:
  /// What needs no declaration, each found by a selector of its own. Those of declared facts follow.
  enum Source : SlotId { script, meta, link, microdata, form, field, source_count };

  FactSet();

  /// Adds the next fact. On error nothing is added. A selector that looks ahead is refused: facts are read while the
  /// page goes by, and nothing of it is kept.
  std::optional<SelectorError> add(FactDeclaration declaration);

  std::span<const FactDeclaration> declarations() const { return declarations_; }
  const Selectors& selectors() const { return selectors_; }
  /// Of everything that a page's facts depend on beside the page; equal in all processes of one version.
  std::uint64_t hash() const;

 private:
  Selectors selectors_;
  std::vector<FactDeclaration> declarations_;
};

}  // namespace personalize::html
