// The file with the keys of visitors' cookies.
#pragma once

#include <string>
#include <tl/expected.hpp>

#include "engine/identity/visitor_keys.h"

namespace personalize::module {

/// Those in the file, or what is wrong with it, without its path and without a byte of it.
tl::expected<engine::identity::VisitorKeys, std::string> read_keys(const std::string& path);

/// The same; where there is no such file, it is made, for its owner's eyes only and complete at once, so that two
/// processes that do this at the same moment get the same key. `may_write` false: nothing is written, and the key is
/// one for this process.
tl::expected<engine::identity::VisitorKeys, std::string> read_or_make_keys(const std::string& path, bool may_write);

}  // namespace personalize::module
