// The product, article or video that a page is about, by what the page says: JSON-LD, else microdata, else what social
// networks read.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "learn/events/facts/page_data.h"

namespace personalize::learn::events {

enum class FactsKind : std::uint8_t { none, product, article, video };
enum class FactsSource : std::uint8_t { none, json_ld, microdata, meta };
enum class Availability : std::uint8_t { unknown, in_stock, out_of_stock, preorder, backorder, discontinued };

/// What an id is; in the order in which they are preferred.
enum class IdKind : std::uint8_t {
  sku,
  product_id,
  mpn,
  gtin,
  group,  ///< of all variants together
  field,  ///< of a form that puts the product into the cart
};

struct ProductId {
  IdKind kind;
  std::string id;

  friend bool operator==(const ProductId&, const ProductId&) = default;
};

/// Empty texts and numbers that are not there are unknown.
struct ProductFacts {
  FactsKind kind = FactsKind::none;
  FactsSource source = FactsSource::none;
  bool by_path = false;        ///< the page's address decided: at another one it may be about something else
  std::vector<ProductId> ids;  ///< without duplicates, the preferred ones first; also those of variants
  std::string name, brand, category;
  std::string image, url;  ///< as the page has them: they may be relative
  std::string currency;
  std::optional<double> price, list_price;
  Availability availability = Availability::unknown;

  friend bool operator==(const ProductFacts&, const ProductFacts&) = default;
};

namespace limits {
inline constexpr std::size_t max_product_ids = 64;
inline constexpr std::size_t max_product_id = 128;    ///< bytes; longer ones are left out
inline constexpr std::size_t max_product_name = 512;  ///< bytes of names, brands and categories, which are cut
inline constexpr std::size_t max_product_url = 2048;  ///< bytes; longer ones are left out
}  // namespace limits

/// Of a page with several products, the one that the page's address, or the page itself, says is its own; none if that
/// is not clear. Nothing here throws but std::bad_alloc.
ProductFacts read_product_facts(const PageData& page);

std::string_view to_string(FactsKind kind);
std::string_view to_string(FactsSource source);
std::string_view to_string(Availability availability);
std::string_view to_string(IdKind kind);

}  // namespace personalize::learn::events
