// A third party's plugin: a shared object or a file of Lua.
#pragma once

#include <memory>
#include <string>
#include <vector>

#include "plugins/plugin.h"

namespace personalize::plugins {

/// An opened file that plugins are made from, for as long as the last of them lives. It is read once, whole: what
/// happens to the file afterwards does not matter before it is opened again.
class PluginFile {
 public:
  /// By the name's ending: `.lua`, or a shared object that has `personalize_plugin` (see plugin.h). Throws
  /// ConfigurationError that says what is wrong with the file and what to do.
  static std::shared_ptr<const PluginFile> open(const std::string& path);

  virtual ~PluginFile() = default;
  /// A new plugin, not configured yet; must not outlive the file. May throw anything.
  virtual std::unique_ptr<Plugin> make() const = 0;
  const std::string& path() const { return path_; }
  /// Whether `configure` of its plugins is given all of the settings, or looks at nothing but their options.
  virtual bool sees_settings() const { return true; }
  /// What it should not do any more.
  const std::vector<ConfigurationError>& deprecations() const { return deprecations_; }

 protected:
  explicit PluginFile(std::string path) : path_(std::move(path)) {}
  void deprecate(ConfigurationError what) { deprecations_.push_back(std::move(what)); }

 private:
  const std::string path_;
  std::vector<ConfigurationError> deprecations_;
};

}  // namespace personalize::plugins
