// The nonce of a response's Content-Security-Policy.
#pragma once

#include <span>
#include <string_view>

namespace personalize::module {

/// The nonce that lets scripts run or, if there is none for scripts, styles apply; empty if there is neither.
/// `headers`: the values of all Content-Security-Policy headers, each of which may hold several policies. As a script
/// must be allowed by all of them, the first of several nonces that all policies name is taken, or else the first.
std::string_view csp_nonce(std::span<const std::string_view> headers);

}  // namespace personalize::module
