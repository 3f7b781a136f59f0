// One load of a set of rule files, for all engines that will serve with them.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "engine/rules/rule_files.h"
#include "rules/diagnostic.h"
#include "rules/rule_set.h"
#include "rules/schema.h"

namespace personalize::engine {

/// Reads each file once, and compiles the files once for each schema: engines whose plugins give rules the same
/// attributes share one rule set.
class RuleLoad {
 public:
  explicit RuleLoad(RuleFiles files);
  /// Of texts that were kept.
  explicit RuleLoad(RuleTexts texts);
  RuleLoad(const RuleLoad&) = delete;
  RuleLoad& operator=(const RuleLoad&) = delete;

  const std::vector<std::string>& names() const { return files_.names(); }
  /// Reads the files of these names. False if one of them cannot be read, or if there is none.
  bool read(rules::Diagnostics& diagnostics);
  std::span<const rules::SourceFile> named() const { return named_; }
  /// The rule set; null if there are mistakes. All mistakes are reported each time. `sources`, for tools, is filled if
  /// nobody asked with this schema before.
  std::shared_ptr<const rules::RuleSet> compile(const rules::Schema& schema, rules::Diagnostics& diagnostics,
                                                rules::load::Sources* sources = nullptr);
  /// Messages may not quote scripts that make no rules (see rules/load/recognition.h).
  void hide_foreign_text(rules::Diagnostics& diagnostics) const;

  /// Every file that was read or could not be read.
  const FileSnapshots& seen() const { return seen_; }
  RuleTexts texts() const;
  /// How often the files were compiled.
  std::size_t compilations() const { return compiled_.size(); }

 private:
  using Text = tl::expected<std::string, std::string>;  ///< or why it cannot be read
  struct Compiled {
    rules::Schema schema;
    std::shared_ptr<const rules::RuleSet> rules;
    rules::Diagnostics diagnostics;
  };

  template <class Read>
  Text take(const std::string& path, Read read);
  const Text& include(const std::string& path);

  const RuleTexts kept_;  // what `files_` may refer to
  const RuleFiles files_;
  bool was_read_ = false;
  rules::Diagnostics mistakes_;  // of reading
  std::vector<rules::SourceFile> named_;
  std::map<std::string, Text> included_;
  std::vector<std::string> order_;  // names of the included ones
  FileSnapshots seen_;
  std::size_t bytes_ = 0;
  std::string why_exhausted_;  // nothing more can be read
  std::set<std::string> foreign_scripts_;
  std::deque<Compiled> compiled_;
};

}  // namespace personalize::engine
