// Whether the dynamic linker can be let at a file: what it maps it believes, and where the file is shorter than that it
// dies of SIGBUS, with the process.
#pragma once

#include <string>
#include <string_view>

namespace personalize::plugins {

/// Whether that is a shared object or the beginning of one.
bool looks_like_elf(std::string_view bytes);

/// What is wrong with a shared object for this machine, or empty.
std::string what_is_wrong_with_elf(std::string_view bytes);

}  // namespace personalize::plugins
