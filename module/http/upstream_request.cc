#include "module/http/upstream_request.h"

#include <array>

#include "module/coding/accept_encoding.h"
#include "module/http/fields.h"
#include "module/http/variables.h"
#include "module/log/log.h"
#include "module/page/exchange.h"

namespace personalize::module {
namespace {

template <class Use>
void each_field(ngx_http_request_t* r, Use use) {
  for (ngx_table_elt_t& field : request_fields(r))
    if (lower_name(field) == "accept-encoding") use(field);
}

/// All fields that the request has now, as one list.
std::string joined(ngx_http_request_t* r) {
  std::string all;
  each_field(r, [&](const ngx_table_elt_t& field) { (all += all.empty() ? "" : ", ") += view(field.value); });
  return all;
}

/// The results for recent values: there are few different ones, as each browser always sends the same.
class RecentFields {
 public:
  /// Like `without_unreadable`; valid until the next call.
  const std::string& without_unreadable(std::string_view field) {
    Recent& place =
        recent_[(field.size() + static_cast<unsigned char>(field.empty() ? 0 : field.back())) % recent_.size()];
    if (!place.known || place.field != field) {
      place.known = false;
      place.left = module::without_unreadable(field, field);
      place.field = field;
      place.known = field.size() <= max_size;
    }
    return place.left;
  }

 private:
  static constexpr std::size_t max_size = 256;
  struct Recent {
    std::string field, left;
    bool known = false;
  };
  std::array<Recent, 16> recent_;
};

RecentFields recent_fields;  // of this worker

ngx_int_t get_accept_encoding(ngx_http_request_t* r, ngx_http_variable_value_t* value, uintptr_t) {
  return guarded(
      r->connection->log,
      [&]() -> ngx_int_t {
        const Exchange* exchange = Exchange::find(r);
        const bool limited = exchange != nullptr && !exchange->upstream_codings.client_s().empty();
        const std::string all = limited ? exchange->upstream_codings.client_s() : joined(r);
        return set_variable(r, value, all, r->headers_in.accept_encoding != nullptr);
      },
      []() -> ngx_int_t { return NGX_ERROR; });
}

}  // namespace

void UpstreamCodings::limit(ngx_http_request_t* r) {
  if (r->headers_in.accept_encoding == nullptr || !changed_.empty()) return;
  bool star_seen = false;
  each_field(r, [&](ngx_table_elt_t& field) {
    const std::string_view sent = view(field.value);
    const bool star = sent.find('*') != sent.npos;  // then it matters what other fields name
    const bool first_star = star && !std::exchange(star_seen, true);
    const std::string of_star = star ? without_unreadable(sent, first_star ? joined(r) : std::string()) : std::string();
    const std::string& left = star ? of_star : recent_fields.without_unreadable(sent);
    if (!left.empty()) change(r, field, left);
  });
}

void UpstreamCodings::change(ngx_http_request_t* r, ngx_table_elt_t& field, const std::string& left) {
  if (changed_.empty()) client_s_ = joined(r);
  const ngx_str_t value = copy(r->pool, left);
  auto* original = static_cast<ngx_table_elt_t*>(ngx_palloc(r->pool, sizeof(ngx_table_elt_t)));
  if (value.data == nullptr || original == nullptr) return;
  changed_.push_back({&field, field.value});
  if (&field == r->headers_in.accept_encoding) {
    first_ = &field;
    *original = field;
    r->headers_in.accept_encoding = original;
  }
  field.value = value;
}

void UpstreamCodings::put_back(ngx_http_request_t* r) {
  for (const Changed& changed : changed_) changed.field->value = changed.original;
  changed_.clear();
  client_s_.clear();
  if (first_ != nullptr) r->headers_in.accept_encoding = std::exchange(first_, nullptr);
}

ngx_int_t add_accept_encoding_variable(ngx_conf_t* cf) {
  // Changeable, for instance by `set`, as NGINX's own is.
  ngx_http_variable_t variable{
      ngx_string("http_accept_encoding"), nullptr, get_accept_encoding, 0, NGX_HTTP_VAR_CHANGEABLE, 0};
  return add_variables(cf, {&variable, 1});
}

}  // namespace personalize::module
