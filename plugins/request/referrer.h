#pragma once

#include <string_view>

namespace personalize::plugins {

/// Host of an http(s) URL without user, port and final dot; empty if there is none. Not lower-cased.
std::string_view host_of_url(std::string_view url);

/// "direct" (no referrer), "internal" (the shop's own host or one above or below it), "search", "social",
/// "email" or "external". `referrer_host` in lower case; a `medium` of "email" (utm_medium) makes it email
/// whatever the host.
inline constexpr std::string_view referrer_classes[] = {"direct", "internal", "search", "social", "email", "external"};
std::string_view referrer_class_of(std::string_view referrer_host, std::string_view own_host, std::string_view medium);

}  // namespace personalize::plugins
