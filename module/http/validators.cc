#include "module/http/validators.h"

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
  for (const ngx_list_part_t* part = &r->headers_in.headers.part; part != nullptr; part = part->next) {
    const auto* headers = static_cast<const ngx_table_elt_t*>(part->elts);
    for (ngx_uint_t i = 0; i < part->nelts; ++i) {
      const std::string_view name(reinterpret_cast<const char*>(headers[i].lowcase_key), headers[i].key.len);
      if (name == "if-none-match" && matches(view(headers[i].value), etag)) return true;
    }
  }
  return false;
}

}  // namespace personalize::module
