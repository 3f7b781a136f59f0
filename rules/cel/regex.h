// Regular expressions: RE2, whose time is linear in the text whatever the pattern.
#pragma once

#include <re2/re2.h>

#include <cstddef>
#include <memory>
#include <string>
#include <string_view>
#include <tl/expected.hpp>

namespace personalize::rules::cel {

/// Bytes of a pattern.
inline constexpr std::size_t max_pattern = 4096;

/// The compiled pattern, or what is wrong with it. Patterns are limited in size and in the memory of their
/// automata.
tl::expected<std::unique_ptr<const RE2>, std::string> compile_regex(std::string_view pattern);

}  // namespace personalize::rules::cel
