// What somebody who asks "what if?" supposes of attributes: `--set geo.country=AT`.
#pragma once

#include <map>
#include <memory>
#include <memory_resource>
#include <optional>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

#include "engine/json/json.h"
#include "rules/schema.h"
#include "rules/value.h"

namespace personalize::engine::json {

/// Values of attributes that hold whatever plugins find out. The order in which they were given does not matter. Owns
/// the values.
class Suppositions {
 public:
  /// `values` are of the attributes' types: {"geo.country": "AT", "request.query.color": "red"}; `texts` are as people
  /// type them: numbers, dates, lists with commas. An entry of a map is named after the map. Or which attribute does
  /// not exist, or what is wrong with its value.
  static tl::expected<Suppositions, std::string> read(const Json& values, const Json& texts,
                                                      const rules::Schema& schema);

  /// The value that is supposed: "missing" may be.
  std::optional<rules::Value> find(std::string_view attribute) const;
  /// It, if it is a text or a number.
  std::optional<std::string_view> text(std::string_view attribute) const;
  std::optional<std::int64_t> integer(std::string_view attribute) const;
  /// Entries of a map that are supposed one by one.
  using Entries = std::map<std::string, rules::Value, std::less<>>;
  const Entries& entries(std::string_view attribute) const;

  /// Supposes it unless something else is.
  void imply(std::string_view attribute, rules::Value value);

  const std::map<rules::AttributeId, rules::Value>& values() const { return values_; }
  const std::map<rules::AttributeId, Entries>& entries() const { return entries_; }
  rules::Arena& arena() const { return *arena_; }

 private:
  explicit Suppositions(const rules::Schema& schema) : schema_(&schema) {}
  using Added = tl::expected<void, std::string>;
  Added add(const std::string& name, const Json& value, bool is_text);

  const rules::Schema* schema_;  // the engine's
  std::unique_ptr<std::pmr::monotonic_buffer_resource> arena_ = std::make_unique<std::pmr::monotonic_buffer_resource>();
  std::map<rules::AttributeId, rules::Value> values_;
  std::map<rules::AttributeId, Entries> entries_;
};

}  // namespace personalize::engine::json
