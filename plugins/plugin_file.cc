#include "plugins/plugin_file.h"

#include <cerrno>
#include <cstring>
#include <fstream>

#include "plugins/lua/plugin.h"
#include "plugins/shared_object.h"

namespace personalize::plugins {
namespace {

constexpr std::size_t most_bytes = 256 * 1024 * 1024;

std::string read(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  if (!in) throw ConfigurationError(std::string("plugin cannot be opened: ") + std::strerror(errno), path);
  std::string bytes;
  char piece[64 * 1024];
  while (in.read(piece, sizeof(piece)) || in.gcount() > 0) {
    bytes.append(piece, static_cast<std::size_t>(in.gcount()));
    if (bytes.size() > most_bytes) throw ConfigurationError("plugin is larger than 256 MiB", path);
  }
  if (!in.eof()) throw ConfigurationError("plugin cannot be read: it is a directory or the disk failed", path);
  return bytes;
}

}  // namespace

std::shared_ptr<const PluginFile> PluginFile::open(const std::string& path) {
  const std::string bytes = read(path);
  if (path.ends_with(".lua")) return std::make_shared<LuaFile>(path, bytes);
  return std::make_shared<SharedObject>(path, bytes);
}

}  // namespace personalize::plugins
