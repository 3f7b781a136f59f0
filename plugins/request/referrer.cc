#include "plugins/request/referrer.h"

#include <algorithm>
#include <iterator>

namespace personalize::plugins {
namespace {

// A name that ends in "." stands for that label under any country's domain: "google." is google.de and
// www.google.co.uk.
constexpr std::string_view mail[] = {"mail.google.com",
                                     "outlook.live.com",
                                     "outlook.office.com",
                                     "outlook.office365.com",
                                     "mail.yahoo.com",
                                     "mail.proton.me",
                                     "mail.aol.com",
                                     "webmail.gmx.net",
                                     "mail.ru",
                                     "e.mail.ru",
                                     "mail.qq.com",
                                     "mail.zoho.com",
                                     "com.google.android.gm",
                                     "navigator.web.de",
                                     "mail.163.com",
                                     "icloud.com"};
constexpr std::string_view search[] = {"google.",
                                       "bing.com",
                                       "duckduckgo.com",
                                       "yahoo.",
                                       "yandex.",
                                       "baidu.com",
                                       "ecosia.org",
                                       "qwant.com",
                                       "startpage.com",
                                       "search.brave.com",
                                       "naver.com",
                                       "daum.net",
                                       "seznam.cz",
                                       "sogou.com",
                                       "so.com",
                                       "ask.com",
                                       "search.aol.com",
                                       "kagi.com",
                                       "mojeek.com",
                                       "swisscows.com",
                                       "metager.de",
                                       "search.marginalia.nu",
                                       "com.google.android.googlequicksearchbox"};
constexpr std::string_view social[] = {
    "facebook.com",  "fb.com",          "fb.me",        "instagram.com", "t.co",         "twitter.com",
    "x.com",         "linkedin.com",    "lnkd.in",      "pinterest.",    "pin.it",       "reddit.com",
    "redd.it",       "youtube.com",     "youtu.be",     "tiktok.com",    "snapchat.com", "vk.com",
    "ok.ru",         "weibo.com",       "whatsapp.com", "wa.me",         "t.me",         "telegram.org",
    "telegram.me",   "discord.com",     "discord.gg",   "tumblr.com",    "threads.net",  "threads.com",
    "bsky.app",      "mastodon.social", "xing.com",     "quora.com",     "twitch.tv",    "news.ycombinator.com",
    "messenger.com", "line.me"};

/// `host` is `domain` or below it.
bool within(std::string_view host, std::string_view domain) {
  return !domain.empty() && host.ends_with(domain) &&
         (host.size() == domain.size() || host[host.size() - domain.size() - 1] == '.');
}

/// "www.google.co.uk" is "google.": the label is followed by one or two labels of at most three letters.
bool under_any_country(std::string_view host, std::string_view label_and_dot) {
  const auto at = host.find(label_and_dot);
  if (at == std::string_view::npos || (at > 0 && host[at - 1] != '.')) return false;
  std::string_view rest = host.substr(at + label_and_dot.size());
  const auto dot = rest.find('.');
  if (dot == std::string_view::npos) return !rest.empty() && rest.size() <= 3;
  return dot > 0 && dot <= 3 && rest.size() - dot - 1 == 2;
}

template <std::size_t n>
bool listed(std::string_view host, const std::string_view (&names)[n]) {
  return std::any_of(std::begin(names), std::end(names), [&](std::string_view name) {
    return name.ends_with('.') ? under_any_country(host, name) : within(host, name);
  });
}

}  // namespace

std::string_view host_of_url(std::string_view url) {
  const auto scheme = url.find("://");
  if (scheme == std::string_view::npos) return {};
  const std::string_view name = url.substr(0, scheme);
  if (name != "http" && name != "https" && name != "android-app") return {};
  url.remove_prefix(scheme + 3);
  url = url.substr(0, url.find_first_of("/?#\\"));
  if (const auto at = url.rfind('@'); at != std::string_view::npos) url.remove_prefix(at + 1);
  if (url.starts_with('[')) return url.substr(0, std::min(url.find(']'), url.size() - 1) + 1);
  url = url.substr(0, url.find(':'));
  if (url.ends_with('.')) url.remove_suffix(1);
  return url;
}

std::string_view referrer_class_of(std::string_view referrer_host, std::string_view own_host, std::string_view medium) {
  if (medium == "email" || medium == "newsletter") return "email";
  if (referrer_host.empty()) return "direct";
  if (within(referrer_host, own_host) || within(own_host, referrer_host)) return "internal";
  if (listed(referrer_host, mail)) return "email";
  if (listed(referrer_host, search)) return "search";
  if (listed(referrer_host, social)) return "social";
  return "external";
}

}  // namespace personalize::plugins
