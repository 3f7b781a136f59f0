#include "rules/load/recognition.h"

#include <algorithm>
#include <cctype>
#include <iterator>

#include "rules/load/file_format.h"
#include "rules/spelling.h"

namespace personalize::rules::load {
namespace {

constexpr std::string_view version = "version";

std::string_view after_space(std::string_view text) {
  return text.substr(std::min(text.find_first_not_of(" \t\r\n"), text.size()));
}

bool skip(std::string_view& text, std::string_view what) {
  if (!text.starts_with(what)) return false;
  text.remove_prefix(what.size());
  return true;
}

/// "version: 1", "'version' : "1"  # …", "{ version: 1, …".
bool says_version(std::string_view line) {
  skip(line, "\xEF\xBB\xBF");
  if (skip(line, "{")) line = after_space(line);
  while (!line.empty() && (line[0] == '"' || line[0] == '\'')) line.remove_prefix(1);
  if (!skip(line, version)) return false;
  while (!line.empty() && (line[0] == '"' || line[0] == '\'')) line.remove_prefix(1);
  line = after_space(line);
  if (!skip(line, ":")) return false;
  line = after_space(line);
  while (!line.empty() && (line[0] == '"' || line[0] == '\'')) line.remove_prefix(1);
  return skip(line, "1") && (line.empty() || std::string_view(" \t\r,}\"'").find(line[0]) != std::string_view::npos);
}

bool is_word(char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '_'; }

/// Whether the word stands somewhere in the text, followed by one of `next`, if any is named.
bool has_word(std::string_view text, std::string_view word, std::string_view next = {}) {
  for (std::size_t at = text.find(word); at != text.npos; at = text.find(word, at + 1)) {
    if (at != 0 && is_word(text[at - 1])) continue;
    const std::string_view rest = text.substr(at + word.size());
    if (!rest.empty() && is_word(rest[0])) continue;
    const std::string_view after = after_space(rest);
    if (next.empty() || (!after.empty() && next.find(after[0]) != next.npos)) return true;
  }
  return false;
}

bool looks_like_lua_rules(std::string_view text) {
  if (has_word(text, "rule", "{(")) return true;
  constexpr std::string_view parts[] = {"attributes", "resolve", "content", "on_exposure", "response_fields", "record"};
  return has_word(text, "return", "{") &&
         std::any_of(std::begin(parts), std::end(parts), [&](auto part) { return has_word(text, part, "="); });
}

/// A typing mistake in the name of a key gives away nothing but that name.
void report_slips(const yaml::Document& document, Reports& reports) {
  for (const auto& [name, value] : document.root().entries) {
    Nearest nearest(name->text);
    for (const Key& key : file_object.keys) nearest.consider(key.name);
    if (!nearest.result().empty() && nearest.result() != name->text)
      reports.add(document.at(*name, "unknown key " + in_quotes(name->text) + " in a rule file" + nearest.hint()));
  }
}

}  // namespace

bool looks_like_rules(std::string_view name, std::string_view text) {
  if (name.ends_with(".lua")) return looks_like_lua_rules(text);
  for (;;) {
    const std::size_t end = std::min(text.find('\n'), text.size());
    if (says_version(text.substr(0, end))) return true;
    if (end == text.size()) return false;
    text.remove_prefix(end + 1);
  }
}

bool recognize(const yaml::Document& document, Reports& reports) {
  const yaml::Node& root = document.root();
  if (!root.is_map()) {
    reports.add(
        document.at(root, std::string(file_object.name) + " must be a map, not " + std::string(describe(root))));
    return false;
  }
  const auto said = std::find_if(root.entries.begin(), root.entries.end(),
                                 [](const auto& entry) { return entry.first->text == version; });
  if (said == root.entries.end()) {
    reports.add(document.at(root, std::string(file_object.name) + " needs `version`"));
  } else if (!said->second->is_scalar()) {
    reports.add(document.at(said->second->kind == yaml::Node::Kind::null ? *said->first : *said->second,
                            "`version` must be text, not " + std::string(describe(*said->second))));
  } else if (said->second->text != "1") {
    reports.add(document.at(*said->second, "`version` must be 1"));
  } else {
    return true;
  }
  report_slips(document, reports);
  return false;
}

std::string without_text(std::string message) {
  constexpr std::string_view plain[] = {"not UTF-8", "control characters", "nested more", "file larger", "too much in"};
  const bool is_plain =
      std::any_of(std::begin(plain), std::end(plain), [&](auto begin) { return message.starts_with(begin); });
  return is_plain ? message : "not a rule file, so that what is in it is not shown";
}

}  // namespace personalize::rules::load
