#include "module/http/preconditions.h"

#include <algorithm>
#include <cassert>

#include "module/http/fields.h"
#include "module/http/request_headers.h"
#include "module/http/validators.h"
#include "module/status/counters.h"

namespace personalize::module {
namespace {

struct Field {
  std::string_view name;
  ngx_table_elt_t* ngx_http_headers_in_t::*known;
  bool range;
};
constexpr std::string_view none_match = "if-none-match", modified_since = "if-modified-since";
constexpr Field fields[] = {
    {none_match, &ngx_http_headers_in_t::if_none_match, false},
    {modified_since, &ngx_http_headers_in_t::if_modified_since, false},
    {"range", &ngx_http_headers_in_t::range, true},
    {"if-range", &ngx_http_headers_in_t::if_range, true},
};

const Field& field_of(const ngx_table_elt_t& header) {
  const auto* field =
      std::find_if(std::begin(fields), std::end(fields), [&](const Field& f) { return f.name == lower_name(header); });
  assert(field != std::end(fields));
  return *field;
}

/// The upstream supports ranges, but sent everything, as it was not asked for one.
bool has_parts(const ngx_http_request_t* r) {
  const ngx_table_elt_t* said = r->headers_out.accept_ranges;
  return !r->allow_ranges && said != nullptr && said->hash != 0 && view(said->value) == "bytes";
}

}  // namespace

void Preconditions::take_out(ngx_http_request_t* r, bool range) {
  if (!range && r->headers_in.range != nullptr) return;
  Taken** end = &first_;
  while (*end != nullptr) end = &(*end)->next;
  for (const Field& field : fields) {
    if (r->headers_in.*field.known == nullptr || (field.range && !range)) continue;
    for (;;) {
      auto* taken = static_cast<Taken*>(ngx_pcalloc(r->pool, sizeof(Taken)));
      const std::optional<ngx_table_elt_t> header = taken != nullptr ? module::take_out(r, field.name) : std::nullopt;
      if (!header) break;
      taken->header = *header;
      *end = taken;
      end = &taken->next;
    }
    r->headers_in.*field.known = nullptr;
  }
}

void Preconditions::put_back(ngx_http_request_t* r) {
  for (; first_ != nullptr; first_ = first_->next) {
    ngx_table_elt_t*& known = r->headers_in.*field_of(first_->header).known;
    ngx_table_elt_t* header = module::put_back(r, first_->header);
    if (known == nullptr) known = header;
  }
}

void Preconditions::apply(ngx_http_request_t* r) {
  if (first_ == nullptr) return;
  if (r->disable_not_modified && (find(none_match) != nullptr || find(modified_since) != nullptr)) {
    r->disable_not_modified = 0;
    // These were passed on to the upstream.
    r->headers_in.if_match = nullptr;
    r->headers_in.if_unmodified_since = nullptr;
  }
  if (find("range") != nullptr && has_parts(r)) {
    r->allow_ranges = r->single_range = 1;
    r->headers_out.accept_ranges->hash = 0;  // the range filter adds its own
    r->headers_out.accept_ranges = nullptr;
  }
  put_back(r);
}

const Preconditions::Taken* Preconditions::find(std::string_view name) const {
  const Taken* taken = first_;
  while (taken != nullptr && lower_name(taken->header) != name) taken = taken->next;
  return taken;
}

bool Preconditions::names(const ngx_http_request_t* r, std::string_view etag) const {
  if (find(none_match) == nullptr) return if_none_match_names(r, etag);
  for (const Taken* taken = first_; taken != nullptr; taken = taken->next) {
    if (lower_name(taken->header) == none_match && matches(view(taken->header.value), etag)) return true;
  }
  return false;
}

void answer_not_modified(ngx_http_request_t* r) {
  ++counters().not_modified;
  r->headers_out.status = NGX_HTTP_NOT_MODIFIED;
  r->headers_out.status_line.len = 0;
  r->headers_out.content_type.len = 0;
  ngx_http_clear_content_length(r);
}

}  // namespace personalize::module
