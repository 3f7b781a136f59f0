// Header fields of requests and responses, as NGINX keeps them.
#pragma once

#include <iterator>
#include <string_view>

#include "module/ngx.h"

namespace personalize::module {

/// For a range-based `for`: the fields of a request, or those of a response that no filter has dropped, in order.
template <bool of_request>
class Fields {
 public:
  class Iterator {
   public:
    explicit Iterator(const ngx_list_part_t* part) : part_(part) { find(); }
    ngx_table_elt_t& operator*() const { return static_cast<ngx_table_elt_t*>(part_->elts)[i_]; }
    Iterator& operator++() {
      ++i_;
      find();
      return *this;
    }
    bool operator==(std::default_sentinel_t) const { return part_ == nullptr; }

   private:
    /// Moves on to the next field unless it is at one.
    void find() {
      while (part_ != nullptr) {
        if (i_ == part_->nelts) {
          part_ = part_->next;
          i_ = 0;
        } else if (of_request || (**this).hash != 0) {
          return;
        } else {
          ++i_;
        }
      }
    }

    const ngx_list_part_t* part_;
    ngx_uint_t i_ = 0;
  };

  explicit Fields(const ngx_list_t& list) : first_(&list.part) {}
  Iterator begin() const { return Iterator(first_); }
  std::default_sentinel_t end() const { return {}; }

  /// The number of fields including dropped ones.
  std::size_t max_size() const {
    std::size_t count = 0;
    for (const ngx_list_part_t* part = first_; part != nullptr; part = part->next) count += part->nelts;
    return count;
  }

 private:
  const ngx_list_part_t* first_;
};

inline Fields<true> request_fields(const ngx_http_request_t* r) { return Fields<true>(r->headers_in.headers); }
inline Fields<false> response_fields(const ngx_http_request_t* r) { return Fields<false>(r->headers_out.headers); }

/// The name of a request's field.
inline std::string_view lower_name(const ngx_table_elt_t& field) {
  return {reinterpret_cast<const char*>(field.lowcase_key), field.key.len};
}

}  // namespace personalize::module
