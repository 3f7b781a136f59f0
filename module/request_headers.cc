#include "module/filters.h"

namespace personalize::nginx {
namespace {

bool is_condition(const ngx_table_elt_t& header) {
  std::string_view name(reinterpret_cast<char*>(header.lowcase_key), header.key.len);
  return name == "if-none-match" || name == "if-modified-since" || name == "range" || name == "if-range";
}

/// Takes element `i` out of `part` without moving another one: NGINX keeps pointers to elements. A part in front of it,
/// if any, is `previous`; parts do not become empty unless the whole list does.
bool take_out(ngx_list_t& list, ngx_list_part_t* previous, ngx_list_part_t* part, ngx_uint_t i, ngx_pool_t* pool) {
  auto* elements = static_cast<ngx_table_elt_t*>(part->elts);
  bool last_part = part == list.last;
  if (part->nelts == 1) {
    if (previous != nullptr) {
      previous->next = part->next;
      if (last_part) {
        list.last = previous;
        list.nalloc = previous->nelts;
      }
    } else if (part->next != nullptr) {
      if (list.last == part->next) list.last = part;
      *part = *part->next;  // the first part is embedded in the list
    } else {
      part->nelts = 0;
    }
  } else if (i == 0) {
    part->elts = elements + 1;
    --part->nelts;
    if (last_part) --list.nalloc;
  } else if (i == part->nelts - 1) {
    --part->nelts;
  } else {
    auto* rest = static_cast<ngx_list_part_t*>(ngx_palloc(pool, sizeof(ngx_list_part_t)));
    if (rest == nullptr) return false;
    rest->elts = elements + i + 1;
    rest->nelts = part->nelts - i - 1;
    rest->next = part->next;
    part->nelts = i;
    part->next = rest;
    if (last_part) {
      list.last = rest;
      list.nalloc -= i + 1;
    }
  }
  return true;
}

bool take_one_out(ngx_http_request_t* r) {
  ngx_list_t& list = r->headers_in.headers;
  ngx_list_part_t* previous = nullptr;
  for (ngx_list_part_t* part = &list.part; part != nullptr; previous = part, part = part->next) {
    auto* elements = static_cast<ngx_table_elt_t*>(part->elts);
    for (ngx_uint_t i = 0; i < part->nelts; ++i) {
      if (is_condition(elements[i])) return take_out(list, previous, part, i, r->pool);
    }
  }
  return false;
}

}  // namespace

void drop_conditions(ngx_http_request_t* r) {
  const ngx_http_headers_in_t& known = r->headers_in;
  const bool any = known.if_none_match != nullptr || known.if_modified_since != nullptr || known.range != nullptr ||
                   known.if_range != nullptr;
  if (!any) return;
  while (take_one_out(r)) {
  }
  r->headers_in.if_none_match = nullptr;
  r->headers_in.if_modified_since = nullptr;
  r->headers_in.range = nullptr;
  r->headers_in.if_range = nullptr;
}

}  // namespace personalize::nginx
