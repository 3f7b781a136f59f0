// What a program's result may look like, to see whether it would break the page.
#pragma once

#include <cstddef>
#include <string>

#include "rules/templates/program.h"

namespace personalize::rules::templates {

class Sampler {
 public:
  explicit Sampler(const Program& program) : program_(program) {}

  /// Appends the text of operations `first` to `last` of a routine, with something inconspicuous for each value, and
  /// either all sections or all inverted ones. Ends early once very much was asked for in all.
  void sample(std::size_t routine, std::size_t first, std::size_t last, bool sections, std::string& out, int depth = 0);

 private:
  const Program& program_;
  std::size_t steps_ = 0;
};

}  // namespace personalize::rules::templates
