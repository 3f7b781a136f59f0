#include "module/page/page_types.h"

#include <algorithm>

#include "module/coding/weighted_list.h"

namespace personalize::module {
namespace {

constexpr std::size_t max_type_size = 128;

}  // namespace

bool is_xml_type(std::string_view type) {
  const auto slash = type.find('/');
  if (slash == type.npos) return false;
  const std::string_view subtype = type.substr(slash + 1);
  return same(subtype, "xml") || (subtype.size() > 4 && same(subtype.substr(subtype.size() - 4), "+xml"));
}

std::string_view media_type(std::string_view content_type) {
  constexpr std::string_view html = "text/html";  // what nearly all pages say
  if (content_type.starts_with(html) && (content_type.size() == html.size() || content_type[html.size()] == ';'))
    return content_type.substr(0, html.size());
  const std::string_view type = content_type.substr(0, content_type.find(';'));
  const auto last = type.find_last_not_of(" \t");
  return last == type.npos ? std::string_view() : type.substr(0, last + 1);
}

bool is_type_of_pages(std::string_view type, const LocationConf& conf) {
  if (same(type, "text/html")) return true;
  if (is_xml_type(type)) return false;
  if (conf.types.size == 0) return true;  // `personalize_types *`
  if (type.size() > max_type_size) return false;
  u_char lower[max_type_size];
  const ngx_uint_t hash = ngx_hash_strlow(lower, as_ngx(type).data, type.size());
  return ngx_hash_find(const_cast<ngx_hash_t*>(&conf.types), hash, lower, type.size()) != nullptr;
}

bool is_status_of_pages(ngx_uint_t status, const LocationConf& conf) {
  if (status == NGX_HTTP_OK) return true;
  return conf.statuses != nullptr &&
         std::find(conf.statuses->begin(), conf.statuses->end(), status) != conf.statuses->end();
}

}  // namespace personalize::module
