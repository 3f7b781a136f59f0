// What an evaluation holds, for the files of this folder that it is written in.
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <exception>
#include <memory_resource>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "engine/engine.h"
#include "engine/evaluation.h"

namespace personalize::engine {

struct Evaluation::Impl {
  /// What has been done, in this order.
  enum class Stage : std::uint8_t { made, resolving, resolved, chosen, decided };

  /// One request's needs fit here nearly always: no allocation beside the evaluation's own.
  static constexpr std::size_t inline_bytes = 6 * 1024;

  /// The fetches of one plugin: [first, last) of `replies`.
  struct Share {
    std::size_t first;
    std::size_t last;
    bool failed;  ///< it threw: there is nothing of it
    std::span<const plugins::Reply> of(std::span<const plugins::Reply> replies) const {
      return replies.subspan(first, last - first);
    }
  };
  struct Assumption {
    rules::AttributeId attribute;
    std::string_view key;  ///< of an entry of a map, or empty
    rules::Value value;
  };

  Impl(const plugins::Request& r, std::string_view redis_prefix, const rules::Schema& schema)
      : request(r),
        prefix(redis_prefix),
        context(schema, memory),
        fetches(&memory),
        records(&memory),
        response_fields(&memory),
        replies(&memory),
        statuses(&memory),
        shares(&memory),
        assumptions(&memory),
        assumed_wanted(&memory),
        decisions(&memory),
        content_shares(&memory),
        contents(&memory),
        edits(&memory) {}

  std::array<std::byte, inline_bytes> buffer;
  std::pmr::monotonic_buffer_resource memory{buffer.data(), buffer.size()};
  plugins::Request request;
  std::string_view prefix;
  HostValues* host = nullptr;
  rules::Context context;
  std::pmr::vector<plugins::Fetch> fetches;
  std::pmr::vector<plugins::Fetch> records;
  std::pmr::vector<plugins::Header> response_fields;
  std::pmr::vector<plugins::Reply> replies;
  std::pmr::vector<FetchStatus> statuses;
  std::pmr::vector<Share> shares;  // one per active plugin, same order
  std::size_t resolved = 0;        // active plugins, from the first on
  std::pmr::vector<Assumption> assumptions;
  std::pmr::vector<std::uint8_t> assumed_wanted;  // PluginSet::wanted, and what is assumed; empty if nothing is
  rules::Decisions decisions;
  std::pmr::vector<Share> content_shares;   // one per decision: what was fetched for its content
  std::pmr::vector<rules::Value> contents;  // one per decision, or none at all
  std::pmr::vector<html::Edit> edits;
  rules::PageRequest page;
  std::size_t pending = 0;
  std::uint32_t plugin_failures = 0;
  std::string_view plugin_failure;
  std::optional<Visitor> visitor;
  Stage stage = Stage::made;
};

/// Runs a plugin's part of this request. If it throws: false, after counting that and keeping the reason.
template <typename Step>
bool Evaluation::attempt(const plugins::PluginSet::LoadedPlugin& loaded, Step step) {
  try {
    step();
    return true;
  } catch (const std::exception& error) {
    note_failure(loaded, error.what());
  } catch (...) {
    note_failure(loaded, "failed for an unknown reason");
  }
  return false;
}

}  // namespace personalize::engine
