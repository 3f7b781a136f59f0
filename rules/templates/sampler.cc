#include "rules/templates/sampler.h"

#include "rules/templates/template.h"

namespace personalize::rules::templates {

void Sampler::sample(std::size_t routine, std::size_t first, std::size_t last, bool sections, std::string& out,
                     int depth) {
  constexpr int deep_enough = 8;
  constexpr std::size_t long_enough = max_output_bytes;
  if (steps_ > max_steps) return;
  const std::vector<Operation>& operations = program_.routines[routine].operations;
  for (std::size_t i = first; i < last && out.size() < long_enough; ++i) {
    const Operation& operation = operations[i];
    ++steps_;
    switch (operation.kind) {
      case Operation::Kind::text: out.append(program_.text, operation.first, operation.second); break;
      case Operation::Kind::value: out += operation.escape == Escape::none ? "" : "x"; break;
      case Operation::Kind::section:
      case Operation::Kind::inverted:
        if (sections == (operation.kind == Operation::Kind::section))
          sample(routine, i + 1, operation.second, sections, out, depth);
        i = operation.second - 1;
        break;
      case Operation::Kind::partial:
        if (depth < deep_enough)
          sample(operation.first, 0, program_.routines[operation.first].operations.size(), sections, out, depth + 1);
        break;
      case Operation::Kind::line_start: break;
    }
  }
}

std::string Template::sample(bool sections) const {
  std::string result;
  Sampler(*program_).sample(0, 0, program_->routines[0].operations.size(), sections, result);
  return result;
}

}  // namespace personalize::rules::templates
