// Addresses in content that are http, in a shop that is https.
#include <algorithm>

#include "rules/lint/findings.h"
#include "rules/templates/html_state.h"
#include "rules/templates/parse.h"
#include "rules/templates/url_state.h"

namespace personalize::rules::lint {
namespace {

using templates::HtmlState;

/// Attributes whose address is loaded or followed; others hold addresses that are only names.
bool leads_somewhere(std::string_view attribute) {
  constexpr std::string_view names[] = {"href",   "src",        "srcset",     "imagesrcset", "action", "formaction",
                                        "poster", "xlink:href", "background", "data",        "ping",   "manifest"};
  const auto same = [&](std::string_view name) {
    return std::equal(name.begin(), name.end(), attribute.begin(), attribute.end(),
                      [](char a, char b) { return a == (b >= 'A' && b <= 'Z' ? b + 32 : b); });
  };
  return std::any_of(std::begin(names), std::end(names), same);
}

constexpr std::string_view message =
    " is http, but the shop is https: browsers warn about such links and do not load such images; write https";

/// Reads a template's own HTML, and keeps the places of addresses that begin with http:.
class AddressFinder {
 public:
  std::vector<std::size_t> found;

  void read(const std::vector<templates::Node>& nodes) {
    for (const templates::Node& node : nodes) {
      if (node.kind == templates::Node::Kind::text) {
        read(node.text, node.offset);
      } else if (node.kind == templates::Node::Kind::variable || node.kind == templates::Node::Kind::partial) {
        state_.feed_value();
        address_ += '/';  // whatever it is, what follows is not the beginning
      } else {
        read(node.children);
      }
    }
  }

 private:
  void read(std::string_view text, std::size_t offset) {
    for (std::size_t i = 0; i < text.size(); ++i) {
      const bool was_inside = inside();
      state_.feed(text.substr(i, 1), offset + i);
      if (!inside()) continue;
      const char c = text[i];
      const bool next_of_list = state_.attribute_name().ends_with("srcset") && (c == ' ' || c == ',' || c == '\n');
      if (!was_inside || next_of_list) address_.clear();
      if (c != '"' && c != '\'' && !next_of_list) address_ += c;
      if (c == ':' && templates::scheme_of(address_) == "http")
        found.push_back(offset + i - std::min(i, std::size_t{4}));
    }
  }

  bool inside() const { return state_.place() == HtmlState::Place::value && leads_somewhere(state_.attribute_name()); }

  HtmlState state_;
  std::string address_;
};

std::vector<std::size_t> addresses(std::string_view html) {
  std::vector<templates::Error> ignored;
  AddressFinder finder;
  finder.read(templates::parse(html, ignored));
  return std::move(finder.found);
}

/// As much of an address as a message needs.
std::string shown(std::string_view text, std::size_t begin) {
  const std::size_t end = std::min(text.find_first_of(" \t\r\n\"'<>{", begin), text.size());
  return load::in_quotes(text.substr(begin, end - begin));
}

class ContentLinks {
 public:
  explicit ContentLinks(Findings& findings) : findings_(findings) {}

  void html(const yaml::Document& document, const yaml::Node& scalar) {
    for (std::size_t place : addresses(scalar.text)) add(document, scalar, place);
  }

  /// The value of `do`, `fallback` or a block's name.
  void actions(const yaml::Document& document, const yaml::Node& node) {
    for (const yaml::Node* item : node.items) actions(document, *item);
    for (const auto& [key, value] : node.entries) {
      const std::optional<html::Operation> operation = html::parse_operation(key->text);
      if (!operation) continue;
      if (html::traits_of(*operation).takes_content) html(document, *value);
      if (operation == html::Operation::set_attribute) set_attribute(document, *value);
    }
  }

 private:
  void set_attribute(const yaml::Document& document, const yaml::Node& node) {
    for (const yaml::Node* item : node.items) set_attribute(document, *item);
    const yaml::Node* name = nullptr;
    const yaml::Node* value = nullptr;
    for (const auto& [key, found] : node.entries) {
      if (key->text == "name") name = found;
      if (key->text == "value") value = found;
    }
    if (name && value && leads_somewhere(name->text) && templates::scheme_of(value->text) == "http")
      add(document, *value, value->text.find_first_of("hH"));
  }

  void add(const yaml::Document& document, const yaml::Node& scalar, std::size_t place) {
    findings_.found.push_back(
        document.at(scalar, place, shown(scalar.text, place) + std::string(message), Diagnostic::Severity::warning));
  }

  Findings& findings_;
};

}  // namespace

void links(Findings& findings) {
  ContentLinks check(findings);
  for (RuleId id = 0; id < findings.set.rules.size(); ++id) {
    const load::RuleSource& source = findings.sources.rule_sources[id];
    if (source.actions) check.actions(*source.document, *source.actions);
    const Rule& rule = findings.set.rules[id];
    if (!rule.script) continue;
    const std::string& html = rule.script->rules()[rule.script_rule].content_template;
    for (std::size_t place : addresses(html)) findings.add(source, shown(html, place) + std::string(message));
  }
  for (const auto& [name, block] : findings.sources.blocks) check.actions(*block.document, *block.value);
  for (const auto& [name, partial] : findings.sources.partials) check.html(*partial.document, *partial.value);
}

}  // namespace personalize::rules::lint
