#include "module/http/validators.h"

#include "module/http/fields.h"

namespace personalize::module {

bool matches(std::string_view list, std::string_view etag) {
  if (list == "*") return true;
  while (!list.empty()) {
    const std::size_t begin = list.find_first_not_of(" \t,");
    if (begin == list.npos) return false;
    list.remove_prefix(begin);
    if (list.starts_with("W/")) list.remove_prefix(2);
    if (list.starts_with(etag)) return true;
    // An entity tag may contain commas.
    const std::size_t open = list.find('"');
    const std::size_t close = open == list.npos ? open : list.find('"', open + 1);
    if (close == list.npos) return false;
    list.remove_prefix(close + 1);
  }
  return false;
}

bool if_none_match_names(const ngx_http_request_t* r, std::string_view etag) {
  if (r->headers_in.if_none_match == nullptr) return false;
  for (const ngx_table_elt_t& field : request_fields(r)) {
    if (lower_name(field) == "if-none-match" && matches(view(field.value), etag)) return true;
  }
  return false;
}

}  // namespace personalize::module
