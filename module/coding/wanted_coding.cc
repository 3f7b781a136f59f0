#include "module/coding/wanted_coding.h"

#include "module/coding/accept_encoding.h"
#include "module/coding/weighted_list.h"
#include "module/page/filters.h"

namespace personalize::module {
namespace {

using Setter = decltype(ngx_command_t::set);

/// Position of the module in NGINX's list; the list's length if it is not there.
ngx_uint_t position(const ngx_cycle_t& cycle, std::string_view name) {
  ngx_uint_t i = 0;
  while (i < cycle.modules_n && cycle.modules[i]->name != name) ++i;
  return i;
}

/// Where the directive stores its value; the setter tells the type.
std::optional<std::size_t> find_place(const ngx_module_t& module, std::string_view directive, Setter setter) {
  if (module.commands == nullptr) return std::nullopt;
  for (const ngx_command_t* command = module.commands; command->name.len != 0; ++command) {
    if (view(command->name) != directive) continue;
    const bool known = command->set == setter && command->conf == NGX_HTTP_LOC_CONF_OFFSET;
    return known ? std::optional(std::size_t{command->offset}) : std::nullopt;
  }
  return std::nullopt;
}

/// The configuration structures of compressing filters are private and differ between versions, but their tables of
/// directives say enough.
Compressor find_compressor(ngx_conf_t* cf, const char* name, std::string_view enable, std::string_view min_length) {
  const ngx_uint_t place = position(*cf->cycle, name);
  if (place == cf->cycle->modules_n) return {};
  const ngx_module_t* module = cf->cycle->modules[place];
  const auto enabled = find_place(*module, enable, ngx_conf_set_flag_slot);
  const auto length = find_place(*module, min_length, ngx_conf_set_size_slot);
  if (enabled && length) return {.module = module, .enable = *enabled, .min_length = *length};
  ngx_log_error(NGX_LOG_WARN, cf->log, 0,
                "personalize: the settings of this version of %s cannot be read: compressed pages are not kept", name);
  return {};
}

bool is_on(ngx_http_request_t* r, const Compressor& compressor, std::size_t size) {
  if (compressor.module == nullptr) return false;
  const auto* conf = static_cast<const char*>(r->loc_conf[compressor.module->ctx_index]);
  if (conf == nullptr) return false;
  return *reinterpret_cast<const ngx_flag_t*>(conf + compressor.enable) == 1 &&
         size >= *reinterpret_cast<const std::size_t*>(conf + compressor.min_length);
}

bool gzip_is_wanted(ngx_http_request_t* r) {
  auto* core = static_cast<ngx_http_core_loc_conf_t*>(ngx_http_get_module_loc_conf(r, ngx_http_core_module));
  constexpr ngx_uint_t always = NGX_HTTP_GZIP_PROXIED_OFF | NGX_HTTP_GZIP_PROXIED_ANY;
  if (r->headers_in.via != nullptr && (core->gzip_proxied & always) == 0) return false;
  if (!r->gzip_tested) return ngx_http_gzip_ok(r) == NGX_OK;
  return r->gzip_ok;
}

}  // namespace

std::optional<Compressors> find_compressors(ngx_conf_t* cf) {
  constexpr const char* brotli = "ngx_http_brotli_filter_module";
  const Compressors found{.gzip = find_compressor(cf, "ngx_http_gzip_filter_module", "gzip", "gzip_min_length"),
                          .brotli = find_compressor(cf, brotli, "brotli", "brotli_min_length")};
  // Modules after ours in that list see responses before we do.
  const ngx_uint_t theirs = position(*cf->cycle, brotli);
  if (theirs == cf->cycle->modules_n || theirs < position(*cf->cycle, "ngx_http_personalize_module")) return found;
  ngx_log_error(
      NGX_LOG_EMERG, cf->log, 0,
      "personalize: %s must be loaded before ngx_http_personalize_module, or pages would be compressed before "
      "they are personalized: exchange their \"load_module\" lines",
      brotli);
  return std::nullopt;
}

namespace {

/// As NGINX's compressing filters see it, which compress no "text/html;version=1".
bool is_plain_html(const ngx_http_request_t* r) {
  return same(view(r->headers_out.content_type).substr(0, r->headers_out.content_type_len), "text/html");
}

}  // namespace

Coding wanted_coding(ngx_http_request_t* r, const Compressors& compressors, std::size_t size) {
  const bool brotli_on = is_on(r, compressors.brotli, size), gzip_on = is_on(r, compressors.gzip, size);
  if (!(brotli_on || gzip_on) || !is_plain_html(r)) return Coding::identity;
  r->gzip_vary = 1;
  const ngx_table_elt_t* accepted = r->headers_in.accept_encoding;
  if (accepted == nullptr) return Coding::identity;
  const int brotli = brotli_on ? quality(view(accepted->value), to_string(Coding::brotli)) : 0;
  const int gzip = gzip_on ? quality(view(accepted->value), to_string(Coding::gzip)) : 0;
  if (brotli != 0 && brotli >= gzip) return Coding::brotli;
  return gzip != 0 && gzip_is_wanted(r) ? Coding::gzip : Coding::identity;
}

}  // namespace personalize::module
