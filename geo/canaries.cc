#include "geo/canaries.h"

#include <memory>
#include <random>

namespace personalize::geo {
namespace {

constexpr std::size_t sample_size = 64;

/// Goes down the tree at random, avoiding empty branches.
std::optional<Address> random_address(const MMDB_s& tree, std::minstd_rand& random) {
  Address address;
  const int depth = tree.metadata.ip_version == 4 ? 32 : 128;
  address.v4 = depth == 32;
  std::uint32_t node = 0;
  for (int bit = 0; bit < depth; ++bit) {
    MMDB_search_node_s both;
    if (MMDB_read_node(&tree, node, &both) != MMDB_SUCCESS) return std::nullopt;
    const auto leads_on = [](std::uint8_t type) {
      return type == MMDB_RECORD_TYPE_SEARCH_NODE || type == MMDB_RECORD_TYPE_DATA;
    };
    const bool left = leads_on(both.left_record_type), right = leads_on(both.right_record_type);
    if (!left && !right) return std::nullopt;
    const bool go_right = left && right ? (random() & 1) != 0 : right;
    if (go_right) address.bytes[static_cast<std::size_t>(bit / 8)] |= static_cast<std::uint8_t>(0x80 >> bit % 8);
    if ((go_right ? both.right_record_type : both.left_record_type) == MMDB_RECORD_TYPE_DATA) return address;
    node = static_cast<std::uint32_t>(go_right ? both.right_record : both.left_record);
  }
  return std::nullopt;
}

bool readable(const Database& database, const Database::Match& match) {
  MMDB_entry_s entry{&database.handle(), match.record};
  MMDB_entry_data_list_s* list = nullptr;
  const int status = MMDB_get_entry_data_list(&entry, &list);
  MMDB_free_entry_data_list(list);
  return status == MMDB_SUCCESS;
}

}  // namespace

std::vector<Address> canaries(const Database& database, std::size_t count) {
  std::minstd_rand random(1);
  std::vector<Address> addresses;
  for (std::size_t i = 0; i < count; ++i)
    if (const auto address = random_address(database.handle(), random)) addresses.push_back(*address);
  return addresses;
}

std::optional<std::string> objection(const Database& candidate, const Database& current) {
  if (candidate.kind().fields != current.kind().fields)
    return "is a " + std::string(candidate.type()) + " in the place of a " + std::string(current.type());
  for (const Address& address : canaries(candidate, sample_size)) {
    const auto match = candidate.find(address);
    if (match.damaged || !match.found || !readable(candidate, match)) return "has records that cannot be read";
  }
  const auto known = canaries(current, sample_size);
  std::size_t still_known = 0;
  for (const Address& address : known) {
    const auto match = candidate.find(address);
    if (match.damaged) return "has a damaged search tree";
    if (match.found) ++still_known;
  }
  if (still_known * 2 < known.size())
    return "knows only " + std::to_string(still_known) + " of " + std::to_string(known.size()) +
           " addresses that the database in use knows";
  return std::nullopt;
}

}  // namespace personalize::geo
