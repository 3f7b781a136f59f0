#include "tests/unit/folders.h"

#include <cstdlib>

namespace personalize {

std::filesystem::path source_folder() { return PERSONALIZE_SOURCE_DIR; }
std::filesystem::path build_folder() { return PERSONALIZE_BUILD_DIR; }

std::filesystem::path conformance_folder() {
  if (const char* set = std::getenv("PERSONALIZE_CONFORMANCE")) return set;
  return source_folder() / "../shared/conformance";
}

}  // namespace personalize
