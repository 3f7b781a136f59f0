// personalize_events_log redis [shards=N] [max=SIZE] | FILE | off
#include <algorithm>
#include <charconv>

#include "engine/redis/event_stream.h"
#include "module/conf/defaults.h"
#include "module/events/event_log.h"

namespace personalize::module {
namespace {

constexpr off_t min_bytes = 1024 * 1024;

bool set_streams(std::string_view text, EventLogConf& conf) {
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), conf.streams);
  return error == std::errc() && end == text.data() + text.size() && conf.streams >= 1 &&
         conf.streams <= engine::redis::max_event_streams;
}

bool set_max(std::string_view text, EventLogConf& conf) {
  ngx_str_t word = as_ngx(text);
  const off_t bytes = text.empty() ? NGX_ERROR : ngx_parse_offset(&word);
  conf.max_bytes = static_cast<std::uint64_t>(std::max<off_t>(bytes, 0));
  return bytes >= min_bytes;
}

/// What is wrong with `word`, or null.
const char* set_parameter(std::string_view word, EventLogConf& conf) {
  constexpr std::string_view shards = "shards=", max = "max=";
  if (word.starts_with(shards))
    return set_streams(word.substr(shards.size()), conf) ? nullptr : "there can be 1 to 100 shards";
  if (word.starts_with(max))
    return set_max(word.substr(max.size()), conf) ? nullptr : "a size is needed, at least 1m, such as 256m";
  return "it must be shards= or max=";
}

char* refuse(ngx_conf_t* cf, const char* what, const ngx_str_t& word) {
  ngx_conf_log_error(NGX_LOG_EMERG, cf, 0, "personalize_events_log: invalid \"%V\": %s", &word, what);
  return conf_error;
}

char* set_streams_log(ngx_conf_t* cf, EventLogConf& conf) {
  conf.kind = EventLogConf::Kind::redis;
  apply_defaults("personalize_events_log", [&](std::string_view name, std::string_view value) {
    set_parameter(std::string(name).append("=").append(value), conf);
  });
  const auto* words = static_cast<const ngx_str_t*>(cf->args->elts);
  for (ngx_uint_t i = 2; i < cf->args->nelts; ++i)
    if (const char* wrong = set_parameter(view(words[i]), conf); wrong != nullptr) return refuse(cf, wrong, words[i]);
  return NGX_CONF_OK;
}

char* set_file(ngx_conf_t* cf, EventLogConf& conf) {
  auto* words = static_cast<ngx_str_t*>(cf->args->elts);
  if (view(words[1]).empty() || view(words[1]) == "on") return refuse(cf, "write redis, or name a file", words[1]);
  if (view(words[1]).find('$') != std::string_view::npos)
    return refuse(cf, "a file's name cannot have variables", words[1]);
  if (cf->args->nelts != 2) return refuse(cf, "a file has no parameters", words[2]);
  conf.file = ngx_conf_open_file(cf->cycle, &words[1]);
  return conf.file != nullptr ? NGX_CONF_OK : conf_error;
}

bool same_log(const EventLogConf& a, const EventLogConf& b) {
  return a.kind == b.kind && a.file == b.file && a.streams == b.streams && a.max_bytes == b.max_bytes &&
         a.redis_server == b.redis_server && a.prefix == b.prefix;
}

}  // namespace

char* set_event_log(ngx_conf_t* cf, const ngx_command_t&, LocationConf& conf) {
  if (conf.event_log_words != nullptr) return const_cast<char*>("is duplicate");
  conf.event_log_words = make<EventLogConf>(cf->pool);
  if (conf.event_log_words == nullptr) return conf_error;
  const std::string_view kind = view(static_cast<ngx_str_t*>(cf->args->elts)[1]);
  if (kind == "redis") return set_streams_log(cf, *conf.event_log_words);
  if (kind == "off" && cf->args->nelts == 2) return NGX_CONF_OK;  // neither file nor streams
  return set_file(cf, *conf.event_log_words);
}

void find_event_log(MainConf& main, LocationConf& conf) {
  if (conf.event_log_words == nullptr) return;
  const EventLogConf& words = *conf.event_log_words;
  EventLogConf wanted{.kind = words.kind, .file = words.file, .streams = words.streams, .max_bytes = words.max_bytes};
  if (words.kind == EventLogConf::Kind::redis) {
    if (conf.redis == no_redis) return;
    wanted.redis_server = main.redis[conf.redis].get();
    wanted.prefix = *conf.prefix;
  } else if (words.file == nullptr) {
    return;
  }
  const auto known = std::ranges::find_if(main.event_logs, [&](const auto& other) { return same_log(*other, wanted); });
  conf.event_log = known != main.event_logs.end()
                       ? known->get()
                       : main.event_logs.emplace_back(std::make_shared<EventLogConf>(std::move(wanted))).get();
}

}  // namespace personalize::module
