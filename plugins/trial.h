// Third-party code, which may crash or hang while it is loaded, is tried in a process of its own first.
#pragma once

#include <chrono>
#include <functional>
#include <string>

namespace personalize::plugins {

/// Does `work` in a child process, which is killed after `max_time`, and with its parent. What became of it if it did
/// not end by itself ("it crashed: Segmentation fault"), or empty, also where there can be no child.
std::string try_in_child(const std::function<void()>& work, std::chrono::seconds max_time = std::chrono::seconds(10));

}  // namespace personalize::plugins
