// The conditions and the range of a request for a page: they are about the backend's bytes, not about those that the
// visitor has.
#pragma once

#include "module/ngx.h"

namespace personalize::module {

/// Kept out of the request from its arrival on, so that the upstream sends the whole page; put back for what turns out
/// to be something else. If-Match and If-Unmodified-Since stay where they are: they forbid.
class Preconditions {
 public:
  /// Takes out If-None-Match, If-Modified-Since, Range and If-Range. Not `range`: a request with a range is left alone,
  /// as nobody but its upstream can tell whether a condition or the range comes first.
  void take_out(ngx_http_request_t* r, bool range);
  /// For an upstream that is yet to be asked.
  void put_back(ngx_http_request_t* r);
  /// In front of all filters, for a response that is not personalized: NGINX applies to it what its upstream was not
  /// asked.
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

}  // namespace personalize::module
