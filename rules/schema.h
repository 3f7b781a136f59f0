// Which attributes there are and of what type: what rules are checked against when they are loaded.
#pragma once

#include <array>
#include <cassert>
#include <cstdint>
#include <deque>
#include <functional>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "rules/type.h"
#include "rules/value.h"

namespace personalize::rules {

/// Parses "list<string>" and the like.
std::optional<Type> parse_type(std::string_view text);
std::string to_string(const Type& type);

/// The key of a header field in maps of them: "CF-IPCountry" and "cf_ipcountry" are "cf-ipcountry".
std::string header_key(std::string_view name);

struct Attribute {
  std::string name;  ///< "geo.country": namespace of the plugin, then one or more names
  Type type;
  std::string description;               ///< one line for docs and editors
  std::vector<std::string> values = {};  ///< if `has_fixed_values`: all that it, or an element of a list, can be
  bool has_fixed_values = false;
};

/// What an attribute is used for besides rules, whichever plugin it is of.
enum class Role : std::uint8_t {
  locale,             ///< the visitor's: "de-AT"
  language,           ///< the one of the shop's languages that the visitor gets
  time_zone,          ///< that the visitor's times are written in
  visitor_time_zone,  ///< the same, but missing if it is not known
  consent_personalization,
  consent_measurement,
  bot,
  holiday,   ///< name of the list of holidays that has today
  holidays,  ///< names of all of them
  country,   ///< the visitor's, as a code
  headers,   ///< fields of the request's header, a map: see `Schema::key`
};
inline constexpr std::size_t role_count = static_cast<std::size_t>(Role::headers) + 1;

/// A function of attributes that rules may call: `geo.distance_km(53.3, -6.2)`.
struct AttributeFunction {
  std::string name;              ///< as an attribute's
  std::vector<Type> parameters;  ///< of the call; `double` takes numbers of every type
  Type result;
  std::vector<AttributeId> attributes;  ///< whose values follow the arguments; if one is missing, so is the result
  /// The result, or an error: arguments that are not known when rules are loaded may be anything.
  Value (*value)(std::span<const Value> arguments) = nullptr;
  /// Why a constant cannot be that argument, or null.
  const char* (*refuse)(std::size_t argument, const Value& value) = nullptr;
};

/// A plugin, as rules know it.
struct Provider {
  std::string name;    ///< the namespace of its attributes
  bool fills = false;  ///< rules may have their content from it: `content: NAME`
};
using ProviderId = std::uint32_t;  ///< position in the schema

/// All attributes of all plugins and of the rule files' `attributes`. Filled at load, immutable afterwards.
class Schema {
 public:
  /// Adds an attribute; the one that is there already is returned if the type is the same, else nothing.
  std::optional<AttributeId> add(std::string_view name, Type type, std::string_view description = {},
                                 std::span<const std::string_view> values = {});
  std::optional<AttributeId> find(std::string_view name) const;
  void fix_values(AttributeId id, std::vector<std::string> values);
  void set_role(Role role, AttributeId id) { roles_[static_cast<std::size_t>(role)] = id; }
  std::optional<AttributeId> find(Role role) const { return roles_[static_cast<std::size_t>(role)]; }
  /// The key that stands for one as it is written: names of header fields have no case, and where a name must be an
  /// identifier, `_` stands for `-`.
  std::string key(AttributeId attribute, std::string_view written) const {
    return find(Role::headers) == attribute ? header_key(written) : std::string(written);
  }
  /// Replaces the function of that name if there is one.
  void add_function(AttributeFunction function);
  const AttributeFunction* find_function(std::string_view name) const;
  const std::deque<AttributeFunction>& functions() const { return functions_; }
  /// Of a name that is not there yet.
  ProviderId add_provider(std::string_view name, bool fills);
  std::optional<ProviderId> find_provider(std::string_view name) const;
  std::span<const Provider> providers() const { return providers_; }
  const Attribute& operator[](AttributeId id) const {
    assert(id < attributes_.size());
    return attributes_[id];
  }
  std::size_t size() const { return attributes_.size(); }
  /// A name that only what is recorded of a page may mention: what it stands for is known when the page is over.
  void add_late(std::string name) { late_.push_back(std::move(name)); }
  /// Why an unknown name, or what it is a field of, cannot be mentioned: it is one of these. Empty: it is not.
  std::string late(std::string_view name) const;
  /// The name nearest to a misspelled one, for "did you mean", or empty.
  std::string_view suggestion(std::string_view name) const;

 private:
  struct Hash {
    using is_transparent = void;
    std::size_t operator()(std::string_view name) const { return std::hash<std::string_view>()(name); }
  };
  std::deque<Attribute> attributes_;  // stable addresses: plugins keep references to names
  std::array<std::optional<AttributeId>, role_count> roles_;
  std::deque<AttributeFunction> functions_;
  std::vector<Provider> providers_;
  std::vector<std::string> late_;
  std::unordered_map<std::string, AttributeId, Hash, std::equal_to<>> index_;  // own keys: a schema can be copied
};

/// What is known about one request: a value (or `missing`) per attribute of the schema.
class Context {
 public:
  /// Everything is missing; there are many attributes, and few of them matter to one page.
  Context(const Schema& schema, Arena& arena) : values_(missing_values(schema.size(), arena)) {}
  const Value& operator[](AttributeId id) const {
    assert(id < values_.size());
    return values_[id];
  }
  void set(AttributeId id, Value value) {
    assert(id < values_.size());
    values_[id] = value;
  }
  std::span<Value> values() { return values_; }
  std::span<const Value> values() const { return values_; }
  std::size_t size() const { return values_.size(); }

  /// Whether the attribute of `Role::language` is one of languages that the shop offers, and not just the visitor's.
  bool shop_offers_languages() const { return shop_offers_languages_; }
  void set_shop_offers_languages(bool offers) { shop_offers_languages_ = offers; }

 private:
  std::span<Value> values_;  // the arena's
  bool shop_offers_languages_ = false;
};

}  // namespace personalize::rules
