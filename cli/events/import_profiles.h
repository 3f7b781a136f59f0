// `personalize import-profiles`: what a shop knows of its visitors, into Redis.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

namespace personalize::cli {

struct ImportProfilesOptions {
  std::vector<std::string> files = {};  ///< JSON lines, or CSV with a header; "-" is standard input
  std::vector<std::string> redis = {};  ///< address and parameters as for personalize_redis
  std::string id = "visitor";           ///< the member, or column, that has the visitor's id
  std::vector<std::string> rules = {};  ///< rule files, whose `attributes` say the types; may be empty
  bool replace = false;                 ///< fields that are not named go
  bool dry_run = false;                 ///< nothing is written
};

/// What was refused goes to `errors`. Returns the exit status: 0, 1 if something was refused, or 2 if files cannot be
/// read or Redis cannot be written.
int import_profiles(const ImportProfilesOptions& options, std::istream& in, std::ostream& errors);

}  // namespace personalize::cli
