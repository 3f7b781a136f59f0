// Where the tests find the project's own files.
#pragma once

#include <filesystem>

namespace personalize {

std::filesystem::path source_folder();  ///< the top of the tree
std::filesystem::path build_folder();   ///< where this build's programs and plugins are
/// Where the data of public conformance suites is, if anywhere.
std::filesystem::path conformance_folder();

}  // namespace personalize
