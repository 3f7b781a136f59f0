#include "rules/load/sources.h"

#include <algorithm>
#include <tuple>

namespace personalize::rules::load {

bool define(Definitions& definitions, std::string_view kind, const yaml::Document& document, const yaml::Node& name,
            std::uint32_t number, Reports& reports) {
  const auto [found, added] = definitions.try_emplace(name.text, Definition{number, &document, &name});
  if (!added) {
    const Diagnostic place = found->second.document->at(*found->second.node, {});
    reports.add(document.at(name, std::string(kind) + " " + in_quotes(name.text) + " is already defined at " +
                                      place.file + ":" + std::to_string(place.line)));
  }
  return added;
}

Diagnostic RuleSource::warning(std::string message) const {
  if (document) return document->at(*id, std::move(message), Diagnostic::Severity::warning);
  return {std::string(script), script_line, 1, std::move(message), Diagnostic::Severity::warning};
}

void Sources::sort(Diagnostics& diagnostics, std::size_t first) const {
  std::unordered_map<std::string_view, std::size_t> order;
  for (const SourceFile& file : files) order.try_emplace(file.name, order.size());
  const auto key = [&](const Diagnostic& d) {
    const auto known = order.find(d.file);
    return std::tuple(known == order.end() ? order.size() : known->second, d.line, d.column);
  };
  const auto begin = diagnostics.begin() + static_cast<std::ptrdiff_t>(first);
  std::stable_sort(begin, diagnostics.end(), [&](const Diagnostic& a, const Diagnostic& b) { return key(a) < key(b); });
  diagnostics.erase(
      std::unique(begin, diagnostics.end(),
                  [&](const Diagnostic& a, const Diagnostic& b) { return key(a) == key(b) && a.message == b.message; }),
      diagnostics.end());
}

}  // namespace personalize::rules::load
