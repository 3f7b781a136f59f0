// A plugin that does what plugins should not do: where and what is said by its options, or by macros if it is about the
// entry itself.
#include <personalize/plugin.h>

namespace {

using namespace personalize::plugins;
using personalize::rules::Kind;
using personalize::rules::Value;

#ifndef FAULTY_NAME
#define FAULTY_NAME "faulty"
#endif

class FaultyPlugin : public Plugin {
 public:
  std::string_view name() const override { return FAULTY_NAME; }
  void configure(const Settings& settings) override {
    where_ = settings.options.text("where", "nowhere");
    what_ = settings.options.text("what", "std");
    command_ = settings.options.text("command", "");
    key_ = settings.options.text("key", "things");
    fail("configure");
  }
  std::span<const AttributeRow> attributes() const override {
    static constexpr AttributeRow rows[] = {{"before", {Kind::boolean}, "set"}, {"after", {Kind::boolean}, "set"}};
    static constexpr AttributeRow twice[] = {rows[0], rows[1], rows[0]};
    fail("attributes");
    if (where_ == "twice") return twice;
    return rows;
  }
  void activate(Activation&) override { fail("activate"); }
  void needs(const Request&, Fetches& fetches) const override {
    if (!command_.empty()) fetches.redis(command_, key_, {"argument"});
    fail("needs");
  }
  void resolve(const Request&, std::span<const Reply>, Attributes& attributes) const override {
    attributes.set(0, Value::boolean(true));
    fail("resolve");
    attributes.set(1, Value::boolean(true));
  }
  bool fills() const override { return true; }
  void content_needs(const Request&, const Filling& filling, Fetches& fetches) const override {
    fetches.redis("LRANGE", "list", {filling.slot, "3"});
    fail("content_needs");
  }
  Value content(const Request&, const Filling&, std::span<const Reply> replies) const override {
    fail("content");
    if (what_ == "not_utf8") return Value::string("\xff");
    return replies.empty() || replies[0].kind != Reply::Kind::string ? Value() : Value::string(replies[0].text);
  }
  bool records() const override { return where_ == "record"; }
  void record(const Request&, const Outcome& outcome, Commands& commands) const override {
    for (const Shown& shown : outcome.shown) commands.redis("HINCRBY", "shown", {shown.rule, "1"});
    if (!command_.empty()) commands.redis(command_, key_, {"argument"});
    if (what_ != "nothing") fail("record");
  }

 private:
  void fail(std::string_view here) const {
    if (here != where_) return;
    if (what_ == "std") throw std::runtime_error("broken on purpose");
    throw 42;
  }
  std::string where_, what_, command_, key_;
};

}  // namespace

#if defined(FAULTY_VERSION)
extern "C" {
__attribute__((visibility("default"))) extern const Entry personalize_plugin;
const Entry personalize_plugin = {.version = FAULTY_VERSION, .make = []() -> Plugin* { return new FaultyPlugin; }};
}
#elif defined(FAULTY_SHAPE)
extern "C" {
__attribute__((visibility("default"))) extern const Entry personalize_plugin;
const Entry personalize_plugin = {.shape = {.sizes = {1}}, .make = []() -> Plugin* { return new FaultyPlugin; }};
}
#elif defined(FAULTY_ENTRY)
extern "C" __attribute__((visibility("default"))) int something_else();
int something_else() { return static_cast<int>(FaultyPlugin().name().size()); }
#else
PERSONALIZE_PLUGIN(FaultyPlugin)
#endif
