// The one version: of module, tool and package. CMakeLists.txt says it.
#pragma once

#include <string_view>

namespace personalize {

std::string_view version();  ///< "MAJOR.MINOR.PATCH"

}  // namespace personalize
