// Rule sets from text, for tests.
#pragma once

#include <memory>
#include <memory_resource>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/rule_set.h"

namespace personalize::rules {

/// Attributes as the plugins would add them.
inline Schema plugin_schema() {
  Schema schema;
  schema.add("geo.country", {Kind::string});
  schema.add("geo.city", {Kind::string});
  schema.add("device.type", {Kind::string});
  schema.add("time.hour", {Kind::int64});
  schema.set_role(Role::time_zone, *schema.add("time.zone", {Kind::string}));
  schema.add("weather.raining", {Kind::boolean});
  schema.add("weather.temperature_c", {Kind::real});
  schema.add("request.path", {Kind::string});
  schema.set_role(Role::locale, *schema.add("request.locale", {Kind::string}));
  schema.set_role(Role::language, *schema.add("request.language", {Kind::string}));
  return schema;
}

/// A rule set loaded from one or more files, and one visitor.
class Loaded {
 public:
  explicit Loaded(std::vector<SourceFile> files) {
    set_ = RuleSet::load(files, plugin_schema(), diagnostics_);
    if (set_) context_.emplace(set_->schema(), arena_);
  }
  explicit Loaded(std::string text) : Loaded(std::vector<SourceFile>{{"rules.yaml", std::move(text)}}) {}

  explicit operator bool() const { return set_ != nullptr; }
  const RuleSet& set() const { return *set_; }
  const Diagnostics& diagnostics() const { return diagnostics_; }
  std::vector<std::string> messages() const {
    std::vector<std::string> messages;
    for (const Diagnostic& diagnostic : diagnostics_) messages.push_back(to_string(diagnostic));
    return messages;
  }

  Loaded& know(std::string_view attribute, Value value) {
    context_->set(set_->schema().find(attribute).value(), value);
    return *this;
  }
  /// Of the languages that the shop offers.
  Loaded& speak(std::string_view language) {
    context_->set_shop_offers_languages(true);
    return know("request.language", Value::string(language));
  }
  Loaded& know(std::string_view attribute, std::string_view text) { return know(attribute, Value::string(text)); }
  Loaded& know(std::string_view attribute, const char* text) { return know(attribute, Value::string(text)); }

  /// "slot=rule,…" of the page.
  std::string decide(std::string_view path = "/", std::int64_t now_us = 0, std::string_view zone = {},
                     std::string_view configured_zone = {}) {
    std::string text;
    for (const Decision& decision : set_->decide({path, now_us, zone, configured_zone}, *context_, arena_)) {
      text += (text.empty() ? "" : ",") + std::string(set_->slot_name(decision.slot)) + "=" +
              std::string(set_->rule_name(decision.rule));
    }
    return text;
  }

  std::vector<Candidate> explain(std::string_view path = "/", std::int64_t now_us = 0, std::string_view zone = {},
                                 std::string_view configured_zone = {}) {
    std::vector<Candidate> candidates;
    set_->explain({path, now_us, zone, configured_zone}, *context_, arena_, candidates);
    return candidates;
  }

  std::pmr::vector<html::Edit> edits(std::string_view path = "/", std::int64_t now_us = 0) {
    return set_->render(set_->decide({path, now_us, {}}, *context_, arena_), *context_, arena_);
  }

 private:
  std::pmr::monotonic_buffer_resource arena_;
  Diagnostics diagnostics_;
  std::shared_ptr<const RuleSet> set_;
  std::optional<Context> context_;
};

}  // namespace personalize::rules
