#include "cli/check.h"

#include <fmt/format.h>

#include <algorithm>
#include <deque>
#include <ostream>
#include <stdexcept>

#include "cli/files.h"
#include "cli/page_facts.h"
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

nlohmann::ordered_json report_json(const rules::RuleSet* rules, const rules::Diagnostics& diagnostics,
                                   const Pages& pages) {
  using Json = nlohmann::ordered_json;
  Json json{{"good", rules != nullptr}, {"diagnostics", Json::array()}, {"pages", Json::array()}};
  for (const rules::Diagnostic& diagnostic : diagnostics) {
    const bool warning = diagnostic.severity == rules::Diagnostic::Severity::warning;
    Json& entry = json["diagnostics"].emplace_back(Json{{"severity", warning ? "warning" : "error"}});
    entry.update({{"file", diagnostic.file}, {"message", diagnostic.message}});
    if (diagnostic.line != 0) entry.update({{"line", diagnostic.line}, {"column", diagnostic.column}});
  }
  if (rules == nullptr) return json;
  json["version"] = rules->version();
  if (!reads_facts(*rules)) return json;
  for (const rules::Page& page : pages.list()) json["pages"].push_back(facts_json(*rules, page));
  return json;
}

/// `rules` is null if they have mistakes.
void print(const rules::RuleSet* rules, std::size_t files, const rules::Diagnostics& diagnostics, const Pages& pages,
           std::ostream& out, std::ostream& errors) {
  for (const rules::Diagnostic& diagnostic : diagnostics) errors << rules::to_string(diagnostic) << '\n';
  if (rules == nullptr) {
    out << fmt::format("{} in {}\n", count(mistakes_in(diagnostics), "error"), count(files, "file"));
    return;
  }
  if (reads_facts(*rules)) {
    for (const rules::Page& page : pages.list()) out << describe_facts(*rules, page);
  }
  out << fmt::format("{}, {}, {}: good{}, version {}\n", count(files, "file"), count(rules->slot_count(), "slot"),
                     count(rules->rule_count(), "rule"),
                     diagnostics.empty() ? "" : " with " + count(diagnostics.size(), "warning"), rules->version());
}

}  // namespace

int check(const CheckOptions& options, std::ostream& out, std::ostream& errors) {
  const Pages pages(options.pages);
  const auto now_us = options.at.empty() ? engine::json::now() : engine::json::parse_moment(options.at);
  if (!now_us) throw std::runtime_error(now_us.error());
  rules::Diagnostics diagnostics;
  rules::load::Sources sources;
  const auto engine = engine::Engine::load(options.files, options.settings, diagnostics, nullptr, &sources);
  if (engine) {
    const auto add = [&](rules::Diagnostics found) {
      diagnostics.insert(diagnostics.end(), found.begin(), found.end());
    };
    add(rules::lint_rules(engine->rules(), sources, {*now_us, !options.plain_http}));
    add(rules::lint_pages(engine->rules(), sources, pages.list()));
    add(rules::lint_facts(engine->rules(), pages.list()));
    const plugins::HostSettings* settings = &options.settings;
    add(engine::unknown_keys(engine->rules(), {&settings, 1}, engine::EmptyList::unsaid));
    sources.sort(diagnostics);
  }
  if (options.json)
    out << report_json(engine ? &engine->rules() : nullptr, diagnostics, pages).dump(2) << '\n';
  else
    print(engine ? &engine->rules() : nullptr, options.files.size(), diagnostics, pages, out, errors);
  return !engine || (options.strict && !diagnostics.empty()) ? 1 : 0;
}

}  // namespace personalize::cli
