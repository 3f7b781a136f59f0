// Events that rule sets make, for tests.
#pragma once

#include <gtest/gtest.h>

#include <map>
#include <memory_resource>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "html/facts/fact_reader.h"
#include "learn/events/event_json.h"
#include "rules/events/event_rules.h"
#include "rules/events/form_value.h"
#include "tests/unit/rules/rule_files.h"

namespace personalize::rules {

/// Attributes that events are made of, as the plugins would add them.
inline Schema recording_schema() {
  Schema schema = plugin_schema();
  schema.add("request.query", {Kind::map, Kind::string});
  schema.add("request.path_segment", {Kind::list, Kind::string});
  schema.add("page.csp_nonce", {Kind::string});
  return schema;
}

/// A rule set, and a request that events are made of.
class Recorded {
 public:
  explicit Recorded(std::vector<SourceFile> files) {
    set_ = RuleSet::load(files, recording_schema(), diagnostics_);
    if (set_) context_.emplace(set_->schema(), arena_);
  }
  explicit Recorded(std::string text) : Recorded(std::vector<SourceFile>{{"rules.yaml", std::move(text)}}) {}

  explicit operator bool() const { return set_ != nullptr; }
  const RuleSet& set() const { return *set_; }
  const EventRules& rules() const { return set_->events(); }
  std::vector<std::string> messages() const {
    std::vector<std::string> messages;
    for (const Diagnostic& diagnostic : diagnostics_) messages.push_back(to_string(diagnostic));
    return messages;
  }

  Recorded& query(const std::map<std::string, std::string>& fields) {
    context_->set(set_->schema().find("request.query").value(), map(fields));
    return *this;
  }
  Recorded& form(const std::map<std::string, std::string>& fields) {
    form_ = map(fields);
    return *this;
  }
  /// What NGINX would read from a page …
  Recorded& page(std::string_view html) {
    page_ = html::read_facts(set_->facts(), html, "text/html; charset=utf-8");
    facts_ = page_.declared;
    return *this;
  }
  /// … and from the body of a request.
  Recorded& body(std::string_view type, std::string_view text) {
    const learn::events::WantedFields wanted{set_->events().form_fields(), set_->events().reads_all_form_fields()};
    EXPECT_EQ(form_reader_.read(type, text, wanted), learn::events::FormOutcome::read);
    form_ = form_value(form_reader_.fields(), arena_);
    return *this;
  }
  Recorded& fact(std::string_view name, std::string_view value) {
    const auto declarations = set_->facts().declarations();
    facts_.resize(declarations.size());
    for (std::size_t i = 0; i < facts_.size(); ++i) {
      if (declarations[i].name != name) continue;
      facts_[i].known = true;
      facts_[i].text = keep(value);
      if (declarations[i].count) facts_[i].count = static_cast<std::uint32_t>(std::stoul(std::string(value)));
    }
    return *this;
  }
  Recorded& know(std::string_view attribute, Value value) {
    context_->set(set_->schema().find(attribute).value(), value);
    return *this;
  }

  std::pmr::vector<learn::events::Event> make(std::string_view method, std::string_view path) {
    std::pmr::vector<learn::events::Event> events(&arena_);
    omissions = set_->events().make(request(method, path), *context_, arena_, events);
    return events;
  }
  /// Events as JSON, one a line, without time, visitor and the like.
  std::string json(std::string_view method, std::string_view path) {
    std::string text;
    for (const learn::events::Event& event : make(method, path)) {
      std::string line;
      learn::events::append_json(line, event);
      for (std::string_view member : {R"("time":0,)", R"("id":"",)", R"("visitor":"",)", R"("confirmed":true,)"})
        if (const std::size_t at = line.find(member); at != line.npos) line.erase(at, member.size());
      text += (text.empty() ? "" : "\n") + line;
    }
    return text;
  }
  std::vector<EventCandidate> explain(std::string_view method, std::string_view path) {
    return set_->events().explain(request(method, path), *context_, arena_);
  }

  Omissions omissions;

 private:
  std::string_view keep(std::string_view text) { return copy(arena_, text); }
  Value map(const std::map<std::string, std::string>& fields) {
    auto* entries = static_cast<MapEntry*>(arena_.allocate(fields.size() * sizeof(MapEntry), alignof(MapEntry)));
    std::size_t size = 0;
    for (const auto& [name, value] : fields)
      new (entries + size++) MapEntry{Value::string(keep(name)), Value::string(keep(value))};
    return Value::map({entries, size});
  }
  EventRequest request(std::string_view method, std::string_view path) {
    std::vector<Value> segments;
    std::string_view rest = path;
    while (!rest.empty()) {
      const std::size_t end = std::min(rest.find('/'), rest.size());
      if (end != 0) segments.push_back(Value::string(keep(rest.substr(0, end))));
      rest.remove_prefix(std::min(end + 1, rest.size()));
    }
    auto* list = static_cast<Value*>(arena_.allocate(segments.size() * sizeof(Value) + 1, alignof(Value)));
    std::copy(segments.begin(), segments.end(), list);
    context_->set(set_->schema().find("request.path_segment").value(), Value::list({list, segments.size()}));
    return {method, path, form_, facts_};
  }

  std::pmr::monotonic_buffer_resource arena_;
  Diagnostics diagnostics_;
  std::shared_ptr<const RuleSet> set_;
  std::optional<Context> context_;
  Value form_;
  html::PageFacts page_;
  learn::events::FormReader form_reader_;
  std::vector<html::FactValue> facts_;
};

}  // namespace personalize::rules
