// Collects the entries of a map.
#pragma once

#include "rules/cel/compare.h"

namespace personalize::rules::cel {

class MapBuilder {
 public:
  /// For at most `capacity` entries.
  MapBuilder(std::size_t capacity, Scope& scope);
  /// Null, or why the entry cannot be added.
  const char* add(const Value& key, const Value& value);
  Value map() const { return Value::map({entries_, count_}); }

 private:
  bool has(const Value& key);

  Scope& scope_;
  MapEntry* entries_;
  std::size_t count_ = 0;
  std::uint32_t* slots_ = nullptr;  // hash table of entry numbers from 1, if there are many
  std::size_t slot_count_ = 0;
};

}  // namespace personalize::rules::cel
