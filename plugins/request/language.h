// What languages a visitor reads, from Accept-Language (RFC 9110 12.5.4).
#pragma once

#include <memory_resource>
#include <string_view>
#include <vector>

namespace personalize::plugins {

/// Limits on the bytes of the header and the languages that are looked at.
inline constexpr std::size_t max_accept_language_bytes = 1024;
inline constexpr std::size_t max_languages = 16;

/// Language tags in the order of preference, written as BCP 47 recommends ("de-AT", "zh-Hant-TW"), without
/// "*", what has q=0 and what is no tag. Memory from `memory`.
std::pmr::vector<std::string_view> accepted_languages(std::string_view header, std::pmr::memory_resource& memory);

}  // namespace personalize::plugins
