// Templates of rule files: Mustache, compiled once for the place where the result lands.
//
// Escaping is contextual: the template's own HTML is parsed (html_state.h), and each value is escaped for its place in
// it. Where no escaping makes a value safe (scripts, styles, event handlers, unquoted attributes) the template is
// refused when it is compiled; so is one whose end is in another context than its beginning.
#pragma once

#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <memory_resource>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "html/edits/edit.h"
#include "rules/key_use.h"
#include "rules/schema.h"
#include "rules/templates/parse.h"
#include "rules/value.h"

namespace personalize::rules::templates {

/// Where the result lands.
enum class Target : std::uint8_t {
  html,       ///< between tags
  attribute,  ///< inside a double-quoted attribute
  url,        ///< a whole address, not escaped for HTML
  plain,      ///< text that the receiver escapes
};

/// What the names in a template mean.
struct Environment {
  /// Names are attributes of this schema; null: the data are a map known only when rendering, its strings are vouched
  /// for as HTML, and so is what follows a `<`.
  const Schema* schema = nullptr;
  /// The source of a partial by name; it must stay where it is. Empty: there is none.
  std::function<std::optional<std::string_view>(std::string_view name)> partial = {};
  /// Names nearest to a misspelled partial's, or empty.
  std::function<std::string_view(std::string_view name)> partial_suggestion = {};
  /// Bytes of partials that all templates together may still take in; counted down. Null: no limit.
  std::size_t* partial_bytes = nullptr;
  /// People read the result of `Target::plain`.
  bool read_by_people = false;
};

inline constexpr std::size_t max_output_bytes = 1024 * 1024;
inline constexpr std::size_t max_partials_deep = 64;  ///< while rendering: partials may contain themselves
inline constexpr std::size_t max_steps = 200'000;     ///< of one rendering

struct Program;

class Template {
 public:
  /// Null if there are errors; all that were found are appended. `source` may go away afterwards.
  static std::unique_ptr<Template> compile(std::string_view source, Target target, const Environment& environment,
                                           std::vector<Error>& errors);
  ~Template();

  /// Attributes that the template mentions, ascending.
  std::span<const AttributeId> attributes() const;
  /// Keys of those that are maps.
  std::span<const KeyUse> keys() const;

  /// The result if it is always the same.
  std::optional<std::string_view> constant() const;
  /// Of that.
  html::EditForm form() const;

  /// What the result may look like, with something inconspicuous for each value, and either all sections or all
  /// inverted ones.
  std::string sample(bool sections) const;

  /// Appends the result to `out`. False if it went over a limit or, for `Target::html`, if values that are
  /// HTML themselves (or optional parts) broke its structure: then `out` is as it was.
  /// `form` is set to the result's, if it has one.
  bool render(const rules::Context& context, std::pmr::string& out, html::EditForm* form = nullptr) const;
  /// The same with a map as data.
  bool render(const Value& data, std::pmr::string& out) const;

 private:
  explicit Template(std::unique_ptr<const Program> program);
  std::unique_ptr<const Program> program_;
};

}  // namespace personalize::rules::templates
