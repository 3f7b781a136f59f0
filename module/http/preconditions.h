// Conditions and ranges in the request for a page: they refer to the backend's bytes, not to those that the visitor
// has.
#pragma once

#include "module/ngx.h"

namespace personalize::module {

/// Taken out of the request on arrival, so that the upstream sends the whole page; put back if the response turns out
/// not to be a page. If-Match and If-Unmodified-Since stay in it, as they forbid things.
class Preconditions {
 public:
  /// Takes out If-None-Match, If-Modified-Since, Range and If-Range. Without `range`, a request with a range is left
  /// alone, as only its upstream can tell whether a condition or the range comes first.
  void take_out(ngx_http_request_t* r, bool range);
  /// For an upstream that has not been asked yet.
  void put_back(ngx_http_request_t* r);
  /// Before all filters, for a response that is not personalized: lets NGINX apply to it what was kept from its
  /// upstream.
  void apply(ngx_http_request_t* r);

  /// True if the request's If-None-Match, taken out or not, names `etag`.
  bool names(const ngx_http_request_t* r, std::string_view etag) const;

 private:
  struct Taken {
    ngx_table_elt_t header;
    Taken* next;
  };

  const Taken* find(std::string_view name) const;

  Taken* first_ = nullptr;  // in the request's memory
};

/// Makes the response, whose body is not to be sent, a 304, and counts it.
void answer_not_modified(ngx_http_request_t* r);

}  // namespace personalize::module
