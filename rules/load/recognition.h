// Whether a file is a rule file. Whoever may write rules can name any file in them, and they are read by root: messages
// quote nothing from a file that is something else.
#pragma once

#include <string>
#include <string_view>

#include "rules/load/fields.h"
#include "rules/yaml/document.h"

namespace personalize::rules::load {

/// By its text, which need be neither YAML nor Lua: a line says `version: 1`, or something is made with `rule` or
/// returned that could be a plugin.
bool looks_like_rules(std::string_view name, std::string_view text);

/// Whether a YAML file says that it is one of rules. If not, what is missing is reported, and nothing else.
bool recognize(const yaml::Document& document, Reports& reports);

/// A parser's message without the text that it may quote.
std::string without_text(std::string message);

}  // namespace personalize::rules::load
