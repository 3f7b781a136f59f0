// Ids, names and addresses as they are kept.
#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>

#include "learn/events/product_facts.h"

namespace personalize::learn::events {

/// Letters of ASCII in lower case.
std::string in_lower_case(std::string_view text);
/// Without white space around it.
std::string_view stripped(std::string_view text);
/// At most `max` bytes of it, of whole characters.
std::string_view shortened(std::string_view text, std::size_t max);

/// Adds the id, unless it is a placeholder ("N/A"), too long, no GTIN where one should be, or there already.
void add_id(ProductFacts& facts, IdKind kind, std::string_view id);
/// The kind of id that a property of that name, in lower case, is; nothing if it is none.
std::optional<IdKind> id_kind(std::string_view property);
/// "sku:123" and the like, or an id without kind.
void add_id_with_prefix(ProductFacts& facts, std::string_view id);

/// An address that can be kept: not too long, and no data.
std::string_view usable_url(std::string_view url);
/// Path and query of an address, without scheme, host, fragment and a slash at the end.
std::string address_of(std::string_view url);

Availability read_availability(std::string_view text);

/// Fills what `facts` does not say with what `others` do.
void complete(ProductFacts& facts, const ProductFacts& others);

}  // namespace personalize::learn::events
