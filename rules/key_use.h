// Keys of attributes that are maps, where rules mention them: `theme` of request.cookies.theme.
#pragma once

#include <cstddef>
#include <optional>
#include <string>

#include "rules/diagnostic.h"
#include "rules/schema.h"

namespace personalize::rules {

struct KeyUse {
  AttributeId attribute = 0;
  std::optional<std::string>
      key;                 ///< none: the map as a whole, or by keys that are not known before there is a request
  std::size_t offset = 0;  ///< in the expression
};

/// … of a rule set, with the first place where it is mentioned.
struct UsedKey {
  AttributeId attribute;
  std::optional<std::string> key;
  Diagnostic place;  ///< its message is empty
};

}  // namespace personalize::rules
