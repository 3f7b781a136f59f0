#include "cli/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <ostream>
#include <stdexcept>

#include "cli/files.h"
#include "engine/engine.h"
#include "engine/json/moment.h"
#include "engine/unknown_keys.h"
#include "rules/lint/lint.h"

namespace personalize::cli {
namespace {

std::string count(std::size_t n, std::string_view noun) { return fmt::format("{} {}{}", n, noun, n == 1 ? "" : "s"); }

std::size_t mistakes_in(const rules::Diagnostics& diagnostics) {
  return static_cast<std::size_t>(std::count_if(diagnostics.begin(), diagnostics.end(), [](const auto& d) {
    return d.severity == rules::Diagnostic::Severity::error;
  }));
}

/// The command line's pages and their content.
class Pages {
 public:
  explicit Pages(const std::vector<std::string>& arguments) {
    for (const std::string& argument : arguments) {
      const std::size_t equals = argument.find('=');
      const bool has_path = argument.starts_with('/') && equals != argument.npos && !is_file(argument);
      const std::string& file = files_.emplace_back(has_path ? argument.substr(equals + 1) : argument);
      const std::string& path = files_.emplace_back(has_path ? argument.substr(0, equals) : std::string());
      pages_.push_back({file, path, files_.emplace_back(read_file(file))});
    }
  }
  const std::vector<rules::Page>& list() const { return pages_; }

 private:
  std::deque<std::string> files_;  // what the pages refer to
  std::vector<rules::Page> pages_;
};

}  // namespace

int check(const CheckOptions& options, std::ostream& out, std::ostream& errors) {
  const Pages pages(options.pages);
  const auto now_us = options.at.empty() ? engine::json::now() : engine::json::parse_moment(options.at);
  if (!now_us) throw std::runtime_error(now_us.error());
  rules::Diagnostics diagnostics;
  rules::load::Sources sources;
  const auto engine = engine::Engine::load(options.files, options.settings, diagnostics, nullptr, &sources);
  const std::size_t mistakes = mistakes_in(diagnostics);
  if (engine) {
    const auto add = [&](rules::Diagnostics found) {
      diagnostics.insert(diagnostics.end(), found.begin(), found.end());
    };
    add(rules::lint_rules(engine->rules(), sources, {*now_us, !options.plain_http}));
    add(rules::lint_pages(engine->rules(), sources, pages.list()));
    const plugins::HostSettings* settings = &options.settings;
    add(engine::unknown_keys(engine->rules(), {&settings, 1}, engine::EmptyList::unsaid));
    sources.sort(diagnostics);
  }
  for (const rules::Diagnostic& diagnostic : diagnostics) errors << rules::to_string(diagnostic) << '\n';
  if (!engine) {
    out << fmt::format("{} in {}\n", count(mistakes, "error"), count(options.files.size(), "file"));
    return 1;
  }
  const rules::RuleSet& rules = engine->rules();
  out << fmt::format("{}, {}, {}: good{}, version {}\n", count(options.files.size(), "file"),
                     count(rules.slot_count(), "slot"), count(rules.rule_count(), "rule"),
                     diagnostics.empty() ? "" : " with " + count(diagnostics.size(), "warning"), rules.version());
  return options.strict && !diagnostics.empty() ? 1 : 0;
}

}  // namespace personalize::cli
