// NGINX's headers, seen from C++. Included by this folder only.
#pragma once

extern "C" {
#include <ngx_config.h>
#include <ngx_core.h>
#include <ngx_event.h>
#include <ngx_http.h>
}

#include <new>
#include <string_view>
#include <utility>

/// Directives, variables, the phase in which fetches start, and the filter that rewrites bodies, after postpone and SSI
/// and before gzip.
extern "C" ngx_module_t ngx_http_personalize_module;
/// The filter that holds header and body until the decision has been made, before all others.
extern "C" ngx_module_t ngx_http_personalize_hold_module;

namespace personalize::module {

inline std::string_view view(const ngx_str_t& text) { return {reinterpret_cast<const char*>(text.data), text.len}; }

/// The same bytes for functions of NGINX that take them as writable but do not write.
inline ngx_str_t as_ngx(std::string_view text) {
  return {text.size(), reinterpret_cast<u_char*>(const_cast<char*>(text.data()))};
}

/// What a directive's handler returns when it has logged what is wrong.
inline char* const conf_error = static_cast<char*>(NGX_CONF_ERROR);

/// A C++ object that lives and dies with `pool`; null if there is no memory.
template <class T, class... Arguments>
T* make(ngx_pool_t* pool, Arguments&&... arguments) {
  ngx_pool_cleanup_t* cleanup = ngx_pool_cleanup_add(pool, sizeof(T));
  if (cleanup == nullptr) return nullptr;
  T* object = new (cleanup->data) T(std::forward<Arguments>(arguments)...);
  cleanup->handler = [](void* data) { static_cast<T*>(data)->~T(); };
  return object;
}

/// A copy of `text` in `pool`, or an empty string if there is no memory.
inline ngx_str_t copy(ngx_pool_t* pool, std::string_view text) {
  auto* data = static_cast<u_char*>(ngx_pnalloc(pool, text.size()));
  if (data == nullptr) return ngx_null_string;
  text.copy(reinterpret_cast<char*>(data), text.size());  // unlike memcpy it accepts an empty view
  return {text.size(), data};
}

}  // namespace personalize::module
