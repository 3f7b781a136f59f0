// Facts of the records that were read last. Visitors share records, as a record belongs to a network, and finding a
// record is much cheaper than reading it.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "geo/database.h"

namespace personalize::geo {

/// For one database, one set of fields and one thread. Bounded: each record has one place, and the next record with
/// that place replaces it.
class RecentRecords {
 public:
  RecentRecords(std::shared_ptr<const Database> database, Fields wanted)
      : database_(std::move(database)), wanted_(wanted & database_->kind().fields), slots_(new Slot[size]) {}

  /// What is known of a match of this database; valid until the next call.
  std::span<const Fact> facts(const Database::Match& match);
  const std::shared_ptr<const Database>& database() const { return database_; }

 private:
  static constexpr std::size_t size = 1024;
  struct Slot {
    std::uint32_t record = 0;
    bool used = false;
    std::vector<Fact> facts;
  };

  std::shared_ptr<const Database> database_;
  Fields wanted_;
  std::unique_ptr<Slot[]> slots_;
  std::vector<Fact> without_record_;
};

}  // namespace personalize::geo
