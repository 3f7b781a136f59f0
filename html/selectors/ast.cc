#include "html/selectors/ast.h"

#include <algorithm>

namespace personalize::html {

bool looks_ahead(const PseudoTest& test) {
  if (test.kind == PseudoClass::nth_last_child || test.kind == PseudoClass::nth_last_of_type ||
      test.kind == PseudoClass::empty || test.kind == PseudoClass::has) {
    return true;
  }
  return std::any_of(test.argument.begin(), test.argument.end(), [](const ComplexSelector& complex) {
    return std::any_of(complex.compounds.begin(), complex.compounds.end(), [](const CompoundSelector& compound) {
      return std::any_of(compound.pseudos.begin(), compound.pseudos.end(), looks_ahead);
    });
  });
}

}  // namespace personalize::html
