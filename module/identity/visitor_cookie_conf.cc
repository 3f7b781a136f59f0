#include "module/identity/visitor_cookie_conf.h"

#include <sys/stat.h>

#include <algorithm>
#include <utility>

#include "module/conf/conf.h"
#include "module/conf/defaults.h"
#include "module/identity/key_file.h"

namespace personalize::module {
namespace {

void* make_counts(ngx_slab_pool_t& slabs) { return NetworkCounts::make(take_all(slabs)); }

constexpr ZoneKind network_zones{.directive = "personalize_visitor_cookie",
                                 .example = "networks:4m",
                                 .min_bytes = 64 * 1024,
                                 .name_is_enough = true,
                                 .make = make_counts};
constexpr std::string_view networks_zone = "personalize-networks";
constexpr std::size_t networks_bytes = 4 * 1024 * 1024;  // for some 30 000 visitors within an hour

constexpr ngx_int_t max_kept = ngx_int_t{400} * 24 * 60 * 60;  // seconds: what browsers keep a cookie for at most

/// What the directive says.
struct Words {
  std::string name;
  std::string secret;  ///< path
  std::string domain;
  ngx_int_t max_age;
};

/// What a cookie's name may consist of (RFC 6265, 4.1.1).
bool is_token(std::string_view name) {
  constexpr std::string_view separators = "()<>@,;:\\\"/[]?={}";
  const auto fits = [&](char c) { return c > ' ' && c <= '~' && separators.find(c) == separators.npos; };
  return !name.empty() && std::ranges::all_of(name, fits);
}

bool is_domain(std::string_view name) {
  const auto fits = [](char c) {
    const char lower = static_cast<char>(ngx_tolower(c));
    return c == '-' || c == '.' || (c >= '0' && c <= '9') || (lower >= 'a' && lower <= 'z');
  };
  const bool edges = !name.empty() && name.front() != '.' && name.back() != '.';
  return edges && name.size() <= 253 && std::ranges::all_of(name, fits) && name.find("..") == name.npos;
}

std::string lower(std::string_view text) {
  std::string result(text);
  for (char& c : result) c = static_cast<char>(ngx_tolower(c));
  return result;
}

char* refuse(ngx_conf_t* cf, const ngx_str_t& word, const char* why) {
  ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "invalid value \"%V\": %s", &word, why);
  return conf_error;
}

char* read_word(ngx_conf_t* cf, ngx_str_t word, Words& words) {
  constexpr std::string_view secret = "secret=", domain = "domain=", max_age = "max_age=";
  const std::string_view text = view(word);
  if (text.starts_with(secret)) {
    ngx_str_t path = copy(cf->pool, text.substr(secret.size()));
    if (path.len == 0 || ngx_conf_full_name(cf->cycle, &path, 1) != NGX_OK)
      return refuse(cf, word, "secret= needs the name of a file");
    words.secret = view(path);
  } else if (text.starts_with(domain)) {
    std::string_view name = text.substr(domain.size());
    if (name.starts_with('.')) name.remove_prefix(1);
    if (!is_domain(name)) return refuse(cf, word, "domain= needs the name of a domain, such as example.com");
    words.domain = lower(name);
  } else if (text.starts_with(max_age)) {
    ngx_str_t time = copy(cf->pool, text.substr(max_age.size()));
    words.max_age = time.len != 0 ? ngx_parse_time(&time, 1) : NGX_ERROR;
    if (words.max_age <= 0 || words.max_age > max_kept)
      return refuse(cf, word, "max_age= needs a time, such as 390d; browsers keep no cookie for more than 400d");
  } else {
    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "invalid parameter \"%V\"", &word);
    return conf_error;
  }
  return NGX_CONF_OK;
}

void warn_of_readers(ngx_conf_t* cf, const std::string& path) {
  struct stat about {};
  if (stat(path.c_str(), &about) == 0 && (about.st_mode & S_IROTH) != 0)
    ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                       "\"%s\" holds the keys of visitors' cookies and can be read by everybody on this machine; "
                       "\"chmod 600\" it",
                       path.c_str());
}

/// One key for all that do not name a file; made at the first start, and looked at by `nginx -t` only.
std::string default_key_file(ngx_conf_t* cf) {
  return std::string(view(cf->cycle->conf_prefix)) + std::string(default_text("personalize_visitor_cookie", "secret"));
}

tl::expected<engine::identity::VisitorKeys, std::string> keys_of(ngx_conf_t* cf, const Words& words) {
  if (!words.secret.empty()) {
    warn_of_readers(cf, words.secret);
    return read_keys(words.secret);
  }
  const std::string path = default_key_file(cf);
  if (ngx_test_config != 0)
    ngx_conf_log_error(NGX_LOG_WARN, cf, 0,
                       "visitors' cookies are signed with the key in \"%s\", which NGINX makes on its first start; "
                       "several machines in front of one shop need the same: copy it and name it with secret=FILE",
                       path.c_str());
  return read_or_make_keys(path, ngx_test_config == 0);
}

std::string attributes_of(const Words& words, ngx_int_t max_age) {
  std::string text = "; Path=/; Max-Age=" + std::to_string(max_age);
  if (!words.domain.empty()) text += "; Domain=" + words.domain;
  return text + "; HttpOnly; SameSite=Lax";
}

char* read_words(ngx_conf_t* cf, Words& words) {
  const auto* values = static_cast<ngx_str_t*>(cf->args->elts);
  words.name = view(values[1]);
  if (!is_token(words.name)) return refuse(cf, values[1], "it is no name of a cookie");
  for (ngx_uint_t i = 2; i < cf->args->nelts; ++i)
    if (char* failed = read_word(cf, values[i], words); failed != NGX_CONF_OK) return failed;
  if (words.name.starts_with("__Host-") && !words.domain.empty())
    return const_cast<char*>("cannot have domain=: browsers refuse it for names that begin with __Host-");
  return NGX_CONF_OK;
}

}  // namespace

char* set_visitor_cookie(ngx_conf_t* cf, const ngx_command_t&, LocationConf& conf) {
  if (conf.visitor_cookie != nullptr) return const_cast<char*>("is duplicate");
  auto* made = make<std::optional<VisitorCookieConf>>(cf->pool);
  if (made == nullptr) return conf_error;
  conf.visitor_cookie = made;
  if (cf->args->nelts == 2 && view(static_cast<ngx_str_t*>(cf->args->elts)[1]) == "off") return NGX_CONF_OK;

  constexpr auto max_age = static_cast<ngx_int_t>(default_ms("personalize_visitor_cookie", "max_age") / 1000);
  Words words{.name = {}, .secret = {}, .domain = {}, .max_age = max_age};
  if (char* failed = read_words(cf, words); failed != NGX_CONF_OK) return failed;
  auto keys = keys_of(cf, words);
  if (!keys) {
    const std::string path = words.secret.empty() ? default_key_file(cf) : words.secret;
    ngx_conf_log_error(NGX_LOG_EMERG, cf, 0,
                       "the keys of visitors' cookies cannot be read from \"%s\": %s; a line of it is a key, at least "
                       "32 characters that nobody can guess (openssl rand -base64 33)",
                       path.c_str(), keys.error().c_str());
    return conf_error;
  }
  Zone<NetworkCounts> networks(add_zone(cf, network_zones, networks_zone, networks_bytes));
  if (!networks) return conf_error;
  made->emplace(VisitorCookieConf{.cookie = {std::move(*keys), words.name, words.domain},
                                  .attributes = attributes_of(words, words.max_age),
                                  .removal = words.name + "=" + attributes_of(words, 0),
                                  .networks = networks});
  return NGX_CONF_OK;
}

}  // namespace personalize::module
