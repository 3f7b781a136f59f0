#include "rules/load/event_format.h"

#include "rules/load/formats.h"

namespace personalize::rules::load {
namespace {

using namespace shape;

constexpr Key expression(std::string_view name, std::string_view description) { return {name, text, description}; }

constexpr std::string_view method_values[] = {"GET", "POST", "PUT", "PATCH", "DELETE"};
constexpr Format method_format{.values = method_values};

constexpr std::string_view expression_examples[] = {"request.path_segment[1]", "request.form.sku", "page.order_id"};
constexpr Format expression_format{.examples = expression_examples};

constexpr Key item_keys[] = {
    formatted(expression_format, expression("item_id", "expression: the product, as its own page calls it")),
    expression("item_name", "expression: its name"),
    expression("item_brand", "expression: its brand"),
    expression("item_category", "expression: its category"),
    expression("item_variant", "expression: which variant of it"),
    expression("price", "expression: the price of one, a number"),
    expression("quantity", "expression: how many, a whole number"),
};

constexpr Key event_keys[] = {
    formatted(page_format,
              {"pages", text | texts, "paths of the requests; * stands for anything, ! excludes; all if absent"}),
    formatted(method_format, {"method", text | texts, "methods of the requests; GET if absent"}),
    {"when", condition, "the event is made when this is true; without it, always"},
    {"description", text, "for people"},
    item_keys[0],
    item_keys[1],
    item_keys[2],
    item_keys[3],
    item_keys[4],
    item_keys[5],
    item_keys[6],
    {"items", text | object | objects,
     "its products, if there are several: a list of maps, or an expression whose value is a list of ids or of maps",
     &item_object},
    expression("search_term", "expression: what was searched for"),
    expression("results", "expression: how many results there are, a whole number"),
    expression("transaction_id", "expression: the order's number"),
    expression("value", "expression: what it is worth, a number"),
    expression("currency", "expression: the currency's three letters; constant text has quotes of its own: '\"EUR\"'"),
    expression("duration", "expression: milliseconds, of `dwell`"),
};

constexpr Key event(std::string_view name, std::string_view description) {
  return {name, object | objects, description, &event_object};
}

constexpr Key events_keys[] = {
    event("page_view", "pages that no other event is about"),
    event("view_item", "the page of a product"),
    event("view_item_list", "pages that list products"),
    event("select_item", "a product was chosen from a list"),
    event("view_search_results", "results of a search"),
    event("add_to_cart", "products were put into the cart"),
    event("remove_from_cart", "products were taken out of the cart"),
    event("add_to_wishlist", "products were put on the wish list"),
    event("view_cart", "the cart's page"),
    event("begin_checkout", "the first page of the checkout"),
    event("add_shipping_info", "the address or way of shipping was given"),
    event("add_payment_info", "the way of payment was given"),
    event("purchase", "an order was placed; its items are the cart's, if none are named"),
    event("refund", "an order was paid back"),
    event("view_promotion", "a promotion was shown"),
    event("select_promotion", "a promotion was chosen"),
    event("login", "the visitor logged in"),
    event("sign_up", "the visitor opened an account"),
    event("share", "something was shared"),
    event("dwell", "how long a page was looked at"),
    event("item", "what a page says about the product that it sells"),
    event("item_gone", "a product's page is no longer there"),
};

constexpr std::string_view fact_types[] = {"string", "int", "double", "bool"};

constexpr Key fact_keys[] = {
    required(formatted(not_blank, {"select", text, "CSS selector of the element; in quotes if it begins with #"})),
    formatted(html_attribute_format,
              {"attribute", text, "whose value it is; without it, the fact is the text of the element"}),
    formatted(fact_type_format, {"type", text, "string, int, double or bool; string if absent"}),
    formatted(only_true, {"count", boolean, "true: how many elements there are"}),
    {"description", text, "for people"},
};

}  // namespace

constexpr Format fact_type_format{.values = fact_types};

const Object events_object{"`events`", events_keys};
const Object event_object{"an event", event_keys};
const Object item_object{"an item", item_keys, true};
const Object fact_object{"a fact", fact_keys};

}  // namespace personalize::rules::load
