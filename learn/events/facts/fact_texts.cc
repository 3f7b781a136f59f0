#include "learn/events/facts/fact_texts.h"

#include <algorithm>
#include <array>

namespace personalize::learn::events {
namespace {

constexpr std::string_view spaces = " \t\n\f\r";

bool is_digit(char c) { return c >= '0' && c <= '9'; }

/// What templates print where there is nothing.
constexpr std::array<std::string_view, 12> placeholders = {
    "-", "n/a", "na", "null", "none", "undefined", "false", "unknown", "0", "does not apply", "nan", "[object object]"};

/// Digits alone, of the lengths that GTINs have (and ISBNs, which may end in X); else empty.
std::string as_gtin(std::string_view id) {
  std::string digits;
  for (const char c : id) {
    if (c == ' ' || c == '-') continue;
    digits += c;
  }
  const bool isbn = digits.size() == 10 && (digits.back() == 'X' || digits.back() == 'x');
  const auto checked = static_cast<std::ptrdiff_t>(digits.size()) - (isbn ? 1 : 0);
  const bool sound =
      digits.size() >= 8 && digits.size() <= 14 && std::all_of(digits.begin(), digits.begin() + checked, is_digit);
  return sound ? digits : std::string();
}

struct NamedKind {
  std::string_view name;
  IdKind kind;
};
constexpr std::array<NamedKind, 16> id_kinds = {{{"sku", IdKind::sku},
                                                 {"productid", IdKind::product_id},
                                                 {"mpn", IdKind::mpn},
                                                 {"gtin", IdKind::gtin},
                                                 {"gtin8", IdKind::gtin},
                                                 {"gtin12", IdKind::gtin},
                                                 {"gtin13", IdKind::gtin},
                                                 {"gtin14", IdKind::gtin},
                                                 {"ean", IdKind::gtin},
                                                 {"ean13", IdKind::gtin},
                                                 {"upc", IdKind::gtin},
                                                 {"isbn", IdKind::gtin},
                                                 {"isbn13", IdKind::gtin},
                                                 {"productgroupid", IdKind::group},
                                                 {"inproductgroupwithid", IdKind::group},
                                                 {"asin", IdKind::product_id}}};

struct NamedAvailability {
  std::string_view name;
  Availability availability;
};
constexpr std::array<NamedAvailability, 20> availabilities = {
    {{"instock", Availability::in_stock},           {"instoreonly", Availability::in_stock},
     {"onlineonly", Availability::in_stock},        {"limitedavailability", Availability::in_stock},
     {"madetoorder", Availability::in_stock},       {"available", Availability::in_stock},
     {"availablefororder", Availability::in_stock}, {"true", Availability::in_stock},
     {"outofstock", Availability::out_of_stock},    {"soldout", Availability::out_of_stock},
     {"oos", Availability::out_of_stock},           {"reserved", Availability::out_of_stock},
     {"unavailable", Availability::out_of_stock},   {"notavailable", Availability::out_of_stock},
     {"preorder", Availability::preorder},          {"presale", Availability::preorder},
     {"pending", Availability::preorder},           {"backorder", Availability::backorder},
     {"discontinued", Availability::discontinued},  {"false", Availability::out_of_stock}}};

void fill(std::string& text, const std::string& other) {
  if (text.empty()) text = other;
}

}  // namespace

std::string in_lower_case(std::string_view text) {
  std::string lower(text);
  for (char& c : lower) c = c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  return lower;
}

std::string_view stripped(std::string_view text) {
  const std::size_t begin = text.find_first_not_of(spaces);
  if (begin == std::string_view::npos) return {};
  return text.substr(begin, text.find_last_not_of(spaces) + 1 - begin);
}

std::string_view shortened(std::string_view text, std::size_t max) {
  if (text.size() <= max) return text;
  while (max != 0 && (static_cast<unsigned char>(text[max]) & 0xC0) == 0x80) --max;
  return text.substr(0, max);
}

void add_id(ProductFacts& facts, IdKind kind, std::string_view id) {
  const std::string gtin = kind == IdKind::gtin ? as_gtin(id) : std::string();
  id = kind == IdKind::gtin ? gtin : stripped(id);
  if (id.empty() || id.size() > limits::max_product_id || facts.ids.size() == limits::max_product_ids) return;
  if (std::ranges::find(placeholders, in_lower_case(id)) != placeholders.end()) return;
  if (std::ranges::any_of(facts.ids, [id](const ProductId& known) { return known.id == id; })) return;
  const auto place = std::ranges::upper_bound(facts.ids, kind, {}, &ProductId::kind);
  facts.ids.insert(place, {kind, std::string(id)});
}

std::optional<IdKind> id_kind(std::string_view property) {
  const auto* const found = std::ranges::find(id_kinds, property, &NamedKind::name);
  return found == id_kinds.end() ? std::nullopt : std::optional(found->kind);
}

void add_id_with_prefix(ProductFacts& facts, std::string_view id) {
  const std::size_t colon = id.find(':');
  if (colon != std::string_view::npos) {
    if (const auto kind = id_kind(in_lower_case(stripped(id.substr(0, colon)))))
      return add_id(facts, *kind, id.substr(colon + 1));
  }
  add_id(facts, IdKind::product_id, id);
}

std::string_view usable_url(std::string_view url) {
  url = stripped(url);
  const bool data = in_lower_case(url.substr(0, 5)) == "data:";
  return data || url.size() > limits::max_product_url || url.find_first_of(spaces) != std::string_view::npos
             ? std::string_view()
             : url;
}

std::string address_of(std::string_view url) {
  url = stripped(url.substr(0, url.find('#')));
  const std::size_t host = url.find("//");
  if (host != std::string_view::npos && url.find_first_of("/?") == host) {
    const std::size_t path = url.find_first_of("/?", host + 2);
    url = path == std::string_view::npos ? std::string_view("/") : url.substr(path);
  }
  const std::size_t query = std::min(url.find('?'), url.size());
  std::string_view path = url.substr(0, query);
  while (path.ends_with('/')) path.remove_suffix(1);
  return std::string(path).append(url.substr(query));
}

Availability read_availability(std::string_view text) {
  text = stripped(text);
  while (text.ends_with('/')) text.remove_suffix(1);
  std::string letters;
  for (const char c : in_lower_case(text.substr(text.find_last_of("/#") + 1))) {
    if (c >= 'a' && c <= 'z') letters += c;
  }
  const auto* const found = std::ranges::find(availabilities, letters, &NamedAvailability::name);
  return found == availabilities.end() ? Availability::unknown : found->availability;
}

void complete(ProductFacts& facts, const ProductFacts& others) {
  for (const ProductId& id : others.ids) add_id(facts, id.kind, id.id);
  fill(facts.name, others.name);
  fill(facts.brand, others.brand);
  fill(facts.category, others.category);
  fill(facts.image, others.image);
  fill(facts.url, others.url);
  if (!facts.price) {
    facts.price = others.price;
    facts.list_price = others.list_price;
    if (!others.currency.empty()) facts.currency = others.currency;
  }
  fill(facts.currency, others.currency);
  if (facts.availability == Availability::unknown) facts.availability = others.availability;
}

}  // namespace personalize::learn::events
