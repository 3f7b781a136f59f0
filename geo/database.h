// A MaxMind database in memory: addresses to records, records to facts. Reads its private copy through
// libmaxminddb.
#pragma once

#include <maxminddb.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "geo/address.h"
#include "geo/field.h"
#include "geo/file_copy.h"

namespace personalize::geo {

/// Immutable; what its facts point to lives as long as it does.
class Database {
 public:
  /// Copies and checks the file, unless it is `opened` already. Throws LoadError.
  static std::shared_ptr<const Database> open(const std::string& path);
  /// The same from a copy that is complete.
  static std::shared_ptr<const Database> open(const FileCopy& copy);
  /// The database that this process opened from the file as it is now, if it is still in use. For one thread.
  static std::shared_ptr<const Database> opened(const FileState& state);
  ~Database();
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  struct Match {
    bool found = false;        ///< the address is in the database
    bool damaged = false;      ///< the search tree led nowhere
    std::uint32_t record = 0;  ///< its offset: the same for all addresses that share it
    unsigned prefix = 0;       ///< bits of the address that decided it, see `network_of`
    bool v6_network = false;   ///< an IPv4 address was decided by fewer bits than IPv4's part of the tree has
    bool unmapped = false;     ///< ::ffff:a.b.c.d was looked up as a.b.c.d
  };
  /// An IPv4-mapped address finds what the IPv4 address finds.
  Match find(const Address& address) const noexcept;

  /// Appends those of the `wanted` fields that the record has, then its flags that are false. Values of the
  /// wrong type, out of range or not UTF-8 count as absent.
  void read(const Match& match, Fields wanted, std::vector<Fact>& facts) const;

  const DatabaseKind& kind() const { return kind_; }
  std::string_view type() const;  ///< metadata's database_type
  std::uint64_t built() const;    ///< seconds since 1970
  std::uint32_t nodes() const;    ///< of the search tree
  const FileState& state() const { return state_; }
  const MMDB_s& handle() const { return mmdb_; }  ///< for tools

 private:
  Database() = default;
  Match look_up(const Address& address) const noexcept;

  MMDB_s mmdb_{};
  bool opened_ = false;
  DatabaseKind kind_{};
  FileState state_;
};

/// "192.0.2.0/24": the network that `match` holds for.
std::string network_of(const Address& address, const Database::Match& match);

}  // namespace personalize::geo
