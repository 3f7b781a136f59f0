// `personalize explain`: what a visitor gets and why, with the engine that the module runs.
#pragma once

#include <iosfwd>
#include <string>
#include <vector>

#include "plugins/host_settings.h"

namespace personalize::cli {

struct ExplainOptions {
  std::vector<std::string> rules = {};
  plugins::HostSettings settings = {};
  std::string request_file = {};  ///< JSON, see engine/json/request_json.h; "-" is standard input; may be empty
  std::string log_file = {};      ///< an access log, see access_log.h, instead; "-" is standard input; may be empty
  std::size_t log_line = 0;       ///< its line, from 1; 0: the last one
  std::string method = {};        ///< overrides the file; may be empty
  std::string url = {}, address = {}, user_agent = {}, at = {};  ///< override the file; may be empty
  std::vector<std::string> headers = {};                         ///< "Name: value", overriding the file
  std::vector<std::string> attributes = {};                      ///< "name=value" of attributes, as people type them
  std::vector<std::string> form = {};                            ///< "name=value": fields of the request's body
  std::vector<std::string> facts = {};  ///< "name=value": what the page says, in place of what is found in `page`
  std::string visitor = {};             ///< the visitor's id; may be empty
  std::vector<std::string> redis = {};  ///< where the visitor's profile is, as for personalize_redis; may be empty
  std::string profile_file = {};        ///< JSON: the visitor's profile; may be empty
  std::string page = {};                ///< an HTML file to personalize to standard output; may be empty
  bool json = false;
};

/// The explanation goes to `out`; if there is a page, the page does, and the explanation goes to `errors`. Returns the
/// exit status: 0, 1 if rules or request are wrong, or 2 if Redis cannot be asked.
int explain(const ExplainOptions& options, std::istream& in, std::ostream& out, std::ostream& errors);

}  // namespace personalize::cli
