// A YAML file as a tree that knows the place of every byte in the file, bounded in size, depth and aliases.
//
// yaml-cpp does the parsing. What it lacks, the place of a character *inside* a scalar (a mistake in a template within
// a block scalar, say), is found by reading the scalar's source again: see scalar_source.h.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "rules/diagnostic.h"

namespace personalize::rules::yaml {

/// Limits on what a file may contain, besides `rules::max_source_bytes`.
inline constexpr std::size_t max_depth = 32;         ///< nested lists and maps
inline constexpr std::size_t max_nodes = 1'000'000;  ///< with every alias counted as what it stands for

struct Node {
  enum class Kind : std::uint8_t { null, scalar, list, map };
  Kind kind = Kind::null;
  bool quoted = false;       ///< a scalar in quotes or a block scalar: always text
  std::uint32_t offset = 0;  ///< of its first byte in the file
  std::string text;          ///< of a scalar
  std::vector<const Node*> items;
  std::vector<std::pair<const Node*, const Node*>> entries;  ///< in the file's order; keys may repeat

  bool is_scalar() const { return kind == Kind::scalar; }
  bool is_list() const { return kind == Kind::list; }
  bool is_map() const { return kind == Kind::map; }
};

class Document {
 public:
  /// Parses `text`. YAML errors go to `diagnostics`; then null is returned. `file` and `text` must outlive the
  /// document.
  static std::unique_ptr<Document> parse(std::string_view file, std::string_view text, Diagnostics& diagnostics);

  /// A document without YAML, for mistakes in nodes that were made by hand.
  static std::unique_ptr<Document> made(std::string_view file) {
    return std::unique_ptr<Document>(new Document(file, {}));
  }

  /// Null-kind node for an empty file.
  const Node& root() const { return *root_; }
  std::string_view file() const { return file_; }

  Diagnostic at(const Node& node, std::string message,
                Diagnostic::Severity severity = Diagnostic::Severity::error) const;
  /// The place of byte `position` of a scalar's text.
  Diagnostic at(const Node& scalar, std::size_t position, std::string message,
                Diagnostic::Severity severity = Diagnostic::Severity::error) const;
  /// The place of a byte of the file.
  Diagnostic at_offset(std::size_t offset, std::string message,
                       Diagnostic::Severity severity = Diagnostic::Severity::error) const;

 private:
  friend class TreeBuilder;
  Document(std::string_view file, std::string_view text);

  std::string_view file_;
  std::string_view text_;
  std::vector<std::uint32_t> lines_;  // offsets of the lines' first bytes
  std::deque<Node> nodes_;
  const Node* root_ = nullptr;
  mutable std::size_t counted_to_ = 0;  // the offset that `column_` is for
  mutable std::size_t column_ = 1;
};

/// The kind of `node`, for messages: "a list", "a map", "nothing", "text".
std::string_view describe(const Node& node);

}  // namespace personalize::rules::yaml
