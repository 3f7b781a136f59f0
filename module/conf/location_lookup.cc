#include "module/conf/location_lookup.h"

#include <algorithm>

namespace personalize::module {
namespace {

/// As NGINX finds it among those without regular expressions; null: none.
const ngx_http_core_loc_conf_t* find_by_prefix(const ngx_http_location_tree_node_t* node, std::string_view uri) {
  const ngx_http_core_loc_conf_t* longest = nullptr;
  while (node != nullptr) {
    const std::string_view name(reinterpret_cast<const char*>(node->name), node->len);
    const std::size_t common = std::min(name.size(), uri.size());
    const ngx_int_t order = ngx_filename_cmp(as_ngx(uri).data, as_ngx(name).data, common);
    if (order != 0 || uri.size() < name.size()) {
      node = order < 0 || order == 0 ? node->left : node->right;
    } else if (uri.size() == name.size()) {
      return node->exact != nullptr ? node->exact : node->inclusive != nullptr ? node->inclusive : longest;
    } else if (node->inclusive != nullptr) {
      longest = node->inclusive;
      uri.remove_prefix(name.size());
      node = node->tree;
    } else {
      node = node->right;
    }
  }
  return longest;
}

bool matches_some(ngx_http_core_loc_conf_t** locations, std::string_view uri) {
#if (NGX_PCRE)
  ngx_str_t text = as_ngx(uri);
  for (; locations != nullptr && *locations != nullptr; ++locations)
    if (ngx_regex_exec((*locations)->regex->regex, &text, nullptr, 0) >= 0) return true;
#endif
  return false;
}

/// `within`: the server, or a location with others in it.
bool has_location_in(const ngx_http_core_loc_conf_t& within, std::string_view uri) {
  const ngx_http_core_loc_conf_t* found = find_by_prefix(within.static_locations, uri);
  if (found != nullptr && (found->exact_match || view(found->name) != "/")) return true;
#if (NGX_PCRE)
  if (matches_some(within.regex_locations, uri)) return true;
#endif
  return found != nullptr && has_location_in(*found, uri);
}

}  // namespace

bool has_location(const ngx_http_core_srv_conf_t& server, std::string_view uri) {
  uri = uri.substr(0, uri.find('?'));
  const auto* root = static_cast<const ngx_http_core_loc_conf_t*>(server.ctx->loc_conf[ngx_http_core_module.ctx_index]);
  return has_location_in(*root, uri);
}

}  // namespace personalize::module
