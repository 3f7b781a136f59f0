#include "module/http/csp_nonce.h"

#include <algorithm>

#include "rules/text/ascii.h"

namespace personalize::module {
namespace {

using rules::text::trim;

constexpr std::string_view csp_whitespace = " \t\r\n\f";
constexpr std::size_t max_nonce_size = 256, max_nonces = 16;  // that are compared

/// What lets inline elements of one kind pass, most specific first.
using Directives = std::string_view[3];
constexpr Directives of_scripts = {"script-src-elem", "script-src", "default-src"};
constexpr Directives of_styles = {"style-src-elem", "style-src", "default-src"};

/// Takes what is before the next separator off the front.
std::string_view take(std::string_view& rest, std::string_view separators) {
  const std::size_t end = std::min(rest.find_first_of(separators), rest.size());
  const std::string_view taken = trim(rest.substr(0, end), csp_whitespace);
  rest.remove_prefix(std::min(end + 1, rest.size()));
  return taken;
}

bool is_word(std::string_view text, std::string_view lower) {
  return std::ranges::equal(text, lower, {}, [](char c) { return rules::text::ascii_lower(c); });
}

/// The sources of the most specific directive that the policy has. Of two with the same name the first counts.
std::string_view sources_of(std::string_view policy, const Directives& directives) {
  for (std::string_view wanted : directives) {
    for (std::string_view rest = policy; !rest.empty();) {
      std::string_view directive = take(rest, ";");
      if (is_word(take(directive, csp_whitespace), wanted)) return directive;
    }
  }
  return {};
}

/// In CSP's grammar of base64, of which nothing can end an attribute.
bool is_base64(std::string_view value) {
  for (int i = 0; i < 2; ++i)
    if (value.ends_with('=')) value.remove_suffix(1);
  return !value.empty() && std::ranges::all_of(value, [](char c) {
    return rules::text::is_ascii_alphanumeric(c) || c == '+' || c == '/' || c == '-' || c == '_';
  });
}

/// Takes sources off the front, up to and including the next nonce; empty: there is no more.
std::string_view take_nonce(std::string_view& sources) {
  constexpr std::string_view prefix = "'nonce-";
  while (!sources.empty()) {
    const std::string_view source = take(sources, csp_whitespace);
    if (source.size() <= prefix.size() || !is_word(source.substr(0, prefix.size()), prefix)) continue;
    if (!source.ends_with('\'') || source.size() > prefix.size() + max_nonce_size) continue;
    const std::string_view nonce = source.substr(prefix.size(), source.size() - prefix.size() - 1);
    if (is_base64(nonce)) return nonce;
  }
  return {};
}

/// Calls `visit` with the sources of each policy that names nonces, until it returns false.
template <class Visit>
bool visit_policies(std::span<const std::string_view> headers, const Directives& directives, Visit visit) {
  for (std::string_view header : headers) {
    while (!header.empty()) {
      const std::string_view sources = sources_of(take(header, ","), directives);
      std::string_view rest = sources;
      if (!take_nonce(rest).empty() && !visit(sources)) return false;
    }
  }
  return true;
}

bool names(std::string_view sources, std::string_view nonce) {
  for (std::string_view known = take_nonce(sources); !known.empty(); known = take_nonce(sources))
    if (known == nonce) return true;
  return false;
}

std::string_view nonce_for(std::span<const std::string_view> headers, const Directives& directives) {
  std::string_view first;
  visit_policies(headers, directives, [&](std::string_view sources) {
    first = sources;
    return false;
  });
  std::string_view rest = first;
  for (std::size_t i = 0; i < max_nonces; ++i) {
    const std::string_view nonce = take_nonce(rest);
    if (nonce.empty()) break;
    const auto is_named = [&](std::string_view sources) { return names(sources, nonce); };
    if (visit_policies(headers, directives, is_named)) return nonce;
  }
  return take_nonce(first);
}

}  // namespace

std::string_view csp_nonce(std::span<const std::string_view> headers) {
  const std::string_view of_script = nonce_for(headers, of_scripts);
  return of_script.empty() ? nonce_for(headers, of_styles) : of_script;
}

}  // namespace personalize::module
