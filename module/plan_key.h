// Which plan belongs to a response: hashes of all that it depends on.
#pragma once

#include <string_view>

#include "module/plan_zone.h"
#include "rules/rule_set.h"

namespace personalize::nginx {

PlanKey hash(std::string_view bytes);

/// Of a rule set's selectors in the order of its slots, and no more of it: rules come and go, the places stay.
PlanKey hash_selectors(const rules::RuleSet& rules);

/// A page in an open file.
struct PageFile {
  ngx_fd_t file;
  off_t from, to;
  ngx_file_t* opened;  ///< the same for NGINX's buffers, if it stays open as long as the request; or null
  bool immutable;      ///< only ever replaced by another file, as NGINX's cache does it
};

struct IdentifiedPage {
  PlanKey key;
  /// The file changed so recently that it could change again without looking different.
  bool may_change = false;
};

/// False if the file's identity cannot be found out. `form` is what else makes a difference: Content-Type, the
/// encoding.
bool identify(const PageFile& page, std::string_view form, const PlanKey& selectors, IdentifiedPage& identified);

}  // namespace personalize::nginx
