// What the names in a template mean.
#pragma once

#include <cstddef>
#include <initializer_list>
#include <optional>
#include <set>
#include <string>
#include <tl/expected.hpp>
#include <utility>
#include <vector>

#include "rules/key_use.h"
#include "rules/schema.h"
#include "rules/templates/parse.h"
#include "rules/templates/program.h"

namespace personalize::rules::templates {

/// Finds the attributes that a template mentions, by the sections around each name.
class NameResolver {
 public:
  struct Mistake {
    std::size_t offset;
    std::string message;
  };

  /// `schema`: null if any name may be known.
  explicit NameResolver(const Schema* schema) : schema_(schema) {}

  tl::expected<Name, Mistake> resolve(const Node& node);
  /// Whether what a section of that name shows can have names of its own.
  bool opens_map(const Name& name) const;
  /// Whether it is of type `html`.
  bool is_markup(const Name& name) const;
  /// The attribute with the first of these roles that is present.
  std::optional<AttributeId> first_with(std::initializer_list<Role> roles);

  /// What is known of the name's values, before what it is named in; `dyn` if nothing is.
  Type type_of(const Name& name) const;
  /// The same of `.`.
  Type section_type() const { return section_types_.empty() ? Type() : section_types_.back(); }
  /// Whether its values may be timestamps or durations, or have some.
  bool may_have_times(const Name& name) const;

  /// `name`: of what the section shows.
  void enter_section(const Name* name, bool opens_map);
  void leave_section(bool opens_map);
  bool in_section() const { return !section_types_.empty(); }
  /// Whether an enclosing section may have names of its own.
  bool in_map() const { return open_maps_ > 0; }

  /// All that were found.
  std::vector<AttributeId> attributes() const { return {attributes_.begin(), attributes_.end()}; }
  /// Keys of those that are maps.
  std::vector<KeyUse> keys() const;

 private:
  std::optional<Mistake> find_attribute(const Node& node, Name& name);
  void use_key(Name& name);

  const Schema* schema_;
  std::vector<Type> section_types_;  // of `.` in the sections around the next name
  std::size_t open_maps_ = 0;        // of these, those that may have names of their own
  std::set<AttributeId> attributes_;
  std::set<std::pair<AttributeId, std::optional<std::string>>> keys_;
};

}  // namespace personalize::rules::templates
