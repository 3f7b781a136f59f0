#include "engine/evaluation.h"

#include <cassert>
#include <memory>
#include <string>

#include "engine/evaluation_impl.h"

namespace personalize::engine {
namespace {

plugins::Reply copy_reply(const plugins::Reply& reply, rules::Arena& arena) {
  plugins::Reply copied = reply;
  copied.text = rules::copy(arena, reply.text);
  if (!reply.elements.empty()) {
    auto* elements = static_cast<plugins::Reply*>(
        arena.allocate(reply.elements.size() * sizeof(plugins::Reply), alignof(plugins::Reply)));
    for (std::size_t i = 0; i < reply.elements.size(); ++i)
      new (elements + i) plugins::Reply(copy_reply(reply.elements[i], arena));
    copied.elements = {elements, reply.elements.size()};
  }
  return copied;
}

constexpr std::size_t max_reason_size = 300;  // of what a plugin says when it fails
#ifdef __SANITIZE_ADDRESS__
constexpr std::size_t max_spare = 0;  // so that a read of a finished evaluation is detected
#else
constexpr std::size_t max_spare = 64;  // evaluations' memory that is kept: about half a megabyte
#endif

std::string_view joined(std::span<const std::string_view> parts, rules::Arena& arena) {
  std::pmr::string text(&arena);
  for (std::string_view part : parts) text += part;
  return rules::copy(arena, text);
}

/// The map, or a new one, with that entry in place of its own.
rules::Value with_entry(const rules::Value& map, std::string_view key, rules::Value value, rules::Arena& arena) {
  const auto before = map.is(rules::Kind::map) ? map.as_map() : std::span<const rules::MapEntry>();
  auto* entries = static_cast<rules::MapEntry*>(
      arena.allocate((before.size() + 1) * sizeof(rules::MapEntry), alignof(rules::MapEntry)));
  std::size_t count = 0;
  for (const rules::MapEntry& entry : before) {
    const bool same = entry.key.text() == key;
    if (!same || !value.missing()) new (entries + count++) rules::MapEntry{entry.key, same ? value : entry.value};
    if (same) value = {};
  }
  if (!value.missing()) new (entries + count++) rules::MapEntry{rules::Value::string(key), value};
  return rules::Value::map({entries, count});
}

/// A profile is an array of texts, nil where there is nothing; everything else is of the wrong type.
/// `command` asked for a profile's fields: HMGET, the key, the fields.
FetchStatus status_of(std::span<const std::string_view> command, const plugins::Reply& reply) {
  using Kind = plugins::Reply::Kind;
  if (reply.kind == Kind::absent) return FetchStatus::unavailable;
  if (reply.kind == Kind::nil) return FetchStatus::not_found;
  if (reply.kind != Kind::array || reply.elements.size() + 2 != command.size()) return FetchStatus::error;
  FetchStatus status = FetchStatus::not_found;
  for (const plugins::Reply& element : reply.elements) {
    if (element.kind == Kind::string)
      status = FetchStatus::found;
    else if (element.kind != Kind::nil)
      return FetchStatus::error;
  }
  return status;
}

}  // namespace

std::string_view to_string(FetchStatus status) {
  switch (status) {
    case FetchStatus::not_needed: return "not_needed";
    case FetchStatus::pending: return "pending";
    case FetchStatus::found: return "found";
    case FetchStatus::not_found: return "not_found";
    case FetchStatus::error: return "error";
    case FetchStatus::deadline: return "deadline";
    case FetchStatus::unavailable: return "unavailable";
    case FetchStatus::no_consent: return "no_consent";
  }
  return "unknown";
}

Evaluation::Evaluation(std::shared_ptr<const Engine> engine, const plugins::Request& request, std::string_view prefix)
    : engine_(std::move(engine)),
      memory_(take_memory(*engine_)),
      impl_(new (memory_.get()) Impl(request, prefix, engine_->rules().schema())) {}

Evaluation::Evaluation(const std::shared_ptr<const Engine>& engine, const plugins::Request& request)
    : Evaluation(engine, request, engine->settings_.profile_prefix) {}

Evaluation::~Evaluation() {
  std::destroy_at(impl_);
  auto& spare = engine_->evaluation_memory_;
  if (spare.size() < spare.capacity()) spare.push_back(std::move(memory_));
}

std::unique_ptr<std::byte[]> Evaluation::take_memory(const Engine& engine) {
  auto& spare = engine.evaluation_memory_;
  spare.reserve(max_spare);  // here, because the end of an evaluation must not fail
  if (spare.empty()) return std::make_unique_for_overwrite<std::byte[]>(sizeof(Impl));
  auto memory = std::move(spare.back());
  spare.pop_back();
  return memory;
}

void Evaluation::note_failure(const plugins::PluginSet::LoadedPlugin& loaded, std::string_view why) {
  Impl& v = *impl_;
  ++v.plugin_failures;
  std::string_view parts[] = {loaded.name, ": ", why.substr(0, max_reason_size)};
  v.plugin_failure = joined(parts, v.memory);
}

Visitor Evaluation::identify() {
  ask_plugins(engine_->plugins_.identifying());
  return visitor();
}

const Visitor& Evaluation::visitor() {
  Impl& v = *impl_;
  if (!v.visitor) v.visitor = engine_->plugins_.visitor(v.request, v.context);
  return *v.visitor;
}

std::string_view Evaluation::whose_profile() {
  const std::string_view customer = impl_->request.customer;
  return !customer.empty() && visitor().personalization ? customer : visitor().read();
}

std::span<const plugins::Fetch> Evaluation::resolve() {
  Impl& v = *impl_;
  ask_plugins(engine_->plugins_.active().size());
  v.stage = Impl::Stage::resolving;
  if (v.fetches.empty()) return {};
  v.pending = v.fetches.size();
  v.replies.resize(v.pending);
  v.statuses.resize(v.pending, FetchStatus::pending);
  return v.fetches;
}

/// What the first `count` of them need.
void Evaluation::ask_plugins(std::size_t count) {
  Impl& v = *impl_;
  const plugins::PluginSet& plugins = engine_->plugins_;
  const auto active = plugins.active();
  v.shares.reserve(active.size());
  while (v.shares.size() < count) {
    const plugins::PluginSet::LoadedPlugin& loaded = *active[v.shares.size()];
    const bool identified = v.shares.size() >= plugins.identifying();
    const std::size_t first = v.fetches.size();
    const bool asked = attempt(loaded, [&] {
      const std::string_view whose =
          !identified ? std::string_view() : (loaded.is_profile ? whose_profile() : visitor().read());
      plugins::Fetches fetches(v.fetches, v.prefix, whose, v.context.values(), v.memory);
      loaded.plugin->needs(v.request, fetches);
    });
    if (!asked) v.fetches.resize(first);
    v.shares.push_back({first, v.fetches.size(), !asked});
    // What needs no reply is resolved now: later plugins may need it to know what to fetch, and the page waits for its
    // upstream anyway.
    if (v.fetches.empty()) resolve_next();
  }
}

void Evaluation::resolve_next() {
  Impl& v = *impl_;
  assert(v.resolved < v.shares.size());
  const auto& loaded = *engine_->plugins_.active()[v.resolved];
  const Impl::Share share = v.shares[v.resolved++];
  if (share.failed) return;
  const bool done = attempt(loaded, [&] {
    const auto wanted = v.assumed_wanted.empty() ? engine_->plugins_.wanted() : std::span(v.assumed_wanted);
    plugins::Attributes attributes(v.context.values(), wanted, loaded.first, v.memory);
    loaded.plugin->resolve(v.request, share.of(v.replies), attributes);
  });
  if (done) return;
  for (std::size_t own = 0; own < loaded.count; ++own) v.context.set(loaded.first + own, rules::Value());
  apply_assumptions();
}

bool Evaluation::awaits(std::size_t index) const {
  const Impl& v = *impl_;
  return v.stage < Impl::Stage::decided && index < v.replies.size() && v.statuses[index] == FetchStatus::pending;
}

void Evaluation::receive(std::size_t index, const plugins::Reply& reply) {
  if (awaits(index)) receive_own(index, copy_reply(reply, impl_->memory));
}

void Evaluation::receive_own(std::size_t index, const plugins::Reply& reply) {
  if (!awaits(index)) return;
  Impl& v = *impl_;
  assert(index < v.fetches.size() && v.pending != 0);
  v.replies[index] = reply;
  v.statuses[index] = status_of(v.fetches[index].command, reply);
  --v.pending;
}

void Evaluation::fail(std::size_t index, FetchStatus why) {
  if (!awaits(index)) return;
  Impl& v = *impl_;
  assert(v.pending != 0);
  v.statuses[index] = why;
  --v.pending;
}

std::size_t Evaluation::fetches() const { return impl_->fetches.size(); }

std::size_t Evaluation::pending() const { return impl_->pending; }

void Evaluation::set_host(HostValues& host) { impl_->host = &host; }

void Evaluation::assume(rules::AttributeId attribute, rules::Value value) {
  Impl& v = *impl_;
  if (v.assumed_wanted.empty()) {
    const auto wanted = engine_->plugins_.wanted();
    v.assumed_wanted.assign(wanted.begin(), wanted.end());
  }
  v.assumed_wanted[attribute] = plugins::Attributes::assumed_mark;
  v.assumptions.push_back({attribute, {}, value});
  v.context.set(attribute, value);
}

void Evaluation::assume_entry(rules::AttributeId map, std::string_view key, rules::Value value) {
  impl_->assumptions.push_back({map, rules::copy(impl_->memory, key), value});
}

/// Once more: a plugin that failed has lost them, and one that was compiled elsewhere may have set them. Entries only
/// now, when the maps are there.
void Evaluation::apply_assumptions() {
  Impl& v = *impl_;
  for (const Impl::Assumption& assumption : v.assumptions)
    if (assumption.key.empty()) v.context.set(assumption.attribute, assumption.value);
  for (const Impl::Assumption& assumption : v.assumptions)
    if (!assumption.key.empty())
      v.context.set(assumption.attribute,
                    with_entry(v.context[assumption.attribute], assumption.key, assumption.value, v.memory));
}

/// There is no more time for what is pending.
void Evaluation::give_up() {
  Impl& v = *impl_;
  for (std::size_t i = 0; v.pending != 0 && i < v.statuses.size(); ++i) fail(i, FetchStatus::deadline);
}

const rules::Context& Evaluation::attributes() {
  assert(impl_->stage >= Impl::Stage::resolving);
  if (impl_->stage == Impl::Stage::resolving) {
    give_up();
    complete_attributes();
  }
  return impl_->context;
}

void Evaluation::decide() {
  Impl& v = *impl_;
  assert(v.stage >= Impl::Stage::resolving && v.stage < Impl::Stage::decided);
  give_up();
  fetch_content();
  give_up();

  if (engine_->host_.reads_nonce()) engine_->host_.set_nonce(v.host, v.context, v.memory);
  if (v.stage < Impl::Stage::chosen) choose_rules();
  v.stage = Impl::Stage::decided;
  if (!v.content_shares.empty()) v.contents.resize(v.decisions.size());
  for (std::size_t i = 0; i < v.content_shares.size(); ++i) take_content(i);
  render();
}

void Evaluation::render() {
  Impl& v = *impl_;
  v.edits = engine_->rules().render(v.decisions, v.context, v.memory, v.contents);
}

bool Evaluation::took_variables() const {
  return impl_->stage >= Impl::Stage::resolved && engine_->host_.reads_variables();
}

bool Evaluation::take_new_nonce() {
  Impl& v = *impl_;
  if (!engine_->host_.reads_nonce() || !engine_->host_.set_nonce(v.host, v.context, v.memory)) return false;
  render();
  return true;
}

void Evaluation::complete_attributes() {
  Impl& v = *impl_;
  while (v.resolved < v.shares.size()) resolve_next();
  if (engine_->host_.reads_variables()) engine_->host_.set_variables(v.host, v.context, v.memory);
  if (!v.assumptions.empty()) apply_assumptions();
  v.context.set_shop_offers_languages(engine_->offers_languages_);
  v.stage = Impl::Stage::resolved;
}

/// The winners.
void Evaluation::choose_rules() {
  Impl& v = *impl_;
  if (v.stage < Impl::Stage::resolved) complete_attributes();
  v.page = {.path = v.request.path,
            .now_us = v.request.now_us,
            .visitor_zone = {},
            .other_visitors_zone = engine_->other_visitors_zone()};
  if (engine_->visitor_zone_) {
    const rules::Value& zone = v.context[*engine_->visitor_zone_];
    if (zone.is(rules::Kind::string)) v.page.visitor_zone = zone.text();
  }
  v.decisions = engine_->rules().decide(v.page, v.context, v.memory);
  v.stage = Impl::Stage::chosen;
}

const rules::Decisions& Evaluation::decisions() const { return impl_->decisions; }

std::span<const rules::Value> Evaluation::contents() const { return impl_->contents; }

std::span<const html::Edit> Evaluation::edits() const { return impl_->edits; }

const rules::Context& Evaluation::context() const { return impl_->context; }

std::vector<rules::Candidate> Evaluation::explain() {
  std::vector<rules::Candidate> candidates;
  engine_->rules().explain(impl_->page, impl_->context, impl_->memory, candidates);
  return candidates;
}

FetchStatus Evaluation::profile_status() const {
  const Impl& v = *impl_;
  if (engine_->profile_ >= v.shares.size()) return FetchStatus::not_needed;
  const auto [first, last, failed] = v.shares[engine_->profile_];
  if (first != last) return v.statuses[first];
  const bool known = v.visitor && (!v.visitor->id.empty() || !v.request.customer.empty());
  const bool withheld = known && !v.visitor->personalization;
  return withheld ? FetchStatus::no_consent : FetchStatus::not_needed;
}

std::uint32_t Evaluation::plugin_failures() const { return impl_->plugin_failures; }

std::string_view Evaluation::plugin_failure() const { return impl_->plugin_failure; }

const plugins::Request& Evaluation::request() const { return impl_->request; }

rules::Arena& Evaluation::arena() const { return impl_->memory; }

}  // namespace personalize::engine
