#include "cli/event_explanation.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <ostream>
#include <stdexcept>

#include "html/facts/fact_reader.h"
#include "learn/events/event_json.h"
#include "rules/spelling.h"

namespace personalize::cli {
namespace {

using engine::json::Json;

/// What a mapping says, without what is the host's.
Json fields_of(const learn::events::Event& event) {
  std::string text;
  learn::events::append_json(text, event);
  Json fields = Json::parse(text);
  for (const char* member : {"time", "id", "visitor", "confirmed", "name"}) fields.erase(member);
  return fields;
}

std::string place_of(const rules::EventCandidate& candidate) {
  return fmt::format("{}:{}", candidate.place.file, candidate.place.line);
}

std::size_t find_fact(std::span<const html::FactDeclaration> declared, const std::string& name) {
  const auto found = std::ranges::find(declared, name, &html::FactDeclaration::name);
  if (found != declared.end()) return static_cast<std::size_t>(found - declared.begin());
  rules::Nearest nearest(name);
  for (const html::FactDeclaration& fact : declared) nearest.consider(fact.name);
  throw std::runtime_error("--fact: there is no fact \"" + name + "\"" + nearest.hint());
}

}  // namespace

Recorded::Recorded(const engine::Evaluation& evaluation, const std::string& page, Pairs form, Pairs facts)
    : evaluation_(evaluation), form_(std::move(form)), said_(std::move(facts)) {
  const rules::RuleSet& rules = evaluation.engine().rules();
  const auto declared = rules.facts().declarations();
  if (!page.empty()) page_ = html::read_facts(rules.facts(), page);
  facts_ = page_.declared;
  if (!said_.empty()) facts_.resize(declared.size());
  for (const auto& [name, value] : said_) {
    const std::size_t number = find_fact(declared, name);
    html::FactValue& fact = facts_[number] = {.known = true, .text = value};
    if (!declared[number].count) continue;
    const auto result = std::from_chars(value.data(), value.data() + value.size(), fact.count);
    if (result.ec != std::errc() || result.ptr != value.data() + value.size())
      throw std::runtime_error("--fact: \"" + name + "\" is how many elements there are: a number");
  }
  std::vector<rules::MapEntry> entries;
  entries.reserve(form_.size());
  for (const auto& [name, value] : form_) entries.push_back({rules::Value::string(name), rules::Value::string(value)});
  const plugins::Request& request = evaluation.request();
  rules::EventRequest recorded{request.method, request.path, {}, facts_};
  if (!form_.empty()) recorded.form = rules::Value::map(entries);
  candidates_ = rules.events().explain(recorded, evaluation.context(), evaluation.arena());
}

Json Recorded::facts() const {
  Json facts = Json::object();
  const auto declared = evaluation_.engine().rules().facts().declarations();
  for (std::size_t i = 0; i < facts_.size(); ++i) {
    Json& fact = facts[declared[i].name];
    if (declared[i].count && !facts_[i].ignored)
      fact = facts_[i].count;
    else if (facts_[i].known)
      fact = facts_[i].text;
  }
  return facts;
}

Json Recorded::to_json() const {
  Json list = Json::array();
  for (const rules::EventCandidate& candidate : candidates_) {
    Json& json = list.emplace_back(Json{
        {"event", learn::events::to_string(candidate.name)}, {"place", place_of(candidate)}, {"made", candidate.made}});
    if (candidate.made)
      json["fields"] = fields_of(*candidate.event);
    else
      json["reason"] = rules::to_string(candidate.why);
    if (!candidate.detail.empty()) json["detail"] = candidate.detail;
    for (const auto& [field, why] : candidate.left_out) json["left_out"][field] = why;
  }
  return list;
}

void Recorded::write(std::ostream& out) const {
  if (candidates_.empty()) return;
  const auto one_line = [](const Json& json) { return json.dump(-1, ' ', false, Json::error_handler_t::replace); };
  out << "\nwhat would be recorded\n";
  if (const Json found = facts(); !found.empty()) out << fmt::format("  {:<28} {}\n", "facts", one_line(found));
  for (const rules::EventCandidate& candidate : candidates_) {
    std::string what;
    if (candidate.made)
      what = one_line(fields_of(*candidate.event));
    else
      what = std::string(rules::to_string(candidate.why)) + (candidate.detail.empty() ? "" : ": " + candidate.detail);
    out << fmt::format("  {} {:<26} {} ({})\n", candidate.made ? "✓" : "·", learn::events::to_string(candidate.name),
                       what, place_of(candidate));
    for (const auto& [field, why] : candidate.left_out) out << fmt::format("      without {:<18} {}\n", field, why);
  }
}

}  // namespace personalize::cli
