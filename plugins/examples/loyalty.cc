// loyalty.*: how good a customer the visitor is, from the points that the shop counts in Redis.
//
//   g++ -std=c++20 -O2 -shared -fPIC -fvisibility=hidden -fno-gnu-unique -o loyalty.so loyalty.cc
//
//   personalize_plugin /usr/lib/personalize/loyalty.so silver=500 gold=2000;
#include <personalize/plugin.h>

namespace shop {

using namespace personalize::plugins;
using personalize::rules::Kind;
using personalize::rules::Value;

class LoyaltyPlugin : public Plugin {
 public:
  std::string_view name() const override { return "loyalty"; }

  void configure(const Settings& settings) override {
    silver_ = settings.options.integer("silver", 500);
    gold_ = settings.options.integer("gold", 2000);
    if (silver_ <= 0 || gold_ <= silver_)
      throw ConfigurationError("loyalty: gold must be more than silver, and both more than 0");
  }

  std::span<const AttributeRow> attributes() const override {
    static constexpr AttributeRow rows[] = {
        {"points", {Kind::int64}, "points that the visitor has collected"},
        {"tier", {Kind::string}, "bronze, silver or gold"},
        {"points_to_next", {Kind::int64}, "points that are missing to the next tier"},
    };
    return rows;
  }

  // HGET <prefix>{<visitor>}:loyalty points
  void needs(const Request&, Fetches& fetches) const override { fetches.redis("HGET", "loyalty", {"points"}); }

  void resolve(const Request&, std::span<const Reply> replies, Attributes& attributes) const override {
    if (replies.empty() || replies[0].kind != Reply::Kind::string) return;  // not a customer we know
    const std::string_view text = replies[0].text;
    std::int64_t collected = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), collected);
    if (error != std::errc() || end != text.data() + text.size() || collected < 0) return;
    attributes.set(points, Value::int64(collected));
    attributes.set(tier, Value::string(collected >= gold_ ? "gold" : collected >= silver_ ? "silver" : "bronze"));
    if (collected < gold_)
      attributes.set(points_to_next, Value::int64((collected < silver_ ? silver_ : gold_) - collected));
  }

 private:
  enum Field : std::size_t { points, tier, points_to_next };  // positions in `attributes`

  std::int64_t silver_ = 0;
  std::int64_t gold_ = 0;
};

}  // namespace shop

PERSONALIZE_PLUGIN(shop::LoyaltyPlugin)
