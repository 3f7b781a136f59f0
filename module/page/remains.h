// What variables say about a page: taken from its evaluation or, once that has been freed, from what was kept of it.
#pragma once

#include <string>
#include <string_view>

#include "engine/evaluation.h"

namespace personalize::module {

class Exchange;

/// In the request's memory.
struct Remains {
  std::string_view rules_version;
  std::string_view decisions;
  std::string_view unmade_edits;
  engine::FetchStatus profile_status;
};

/// The exchange must have an evaluation.
Remains remains_of(const Exchange& exchange);

/// "hero=umbrellas,offer=vip-offer"
std::string decisions(const Exchange& exchange);
/// Once the page has been sent: "hero=no_match,offer=unsafe_region"
std::string unmade_edits(const Exchange& exchange);
/// "found"; empty if profiles play no role here.
std::string_view profile_status(const Exchange& exchange);

}  // namespace personalize::module
