// Expressions of the Common Expression Language (github.com/google/cel-spec, all of it but protobuf
// messages), compiled once when rules are loaded and evaluated for every request.
//
//   cel::Environment environment(schema);
//   std::vector<cel::Error> errors;
//   auto program = cel::Program::compile("geo.country in ['GB', 'IE']", environment, errors);
//   if (program && program->evaluate(context, arena).is_true()) …
#pragma once

#include <cstddef>
#include <map>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rules/schema.h"
#include "rules/value.h"

namespace personalize::rules::cel {

/// A mistake in an expression.
struct Error {
  std::size_t offset;   ///< in bytes from the start of the expression
  std::string message;  ///< one sentence, lower case, no full stop
};

/// Limits on what an expression may use. The same unit, roughly one elementary operation, is used for the
/// static estimate when it is compiled and for the budget of one evaluation.
inline constexpr std::size_t max_source_bytes = 64 * 1024;
inline constexpr std::uint32_t max_depth = 250;
inline constexpr std::uint64_t max_cost = 100'000;

class Program;

/// What the names in an expression mean: attributes of a schema, and segments (named conditions) as
/// `segments.NAME`. Filled at load; programs compiled with it do not need it afterwards, but they do need the
/// schema's ids to stay.
class Environment {
 public:
  explicit Environment(const Schema& schema) : schema_(schema) {}

  struct Segment {
    std::string name;
    std::string source;
  };
  struct SegmentError {
    std::size_t segment;  ///< position in the list given to `add_segments`
    Error error;
  };
  /// Compiles segments, which may mention each other in any order, but not in cycles. Those with errors stay known by
  /// name, so that mentioning them is not another error.
  void add_segments(std::span<const Segment> segments, std::vector<SegmentError>& errors);

  /// Number of segments: the size of a `SegmentValues`.
  std::size_t segment_count() const { return segments_.size(); }

  /// Namespace in which names are looked up first ("a.b": then `x` is `a.b.x`, `a.x` or `x`).
  void set_container(std::string container) { container_ = std::move(container); }
  /// Unknown names and functions and wrong types become errors of the evaluation instead of the compilation.
  void set_unchecked(bool unchecked) { unchecked_ = unchecked; }

  const Schema& schema() const { return schema_; }
  const std::string& container() const { return container_; }
  bool unchecked() const { return unchecked_; }

  struct CompiledSegment {
    std::uint32_t index;                     ///< in `SegmentValues`
    std::shared_ptr<const Program> program;  ///< null if it had errors
    mutable bool mentioned = false;          ///< by an expression that was compiled with it
  };
  const CompiledSegment* segment(std::string_view name) const;
  const std::map<std::string, CompiledSegment, std::less<>>& segments() const { return segments_; }

 private:
  const Schema& schema_;
  std::string container_;
  bool unchecked_ = false;
  std::map<std::string, CompiledSegment, std::less<>> segments_;
};

/// Values of the segments evaluated for this request so far (`missing`: not yet), so that a segment that many rules
/// mention is evaluated once. `Environment::segment_count()` of them, by index.
using SegmentValues = std::span<Value>;

/// One compiled expression. Immutable; shared by all threads.
class Program {
 public:
  enum class Result : std::uint8_t {
    condition,  ///< must be bool
    any,
  };

  /// Null if there are errors; all that were found are appended to `errors`. Throws nothing but
  /// std::bad_alloc.
  static std::unique_ptr<Program> compile(std::string_view source, const Environment& environment,
                                          std::vector<Error>& errors, Result result = Result::condition);
  ~Program();
  Program(const Program&) = delete;
  Program& operator=(const Program&) = delete;

  /// The expression's value, or `Kind::error` with a message: `is_missing_attribute()` if the reason is that
  /// an attribute is not known. What the value points to belongs to the program, the context or `arena`.
  /// Throws only what the arena throws, always ends within `max_cost`.
  Value evaluate(const Context& context, Arena& arena, SegmentValues segments = {}) const;

  /// Attributes that the expression mentions, also through segments, ascending.
  std::span<const AttributeId> attributes() const;

  /// The value if it depends on nothing.
  std::optional<Value> constant() const;

  /// Static type of the value as it is written in rule files ("bool", "list<string>", "dyn").
  std::string type() const;

  std::string_view source() const;

  /// Why the condition is not true: the sub-expression that made it so with the values it saw, e.g.
  /// `weather.raining is false` or `geo.country in ["GB", "IE"] is false: geo.country = "DE"`, or
  /// `geo.country is not known`. For a condition that is true: the same for what made it true. For tools.
  std::string explain(const Context& context, Arena& arena) const;

  struct Impl;
  const Impl& impl() const { return *impl_; }

 private:
  explicit Program(std::unique_ptr<const Impl> impl);
  std::unique_ptr<const Impl> impl_;
};

/// Whether an evaluation failed because something is not there: an attribute, a key of a map, an element of a list.
bool says_absent(const Value& value);

/// A value as an expression would write it: `"GB"`, `[1, 2]`, `timestamp("2026-…")`. At most about `limit`
/// bytes.
std::string to_source(const Value& value, std::size_t limit = 200);

}  // namespace personalize::rules::cel
