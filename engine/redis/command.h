// A command as it is sent.
#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "rules/value.h"

namespace personalize::engine::redis {

/// An array of bulk strings (https://redis.io/docs/reference/protocol-spec/). Every length is in it: two commands are
/// the same if and only if their bytes are.
std::string encode(std::span<const std::string_view> command);
std::string encode(std::initializer_list<std::string_view> command);
/// `head`, followed by the bytes of the command.
std::string_view encode(std::string_view head, std::span<const std::string_view> command, rules::Arena& arena);

/// The word after the command in such bytes: the key that it is about. Empty if there is none.
std::string_view key_of(std::string_view encoded);

/// True for commands that may be sent twice, answered once for several visitors, and answered from a cache: those that
/// only read, and whose replies depend on nothing but the data. In capitals, as plugins write them.
bool repeatable(std::string_view command);

}  // namespace personalize::engine::redis
