#include "engine/redis/greeting.h"

#include <cassert>
#include <cstring>
#include <initializer_list>
#include <string_view>

#include "engine/redis/command.h"

namespace personalize::engine::redis {
namespace {

/// ROLE answers ["master", …] or ["slave", …].
bool is_replica(const redisReply& reply) {
  return reply.type == REDIS_REPLY_ARRAY && reply.elements > 0 && reply.element[0]->type == REDIS_REPLY_STRING &&
         std::strcmp(reply.element[0]->str, "master") != 0;
}

}  // namespace

std::string Greeting::begin() {
  std::string words;
  awaited_ = 0;
  const auto ask = [&](std::initializer_list<std::string_view> command) {
    words += encode(command);
    ++awaited_;
  };
  if (!options_.login.password.empty()) {
    if (options_.login.user.empty())
      ask({"AUTH", options_.login.password});
    else
      ask({"AUTH", options_.login.user, options_.login.password});
  }
  if (options_.database != 0) ask({"SELECT", std::to_string(options_.database)});
  if (options_.master_only) ask({"ROLE"});
  ask({"PING"});
  return words;
}

tl::expected<bool, std::string> Greeting::on_reply(const redisReply& reply) {
  assert(awaited_ != 0);
  // The PING and, before it, the ROLE, which the user may not be allowed to ask.
  const bool of_role = options_.master_only && awaited_ == 2;
  if (reply.type == REDIS_REPLY_ERROR && !of_role)  // wrong password, loading, …
    return tl::unexpected(std::string(reply.str, reply.len));
  if (of_role && is_replica(reply)) return tl::unexpected<std::string>("is not the master");
  return --awaited_ == 0;
}

}  // namespace personalize::engine::redis
