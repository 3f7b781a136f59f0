#include "plugins/shared_object.h"

#include <dlfcn.h>
#include <sys/mman.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "plugins/elf_file.h"
#include "plugins/trial.h"

namespace personalize::plugins {
namespace {

constexpr char entry_name[] = "personalize_plugin";

/// The dynamic linker's message, with the name that the user gave the file.
std::string linker_error(const std::string& loaded_as) {
  const char* text = dlerror();
  std::string message = text ? text : "unknown reason";
  if (const auto at = message.find(loaded_as + ": "); at != message.npos) message.erase(at, loaded_as.size() + 2);
  return message;
}

}  // namespace

SharedObject::SharedObject(const std::string& path, std::string_view bytes) : PluginFile(path) {
  if (!bytes.empty() && !looks_like_elf(bytes))
    throw ConfigurationError("plugin is neither a shared object nor, by its name, a .lua file", path);
  if (const std::string wrong = what_is_wrong_with_elf(bytes); !wrong.empty())
    throw ConfigurationError("plugin cannot be loaded: " + wrong, path);
  try {
    copy(bytes);
    // Some faults of a file only show when its code begins to run, which would end this process.
    if (const std::string end = try_in_child([&] { load_and_unload(); }); !end.empty())
      throw ConfigurationError("plugin cannot be loaded: when it was tried, " + end, path);
    load();
  } catch (...) {
    unload();
    throw;
  }
}

SharedObject::~SharedObject() { unload(); }

void SharedObject::copy(std::string_view bytes) {
  const std::string name = path().substr(path().rfind('/') + 1, 200);
  copy_ = memfd_create(name.c_str(), MFD_CLOEXEC);
  while (copy_ >= 0 && !bytes.empty()) {
    const ssize_t written = write(copy_, bytes.data(), bytes.size());
    if (written < 0) break;
    bytes.remove_prefix(static_cast<std::size_t>(written));
  }
  if (copy_ < 0 || !bytes.empty())
    throw ConfigurationError(std::string("no memory for a copy of the plugin: ") + std::strerror(errno), path());
  loaded_as_ = "/proc/self/fd/" + std::to_string(copy_);
}

void SharedObject::load() {
  library_ = dlopen(loaded_as_.c_str(), RTLD_NOW | RTLD_LOCAL);
  if (!library_) throw ConfigurationError("plugin cannot be loaded: " + linker_error(loaded_as_), path());
  entry_ = static_cast<const Entry*>(dlsym(library_, entry_name));
  if (!entry_) throw ConfigurationError("is not a plugin: it has no PERSONALIZE_PLUGIN(…)", path());
  if (entry_->version != interface_version)
    throw ConfigurationError("plugin was built for version " + std::to_string(entry_->version) +
                                 " of the plugin interface, here is version " + std::to_string(interface_version) +
                                 ": change what docs/plugins.md says under \"Moving from version 1\", and rebuild it "
                                 "with the headers that are installed here",
                             path());
  if (!(entry_->build == InterfaceBuild{}) || !entry_->make)
    throw ConfigurationError(
        "plugin was built with other headers, another compiler's library or other options than what loads it: "
        "rebuild it with the headers that are installed here, and with libstdc++",
        path());
}

/// In a child: its code runs when it is loaded, and again when it is unloaded.
void SharedObject::load_and_unload() {
  try {
    load();
  } catch (const ConfigurationError&) {  // reported when it is really loaded
  }
  if (library_) dlclose(library_);
}

void SharedObject::unload() {
  if (library_) dlclose(library_);
  // A library that cannot be unloaded keeps its name, which must not be used for another then.
  void* stays = library_ ? dlopen(loaded_as_.c_str(), RTLD_NOW | RTLD_NOLOAD) : nullptr;
  if (stays)
    dlclose(stays);
  else if (copy_ >= 0)
    close(copy_);
}

std::unique_ptr<Plugin> SharedObject::make() const { return std::unique_ptr<Plugin>(entry_->make()); }

}  // namespace personalize::plugins
