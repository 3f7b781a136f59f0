#include "tests/unit/folders.h"

namespace personalize {

std::filesystem::path source_folder() { return PERSONALIZE_SOURCE_DIR; }
std::filesystem::path build_folder() { return PERSONALIZE_BUILD_DIR; }

}  // namespace personalize
