// A map of a rule file, checked against the table of what it may contain.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rules/decide/pages.h"
#include "rules/load/file_format.h"
#include "rules/yaml/document.h"

namespace personalize::rules::load {

/// Thrown when it is pointless to look for more mistakes.
struct TooManyMistakes {};

/// Where mistakes go.
class Reports {
 public:
  static constexpr std::size_t max_mistakes = 1000;
  explicit Reports(Diagnostics& diagnostics) : diagnostics_(diagnostics) {}
  void add(Diagnostic diagnostic) {
    diagnostics_.push_back(std::move(diagnostic));
    if (diagnostics_.size() >= max_mistakes) throw TooManyMistakes();
  }
  std::size_t size() const { return diagnostics_.size(); }

 private:
  Diagnostics& diagnostics_;
};

/// The keys of one map whose values have the right shape. Unknown and repeated keys, values of the wrong shape and
/// missing keys are reported by the constructor.
class Fields {
 public:
  Fields(const yaml::Document& document, const yaml::Node& node, const Object& object, Reports& reports);

  /// Null if absent or wrong.
  const yaml::Node* find(std::string_view key) const;
  std::string text(std::string_view key) const;  ///< empty if absent
  std::int32_t integer(std::string_view key, std::int32_t otherwise) const;
  bool boolean(std::string_view key, bool otherwise) const;
  /// Of `text | texts`: the scalars.
  std::vector<const yaml::Node*> texts(std::string_view key) const;
  /// Of `object | objects`: the maps.
  std::vector<const yaml::Node*> objects(std::string_view key) const;

 private:
  std::vector<std::pair<const Key*, const yaml::Node*>> found_;
};

/// The entries of a map from names to anything; a name that is repeated or is not a name is reported and left out.
/// `identifier`: names must be CEL identifiers; otherwise letters, digits, `.`, `_` and `-` are allowed.
std::vector<std::pair<const yaml::Node*, const yaml::Node*>> named_entries(const yaml::Document& document,
                                                                           const yaml::Node& map, bool identifier,
                                                                           Reports& reports);

/// Why `name` cannot be a name, if it cannot.
std::optional<std::string> refuse_name(std::string_view name, bool identifier);

std::optional<std::int32_t> parse_integer(const yaml::Node& node);
std::optional<double> parse_number(const yaml::Node& node);  ///< finite
std::optional<bool> parse_boolean(const yaml::Node& node);

/// Of `pages`; those that are none are reported.
PagePatterns read_pages(const yaml::Document& document, const Fields& fields, Reports& reports);

std::string in_quotes(std::string_view name);

}  // namespace personalize::rules::load
