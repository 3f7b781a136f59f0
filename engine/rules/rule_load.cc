#include "engine/rules/rule_load.h"

#include <algorithm>
#include <chrono>
#include <utility>

#include "rules/load/recognition.h"

namespace personalize::engine {
namespace {

/// Whether rules compile to the same against both.
bool same(const rules::Schema& a, const rules::Schema& b) {
  if (a.size() != b.size()) return false;
  for (rules::AttributeId id = 0; id < a.size(); ++id) {
    const rules::Attribute &one = a[id], &other = b[id];
    if (one.name != other.name || one.type != other.type || one.description != other.description ||
        one.values != other.values)
      return false;
  }
  const auto same_provider = [](const rules::Provider& one, const rules::Provider& other) {
    return one.name == other.name && one.fills == other.fills;
  };
  const auto same_function = [](const rules::AttributeFunction& one, const rules::AttributeFunction& other) {
    return one.name == other.name && one.parameters == other.parameters && one.result == other.result &&
           one.attributes == other.attributes && one.value == other.value && one.refuse == other.refuse;
  };
  return std::ranges::equal(a.providers(), b.providers(), same_provider) &&
         std::ranges::equal(a.functions(), b.functions(), same_function);
}

void append(const rules::Diagnostics& more, rules::Diagnostics& diagnostics) {
  diagnostics.insert(diagnostics.end(), more.begin(), more.end());
}

}  // namespace

RuleLoad::RuleLoad(RuleFiles files) : files_(std::move(files)) {}

RuleLoad::RuleLoad(RuleTexts texts) : kept_(std::move(texts)), files_(kept_) {}

bool RuleLoad::read(rules::Diagnostics& diagnostics) {
  if (!std::exchange(was_read_, true)) {
    mistakes_ = files_.mistakes();
    for (const std::string& path : files_.names()) {
      Text text = take(path, [&] { return files_.read(path); });
      if (!text) mistakes_.push_back({.file = path, .message = std::move(text.error())});
      named_.push_back({path, std::move(text).value_or(std::string())});
      if (!why_exhausted_.empty()) break;
    }
  }
  append(mistakes_, diagnostics);
  return mistakes_.empty();
}

std::shared_ptr<const rules::RuleSet> RuleLoad::compile(const rules::Schema& schema, rules::Diagnostics& diagnostics,
                                                        rules::load::Sources* sources) {
  auto known =
      std::find_if(compiled_.begin(), compiled_.end(), [&](const Compiled& c) { return same(c.schema, schema); });
  if (known == compiled_.end()) {
    known = compiled_.insert(compiled_.end(), Compiled{schema, nullptr, {}});
    const auto read_included = [this](const std::string& path) { return include(path); };
    known->rules = rules::RuleSet::load(named_, schema, known->diagnostics, read_included, sources);
  }
  append(known->diagnostics, diagnostics);
  return known->rules;
}

const RuleLoad::Text& RuleLoad::include(const std::string& path) {
  auto known = included_.find(path);
  if (known != included_.end()) return known->second;
  Text text = take(path, [&] { return files_.read_included(path); });
  order_.push_back(path);
  return included_.emplace(path, std::move(text)).first->second;
}

template <class Read>
RuleLoad::Text RuleLoad::take(const std::string& path, Read read) {
  if (!why_exhausted_.empty()) return tl::unexpected(why_exhausted_);
  seen_.push_back(snapshot_before_reading(path));
  const auto start = std::chrono::steady_clock::now();
  Text text = read();
  if (!text) {
    if (std::chrono::steady_clock::now() - start >= max_reading_time) why_exhausted_ = text.error();
    return text;
  }
  bytes_ += text->size();
  if (path.ends_with(".lua") && !rules::load::looks_like_rules(path, *text)) foreign_scripts_.insert(path);
  if (bytes_ <= rules::max_total_source_bytes) return text;
  why_exhausted_ =
      "the rule files are larger than " + std::to_string(rules::max_total_source_bytes / 1024 / 1024) + " MB together";
  return tl::unexpected(why_exhausted_);
}

void RuleLoad::hide_foreign_text(rules::Diagnostics& diagnostics) const {
  for (rules::Diagnostic& diagnostic : diagnostics)
    if (foreign_scripts_.contains(diagnostic.file))
      diagnostic.message = rules::load::without_text(std::move(diagnostic.message));
}

RuleTexts RuleLoad::texts() const {
  RuleTexts texts{named_, named_.size()};
  for (const std::string& path : order_)
    if (const Text& text = included_.at(path)) texts.files.push_back({path, *text});
  return texts;
}

}  // namespace personalize::engine
