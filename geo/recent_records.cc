#include "geo/recent_records.h"

namespace personalize::geo {

std::span<const Fact> RecentRecords::facts(const Database::Match& match) {
  if (!match.found) {
    without_record_.clear();
    database_->read(match, wanted_, without_record_);
    return without_record_;
  }
  Slot& slot = slots_[(match.record * 0x9e3779b1u) >> 22];  // Fibonacci hashing, the upper 10 bits
  if (!slot.used || slot.record != match.record) {
    slot.used = false;
    slot.facts.clear();
    database_->read(match, wanted_, slot.facts);
    slot.record = match.record;
    slot.used = true;
  }
  return slot.facts;
}

}  // namespace personalize::geo
