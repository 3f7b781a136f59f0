#include "engine/version.h"

namespace personalize {

std::string_view version() { return PERSONALIZE_VERSION; }

}  // namespace personalize
