#include "module/page/page_request.h"

#include <algorithm>

#include "module/coding/weighted_list.h"
#include "module/http/fields.h"
#include "module/page/page_types.h"

namespace personalize::module {
namespace {

/// With `personalize_types *` every type would be one of pages; here only what browsers ask for counts then.
bool is_asked_for_pages(std::string_view type, const LocationConf& conf) {
  if (same(type, "text/html") || same(type, "application/xhtml+xml")) return true;
  return conf.types.size != 0 && is_type_of_pages(type, conf);
}

/// What the header's value asks for. A program that names something else and also accepts anything (`*/*`) does not ask
/// for a page.
AskedFor accepted(std::string_view list, const LocationConf& conf) {
  constexpr std::string_view browsers = "text/html";  // how all of them begin
  if (list.starts_with(browsers) && (list.size() == browsers.size() || list[browsers.size()] == ','))
    return AskedFor::page;
  bool something_else = false;
  while (!list.empty()) {
    const WeightedElement element = take_element(list);
    if (element.name.empty() || element.quality == 0) continue;
    if (is_asked_for_pages(element.name, conf)) return AskedFor::page;
    if (element.name != "*/*" && element.name != "text/*") something_else = true;
  }
  return something_else ? AskedFor::something_else : AskedFor::anything;
}

/// What the relevant headers say.
struct Hints {
  AskedFor accepted = AskedFor::anything;  ///< by the most favourable of the Accept headers
  bool says_accepted = false;
  std::string_view destination;  ///< Sec-Fetch-Dest
  bool by_script = false;        ///< X-Requested-With: XMLHttpRequest
};

Hints hints_of(ngx_http_request_t* r, const LocationConf& conf) {
  Hints hints;
  for (const ngx_table_elt_t& field : request_fields(r)) {
    const std::string_view name = lower_name(field), value = view(field.value);
    if (name == "accept") {
      const AskedFor asked = accepted(value, conf);
      hints.accepted = hints.says_accepted ? std::max(hints.accepted, asked) : asked;
      hints.says_accepted = true;
    } else if (name == "sec-fetch-dest") {
      hints.destination = value;
    } else if (name == "x-requested-with") {
      hints.by_script = same(value, "XMLHttpRequest");
    }
  }
  return hints;
}

/// The browser will show what it gets.
bool is_shown(std::string_view destination) {
  return destination == "document" || destination == "iframe" || destination == "frame" || destination == "fencedframe";
}

bool asks_for_websocket(const ngx_http_request_t* r) {
  const ngx_table_elt_t* upgrade = r->headers_in.upgrade;
  return upgrade != nullptr && same(view(upgrade->value), "websocket");
}

}  // namespace

AskedFor asked_for(ngx_http_request_t* r, const LocationConf& conf) {
  if (asks_for_websocket(r)) return AskedFor::something_else;
  const Hints hints = hints_of(r, conf);
  const bool by_script = hints.destination == "empty" || hints.by_script;
  if (!by_script && !hints.destination.empty() && !is_shown(hints.destination)) return AskedFor::something_else;
  // Scripts that fetch a page say so, as do browsers that send a form.
  const bool must_say_so = by_script || r->method == NGX_HTTP_POST;
  if (must_say_so && hints.accepted != AskedFor::page) return AskedFor::something_else;
  return hints.accepted;
}

}  // namespace personalize::module
