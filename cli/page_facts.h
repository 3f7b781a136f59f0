// What `personalize check --page` says about a page's facts.
#pragma once

#include <nlohmann/json.hpp>
#include <string>

#include "rules/lint/lint.h"
#include "rules/rule_set.h"

namespace personalize::cli {

/// Something is read from pages by these rules.
bool reads_facts(const rules::RuleSet& rules);

/// Lines for people: each declared fact with its value, or that it is missing; what the page is about, and who says so.
std::string describe_facts(const rules::RuleSet& rules, const rules::Page& page);

/// The same: {"page", "path", "facts": {NAME: text, number or null}, "ignored": [NAME, …], "product": {…} or null}.
nlohmann::ordered_json facts_json(const rules::RuleSet& rules, const rules::Page& page);

}  // namespace personalize::cli
