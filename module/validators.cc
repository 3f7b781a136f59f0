#include "module/validators.h"

namespace personalize::nginx {

std::string if_none_match(ngx_http_request_t* r) {
  std::string all;
  if (r->headers_in.if_none_match == nullptr) return all;
  for (ngx_list_part_t* part = &r->headers_in.headers.part; part != nullptr; part = part->next) {
    auto* headers = static_cast<ngx_table_elt_t*>(part->elts);
    for (ngx_uint_t i = 0; i < part->nelts; ++i) {
      if (std::string_view(reinterpret_cast<char*>(headers[i].lowcase_key), headers[i].key.len) != "if-none-match")
        continue;
      if (!all.empty()) all += ',';
      all += view(headers[i].value);
    }
  }
  return all;
}

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

}  // namespace personalize::nginx
