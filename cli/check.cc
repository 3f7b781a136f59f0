#include "cli/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <ostream>

#include "engine/engine.h"

namespace personalize::cli {
namespace {

std::string count(std::size_t n, std::string_view noun) { return fmt::format("{} {}{}", n, noun, n == 1 ? "" : "s"); }

}  // namespace

int check(const CheckOptions& options, std::ostream& out, std::ostream& errors) {
  rules::Diagnostics diagnostics;
  const auto engine = engine::Engine::load(options.files, options.settings, diagnostics);
  for (const rules::Diagnostic& diagnostic : diagnostics) errors << rules::to_string(diagnostic) << '\n';

  const auto mistakes = static_cast<std::size_t>(
      std::count_if(diagnostics.begin(), diagnostics.end(),
                    [](const auto& d) { return d.severity == rules::Diagnostic::Severity::error; }));
  const std::size_t warnings = diagnostics.size() - mistakes;
  if (!engine) {
    out << fmt::format("{} in {}\n", count(mistakes, "error"), count(options.files.size(), "file"));
    return 1;
  }
  const rules::RuleSet& rules = engine->rules();
  out << fmt::format("{}, {}, {}: good{}, version {}\n", count(options.files.size(), "file"),
                     count(rules.slot_count(), "slot"), count(rules.rule_count(), "rule"),
                     warnings ? " with " + count(warnings, "warning") : "", rules.version());
  return 0;
}

}  // namespace personalize::cli
