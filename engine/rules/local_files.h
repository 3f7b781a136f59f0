// Which files are on file systems that this machine keeps by itself: reading these waits for nobody else.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace personalize::engine {

/// False if the file system is not known to be local. Call it after reading the file's state: it does not ask the file
/// system again.
bool is_local(const std::string& path);

/// The same for the mount of that number in a text like /proc/self/mountinfo.
bool is_local_mount(std::string_view mounts, std::uint64_t number);

}  // namespace personalize::engine
