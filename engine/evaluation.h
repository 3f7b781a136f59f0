// One request on its way through the engine: request → context → decisions → edits. NGINX and the command line tool are
// its two hosts.
//
// Four stages, one after the other; a host may end after each of them. A page goes through all. A request that decides
// nothing, as that of a beacon or of a form, ends after the second.
//
//   identify   who the visitor is, and what may be done with that
//   resolve    all attributes, after what plugins fetch for them
//   decide     rules, content after what plugins fetch for it, edits
//   record     what became of the page
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <memory_resource>
#include <span>
#include <string_view>
#include <vector>

#include "engine/engine.h"
#include "engine/exposures.h"
#include "html/edits/edit.h"
#include "plugins/plugin.h"
#include "plugins/request.h"
#include "rules/rule_set.h"

namespace personalize::engine {

/// What became of the visitor's profile.
enum class FetchStatus : std::uint8_t {
  not_needed,  ///< no rule of this page mentions it, or the visitor is anonymous
  pending,     ///< asked, no reply yet
  found,
  not_found,    ///< the store answered: no such profile
  error,        ///< the store answered with an error or something of the wrong type
  deadline,     ///< no reply in time
  unavailable,  ///< the store could not be asked or the connection broke
  no_consent,   ///< not asked: the visitor did not consent
  last = no_consent,
};
std::string_view to_string(FetchStatus status);

/// Who the visitor is, and what he consents to. Everything is consented to where consent is not required.
using plugins::Visitor;

/// No function throws but std::bad_alloc: a plugin that does is left out, its attributes are missing, and
/// `plugin_failures` counts it.
class Evaluation {
 public:
  /// `request`'s views outlive the evaluation, and so does `prefix`, that of Redis keys.
  Evaluation(std::shared_ptr<const Engine> engine, const plugins::Request& request, std::string_view prefix);
  /// With the prefix of the engine's settings.
  Evaluation(const std::shared_ptr<const Engine>& engine, const plugins::Request& request);
  ~Evaluation();
  Evaluation(const Evaluation&) = delete;
  Evaluation& operator=(const Evaluation&) = delete;

  /// Fetches nothing, and resolves no more attributes than consent depends on. The view lives as long as the request.
  Visitor identify();

  /// What to fetch for attributes, possibly nothing; positions are the numbers for `receive` and `fail`. To be called
  /// once, after or instead of `identify`.
  std::span<const plugins::Fetch> resolve();
  /// All that rules and events ask for, as far as it is known: pending fetches count as failed by the deadline. Not
  /// before `resolve`.
  const rules::Context& attributes();

  /// Whether `fetch_content` may have something to fetch: there is a rule with content from a plugin.
  bool content_due() const;
  /// To be called when nothing is pending: decides which rules win, and returns what plugins need to fetch for their
  /// content, possibly nothing. Numbers continue those of `resolve`.
  std::span<const plugins::Fetch> fetch_content();

  /// Hands in the reply to fetch `index`, which is copied into the evaluation's own memory. Ignored after `decide`.
  void receive(std::size_t index, const plugins::Reply& reply);
  /// The same for a reply that is in `arena()` already.
  void receive_own(std::size_t index, const plugins::Reply& reply);
  /// There will be no reply to fetch `index`, because of `why` (`unavailable`, `deadline`). Ignored after `decide`.
  void fail(std::size_t index, FetchStatus why);
  /// Fetches so far, of both rounds.
  std::size_t fetches() const;
  /// Fetches that have neither a reply nor failed.
  std::size_t pending() const;

  /// Who knows the host's attributes; outlives the evaluation. Without it none of them is known.
  void set_host(HostValues& host);
  /// For tools, before all stages: the value of an attribute whatever plugins say, which they derive others from; or of
  /// an entry of a map.
  void assume(rules::AttributeId attribute, rules::Value value);
  void assume_entry(rules::AttributeId map, std::string_view key, rules::Value value);

  /// Rules, content, edits. Pending fetches, and those of a `fetch_content` that was not called, count as failed by the
  /// deadline. To be called once, after `resolve`.
  void decide();

  /// Whether rules won by values of the host's variables that may be others after an internal redirect.
  bool took_variables() const;

  /// After `decide`, if other parts of the host may have changed the response's header since: true if its nonce has
  /// changed, and with it `edits`.
  bool take_new_nonce();

  /// Whether `response_fields` may have some.
  bool adds_response_fields() const { return !engine_->plugins_.adding_fields().empty(); }
  /// After `decide`: what plugins add to the header of the response, which is private then. To be called once.
  std::span<const plugins::Header> response_fields();

  /// After `decide`, once the response is over: what became of the page and, by decision, of the rules.
  plugins::PageExposures exposures(const Sent& sent) const;
  /// The commands by which plugins record that. To be called once.
  std::span<const plugins::Fetch> record(const Sent& sent);

  /// After `decide`: winners in slot order, and their operations.
  const rules::Decisions& decisions() const;
  std::span<const html::Edit> edits() const;
  const rules::Context& context() const;
  /// By decision: the content that a plugin returned; missing if it returned none or the rule has no such content.
  std::span<const rules::Value> contents() const;
  /// For tools: decides again, and tells for every candidate why it won or lost.
  std::vector<rules::Candidate> explain();

  FetchStatus profile_status() const;
  std::uint32_t plugin_failures() const;
  /// The message of the last one: "loyalty: what it threw". Empty if none failed.
  std::string_view plugin_failure() const;
  const Engine& engine() const { return *engine_; }
  const plugins::Request& request() const;
  rules::Arena& arena() const;

 private:
  struct Impl;
  static std::unique_ptr<std::byte[]> take_memory(const Engine& engine);
  bool awaits(std::size_t index) const;
  void give_up();
  const Visitor& visitor();
  std::string_view whose_profile();
  void ask_plugins(std::size_t count);
  template <typename Step>
  bool attempt(const plugins::PluginSet::LoadedPlugin& loaded, Step step);
  void note_failure(const plugins::PluginSet::LoadedPlugin& loaded, std::string_view why);
  void resolve_next();
  void complete_attributes();
  void apply_assumptions();
  void choose_rules();
  void render();
  plugins::ContentRequest content_request(std::size_t decision);
  void take_content(std::size_t decision);
  std::shared_ptr<const Engine> engine_;
  std::unique_ptr<std::byte[]> memory_;
  Impl* impl_;  // in `memory_`
};

}  // namespace personalize::engine
