// Plugins in Lua: a file that returns a table (rules/lua/script.h). One form serves `personalize_plugin FILE.lua` and
// files among the rules.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "plugins/plugin_file.h"
#include "rules/lua/script.h"
#include "rules/schema.h"

namespace personalize::plugins {

class LuaPlugin final : public Plugin {
 public:
  /// `script` returned a table. `file`: its name, for messages.
  LuaPlugin(std::unique_ptr<rules::lua::Script> script, std::string file);

  std::string_view name() const override { return script_->provider()->name; }
  void configure(const Settings& settings) override;
  std::span<const AttributeRow> attributes() const override { return rows_; }
  void activate(Activation& activation) override;
  void needs(const Request& request, Fetches& fetches) const override;
  void resolve(const Request& request, std::span<const Reply> replies, Attributes& attributes) const override;
  bool provides_content() const override { return script_->provider()->provides_content; }
  void check_content(const rules::Value& with) const override;
  void content_needs(const Request& request, const ContentRequest& content, Fetches& fetches) const override;
  rules::Value content(const Request& request, const ContentRequest& content,
                       std::span<const Reply> replies) const override;
  void metrics(std::vector<Metric>& metrics) const override;
  bool adds_response_fields() const override { return script_->provider()->adds_response_fields; }
  void add_response_fields(const Request& request, ResponseFields& fields) const override;
  bool observes_exposures() const override {
    return script_->provider()->observes_exposures || script_->provider()->records;
  }
  void on_exposure(const Request& request, const PageExposures& page, Commands& commands) const override;

  /// Of a name of version 1 of the interface, if it uses one.
  std::optional<ConfigurationError> deprecation() const;

 private:
  /// What the script may know, out of `known(id)`.
  template <typename Known>
  rules::Context context(Known known, rules::Arena& arena) const;
  rules::Value describe(const Request& request, rules::Arena& arena) const;
  rules::Value ask(const char* function, std::span<const rules::Value> arguments, const rules::Context& known,
                   rules::Arena& arena, const rules::Value* last = nullptr) const;
  [[noreturn]] void fail(std::vector<rules::lua::Error>& errors) const;

  std::unique_ptr<rules::lua::Script> script_;
  std::string file_;
  std::vector<AttributeRow> rows_;  // views of the script's definition
  rules::Schema schema_;            // all attributes that there are, by their ids
  bool reads_headers_ = false;
  bool reads_cookies_ = false;
};

/// The plugin that the text of a file of Lua makes, or null if the file returns nothing (it has rules, then). Throws
/// ConfigurationError.
std::unique_ptr<LuaPlugin> make_lua_plugin(const std::string& file, std::string_view text);

/// `personalize_plugin FILE.lua`
class LuaFile final : public PluginFile {
 public:
  /// Throws ConfigurationError for a file that is not a plugin.
  LuaFile(const std::string& path, std::string text);
  std::unique_ptr<Plugin> make() const override;
  bool sees_settings() const override { return false; }

 private:
  std::string text_;
};

}  // namespace personalize::plugins
