#include "module/http/request_headers.h"

#include "module/http/fields.h"

namespace personalize::module {
namespace {

/// Takes element `i` out of `part` without moving others, as NGINX keeps pointers to them. `previous` is the part
/// before it, if any. Parts do not become empty unless the whole list does.
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

}  // namespace

std::optional<ngx_table_elt_t> take_out(ngx_http_request_t* r, std::string_view name) {
  ngx_list_t& list = r->headers_in.headers;
  ngx_list_part_t* previous = nullptr;
  for (ngx_list_part_t* part = &list.part; part != nullptr; previous = part, part = part->next) {
    auto* elements = static_cast<ngx_table_elt_t*>(part->elts);
    for (ngx_uint_t i = 0; i < part->nelts; ++i) {
      if (lower_name(elements[i]) != name) continue;
      const ngx_table_elt_t taken = elements[i];
      return take_out(list, previous, part, i, r->pool) ? std::optional(taken) : std::nullopt;
    }
  }
  return std::nullopt;
}

ngx_table_elt_t* put_back(ngx_http_request_t* r, const ngx_table_elt_t& taken) {
  auto* header = static_cast<ngx_table_elt_t*>(ngx_list_push(&r->headers_in.headers));
  if (header == nullptr) return nullptr;
  ngx_memzero(header, sizeof(*header));  // `next`, which not every NGINX has
  header->hash = taken.hash;
  header->key = taken.key;
  header->value = taken.value;
  header->lowcase_key = taken.lowcase_key;
  return header;
}

}  // namespace personalize::module
