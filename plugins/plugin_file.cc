#include "plugins/plugin_file.h"

#include "plugins/lua/plugin.h"
#include "plugins/regular_file.h"
#include "plugins/shared_object.h"

namespace personalize::plugins {
namespace {

constexpr std::size_t max_plugin_bytes = 256 * 1024 * 1024;

std::string read_plugin(const std::string& path) {
  auto bytes = read_regular_file(path, max_plugin_bytes);
  if (!bytes)
    throw ConfigurationError("plugin cannot be opened: " + bytes.error().substr(bytes.error().find(": ") + 2), path);
  if (bytes->size() > max_plugin_bytes) throw ConfigurationError("plugin is larger than 256 MiB", path);
  return *std::move(bytes);
}

}  // namespace

std::shared_ptr<const PluginFile> PluginFile::open(const std::string& path) {
  const std::string bytes = read_plugin(path);
  if (path.ends_with(".lua")) return std::make_shared<LuaFile>(path, bytes);
  return std::make_shared<SharedObject>(path, bytes);
}

}  // namespace personalize::plugins
