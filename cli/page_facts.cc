#include "cli/page_facts.h"

#include <fmt/format.h>

#include <algorithm>
#include <span>
#include <string_view>
#include <vector>

#include "engine/facts/page_product.h"
#include "html/facts/fact_reader.h"
#include "rules/events/event_rules.h"

namespace personalize::cli {
namespace {

namespace events = learn::events;

struct IgnoredKind {
  html::PageFacts::Ignored bit;
  std::string_view name;
};
/// As the counter of what is ignored names them.
constexpr IgnoredKind ignored_kinds[] = {{html::PageFacts::ignored_ld_json, "ld_json"},
                                         {html::PageFacts::ignored_microdata, "microdata"},
                                         {html::PageFacts::ignored_meta, "meta"},
                                         {html::PageFacts::ignored_fields, "fields"}};

/// The facts of a page, and which of them goes beyond a limit.
struct FoundFacts {
  html::PageFacts facts;
  events::ProductFacts product;
  std::vector<std::string_view> ignored;
};

FoundFacts find_facts(const rules::RuleSet& rules, const rules::Page& page) {
  FoundFacts found;
  found.facts = html::read_facts(rules.facts(), page.html);
  found.product = engine::read_page_product(found.facts, page.path);
  const std::span<const html::FactDeclaration> declarations = rules.facts().declarations();
  for (std::size_t i = 0; i < declarations.size(); ++i) {
    if (found.facts.declared[i].ignored) found.ignored.push_back(declarations[i].name);
  }
  for (const IgnoredKind& kind : ignored_kinds) {
    if ((found.facts.ignored & kind.bit) != 0) found.ignored.push_back(kind.name);
  }
  return found;
}

std::string price_text(const events::ProductFacts& product) {
  if (!product.price) return {};
  const std::string list = product.list_price ? fmt::format(" instead of {}", *product.list_price) : std::string();
  return fmt::format("{}{}{}{}", *product.price, list, product.currency.empty() ? "" : " ", product.currency);
}

void add_product(std::string& out, const events::ProductFacts& product) {
  const auto line = [&out](std::string_view name, std::string_view value) {
    if (!value.empty()) out += fmt::format("    {:<14}{}\n", name, value);
  };
  if (product.kind == events::FactsKind::none) {
    out += "  no product, article or video is found to be what this page is about\n";
  } else {
    out += fmt::format("  {}, by its {}:\n", to_string(product.kind), to_string(product.source));
  }
  line("name", product.name);
  line("price", price_text(product));
  line("availability", product.availability == events::Availability::unknown ? "" : to_string(product.availability));
  line("brand", product.brand);
  line("category", product.category);
  line("url", product.url);
  line("image", product.image);
  for (const events::ProductId& id : product.ids) line(to_string(id.kind), id.id);
}

nlohmann::ordered_json product_json(const events::ProductFacts& product) {
  nlohmann::ordered_json json{{"kind", to_string(product.kind)}, {"source", to_string(product.source)}};
  const auto add = [&json](const char* name, const std::string& text) {
    if (!text.empty()) json[name] = text;
  };
  add("name", product.name);
  add("brand", product.brand);
  add("category", product.category);
  add("url", product.url);
  add("image", product.image);
  if (product.price) json["price"] = *product.price;
  if (product.list_price) json["list_price"] = *product.list_price;
  add("currency", product.currency);
  if (product.availability != events::Availability::unknown) json["availability"] = to_string(product.availability);
  json["ids"] = nlohmann::ordered_json::array();
  for (const events::ProductId& id : product.ids) json["ids"].push_back({{"kind", to_string(id.kind)}, {"id", id.id}});
  return json;
}

}  // namespace

bool reads_facts(const rules::RuleSet& rules) {
  return !rules.events().empty() || !rules.facts().declarations().empty();
}

std::string describe_facts(const rules::RuleSet& rules, const rules::Page& page) {
  const FoundFacts found = find_facts(rules, page);
  const std::span<const html::FactDeclaration> declarations = rules.facts().declarations();
  std::string out = fmt::format("facts of {}:\n", page.name);
  std::size_t width = 0;
  for (const html::FactDeclaration& declaration : declarations) width = std::max(width, declaration.name.size());
  for (std::size_t i = 0; i < declarations.size(); ++i) {
    const html::FactValue& value = found.facts.declared[i];
    const std::string_view text = value.ignored ? "not known, as it is too long" : value.known ? value.text : "missing";
    out += fmt::format("  page.{:<{}}  {}\n", declarations[i].name, width, text);
  }
  add_product(out, found.product);
  for (const IgnoredKind& kind : ignored_kinds) {
    if ((found.facts.ignored & kind.bit) != 0) out += fmt::format("  there is more {} than is read\n", kind.name);
  }
  return out;
}

nlohmann::ordered_json facts_json(const rules::RuleSet& rules, const rules::Page& page) {
  const FoundFacts found = find_facts(rules, page);
  const std::span<const html::FactDeclaration> declarations = rules.facts().declarations();
  nlohmann::ordered_json json{{"page", page.name}};
  if (!page.path.empty()) json["path"] = page.path;
  json["facts"] = nlohmann::ordered_json::object();
  for (std::size_t i = 0; i < declarations.size(); ++i) {
    const html::FactValue& value = found.facts.declared[i];
    nlohmann::ordered_json& fact = json["facts"][declarations[i].name];
    if (declarations[i].count)
      fact = value.count;
    else if (value.known)
      fact = value.text;
  }
  json["ignored"] = found.ignored;
  const bool is_something = found.product.kind != events::FactsKind::none || !found.product.ids.empty();
  json["product"] = is_something ? product_json(found.product) : nlohmann::ordered_json();
  return json;
}

}  // namespace personalize::cli
