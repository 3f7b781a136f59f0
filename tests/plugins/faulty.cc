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
  bool provides_content() const override { return true; }
  void check_content(const Value& with) const override {
    for (const auto& [name, value] : with.as_map())
      if (name.text() != "limit") throw ConfigurationError("faulty knows no " + std::string(name.text()));
    fail("check_content");
  }
  void content_needs(const Request&, const ContentRequest& content, Fetches& fetches) const override {
    fetches.redis("LRANGE", "list", {content.slot, "3"});
    fail("content_needs");
  }
  Value content(const Request&, const ContentRequest&, std::span<const Reply> replies) const override {
    fail("content");
    if (what_ == "not_utf8") return Value::string("\xff");
    return replies.empty() || replies[0].kind != Reply::Kind::string ? Value() : Value::string(replies[0].text);
  }
  bool adds_response_fields() const override { return where_ == "add_response_fields"; }
  void add_response_fields(const Request&, ResponseFields& fields) const override {
    fields.add("X-Faulty", "1");
    if (command_.empty())
      fail("add_response_fields");
    else
      fields.add(command_, key_);
  }
  bool observes_exposures() const override { return where_ == "on_exposure"; }
  void on_exposure(const Request&, const PageExposures& page, Commands& commands) const override {
    for (const Exposure& exposure : page.exposures)
      if (exposure.applied) commands.redis("HINCRBY", "shown", {exposure.rule, "1"});
    if (!command_.empty()) commands.redis(command_, key_, {"argument"});
    if (what_ != "nothing") fail("on_exposure");
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
#elif defined(FAULTY_BUILD)
extern "C" {
__attribute__((visibility("default"))) extern const Entry personalize_plugin;
const Entry personalize_plugin = {.build = {FAULTY_BUILD}, .make = []() -> Plugin* { return new FaultyPlugin; }};
}
#elif defined(FAULTY_ENTRY)
extern "C" __attribute__((visibility("default"))) int something_else();
int something_else() { return static_cast<int>(FaultyPlugin().name().size()); }
#else
PERSONALIZE_PLUGIN(FaultyPlugin)
#endif
