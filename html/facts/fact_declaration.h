// A fact: something that is read from pages while they pass, for what is recorded of them.
#pragma once

#include <cstddef>
#include <string>

namespace personalize::html {

/// Declared in rule files, which give the text that is found a type. It is taken from the first element, in the order
/// of the page, that matches.
struct FactDeclaration {
  std::string name;            ///< "order_id" of page.order_id
  std::string selector;        ///< that `Selectors::add` takes
  std::string attribute = {};  ///< whose decoded value it is; empty: the element's text, with single spaces
  bool count = false;          ///< how many elements match, instead: 0 is a fact, too

  friend bool operator==(const FactDeclaration&, const FactDeclaration&) = default;
};

/// Limits on what is read, so that no page can make them cost much.
inline constexpr std::size_t max_facts = 64;         ///< of a rule set
inline constexpr std::size_t max_fact_bytes = 1024;  ///< of one; longer ones are not known

}  // namespace personalize::html
