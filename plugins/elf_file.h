// Whether the dynamic linker can safely be given a file: it trusts what the headers say, and where the file is shorter
// than that, SIGBUS ends the process.
#pragma once

#include <string>
#include <string_view>

namespace personalize::plugins {

/// Whether that is a shared object or the beginning of one.
bool looks_like_elf(std::string_view bytes);

/// What is wrong with a shared object for this machine, or empty.
std::string what_is_wrong_with_elf(std::string_view bytes);

}  // namespace personalize::plugins
