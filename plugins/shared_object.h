// Plugins in machine code.
#pragma once

#include <string_view>

#include "plugins/plugin_file.h"

namespace personalize::plugins {

/// Loaded from a copy in memory. Under its own name the dynamic linker would give back what it loaded under that
/// name before, also when the file was replaced since; and a file that is overwritten in place would change the
/// code that runs.
class SharedObject final : public PluginFile {
 public:
  /// `bytes`: the file. Throws ConfigurationError.
  SharedObject(const std::string& path, std::string_view bytes);
  ~SharedObject() override;
  SharedObject(const SharedObject&) = delete;
  SharedObject& operator=(const SharedObject&) = delete;

  std::unique_ptr<Plugin> make() const override;

 private:
  void copy(std::string_view bytes);
  void load();
  void load_and_unload();
  void unload();

  int copy_ = -1;          // file descriptor
  std::string loaded_as_;  // a path to it
  void* library_ = nullptr;
  const Entry* entry_ = nullptr;
};

}  // namespace personalize::plugins
