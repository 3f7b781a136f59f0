// What upstreams are asked to send.
#pragma once

#include <string>
#include <vector>

#include "module/ngx.h"

namespace personalize::module {

/// Removes codings that we cannot read from the Accept-Encoding that goes to the upstream and by which NGINX's cache
/// tells variants apart. Filters that compress, `gzip_static` and the like, which use NGINX's own pointer to the
/// header, and `$http_accept_encoding` still see what the client sent.
class UpstreamCodings {
 public:
  void limit(ngx_http_request_t* r);
  /// After an internal redirect: the next location's upstream may be asked for anything.
  void put_back(ngx_http_request_t* r);
  /// All fields as the client sent them; empty if nothing was taken out.
  const std::string& client_s() const { return client_s_; }

 private:
  void change(ngx_http_request_t* r, ngx_table_elt_t& field, const std::string& left);

  struct Changed {
    ngx_table_elt_t* field;
    ngx_str_t original;
  };
  std::vector<Changed> changed_;
  std::string client_s_;
  ngx_table_elt_t* first_ = nullptr;  // where NGINX's pointer pointed
};

/// Defines `$http_accept_encoding`.
ngx_int_t add_accept_encoding_variable(ngx_conf_t* cf);

}  // namespace personalize::module
