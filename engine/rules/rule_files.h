// Finds and reads rule files, and notices when they change.
#pragma once

#include <chrono>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "geo/file_copy.h"
#include "plugins/regular_file.h"
#include "rules/diagnostic.h"
#include "rules/rule_set.h"

namespace personalize::engine {

/// Whether a path stands for the files that match it: `*`, `?` and `[…]` as in glob(7).
bool is_pattern(std::string_view path);

/// The files that match `paths` now, those of one pattern in alphabetical order. A path without wildcards stands for
/// itself, even if there is no such file.
std::vector<std::string> expand(const std::vector<std::string>& paths);

/// The texts of a set of rule files, with which it can be loaded when the files are not what they were.
struct RuleTexts {
  std::vector<rules::SourceFile> files;  ///< included ones after the others
  std::size_t named = 0;                 ///< how many of them, from the first, are not included ones
};

/// The files that a set of rules is loaded from.
class RuleFiles {
 public:
  /// `paths`: as for `expand`. Included files may only be in the folders of `paths`, of patterns the part before the
  /// first wildcard, and below them.
  RuleFiles(const std::vector<std::string>& paths);
  RuleFiles(std::initializer_list<std::string> paths) : RuleFiles(std::vector<std::string>(paths)) {}
  /// These texts in place of the files; they must outlive this.
  explicit RuleFiles(const RuleTexts& texts);

  const std::vector<std::string>& names() const { return names_; }
  /// What is wrong with the patterns: nothing matches any of them, or a folder cannot be read.
  const rules::Diagnostics& mistakes() const { return mistakes_; }
  /// Every folder can be read, but no file is in them.
  bool nothing_there() const { return nothing_there_; }

  /// The text of one of `names`, or of a file that one of them includes; or why it cannot be read.
  tl::expected<std::string, std::string> read(const std::string& name) const;
  tl::expected<std::string, std::string> read_included(const std::string& name) const;

 private:
  void find_folders(const std::vector<std::string>& paths);

  std::vector<std::string> names_;
  rules::Diagnostics mistakes_;
  bool nothing_there_ = false;
  std::vector<std::string> named_folders_;  // absolute, with the links that are in them
  plugins::Folders folders_;                // where these truly are
  const RuleTexts* texts_ = nullptr;
};

/// A file as it was at some moment.
struct FileSnapshot {
  std::string path;
  geo::FileState state;
  bool operator==(const FileSnapshot&) const = default;
};
using FileSnapshots = std::vector<FileSnapshot>;

/// The state of `path`, to be taken before the file is read. A file that has just changed could change again and look
/// the same; its state is unknown, so that it compares as changed the next time.
FileSnapshot snapshot_before_reading(const std::string& path);

/// A file system that does not answer within this time is taken for gone.
inline constexpr std::chrono::seconds max_reading_time{10};

/// Like plugins::read_regular_file for a rule file, but fails if that takes too long. In a thread that reports its
/// waiting to somebody else (see plugins::Patience), that one decides.
tl::expected<std::string, std::string> read_in_time(const std::string& path, const plugins::Folders* below);

}  // namespace personalize::engine
