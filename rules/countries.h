// Codes of countries, as databases of addresses name them: ISO 3166-1, two letters.
#pragma once

#include <string>
#include <string_view>

namespace personalize::rules {

bool is_country(std::string_view code);

/// The code that was probably meant: GB for "UK", IE for "ie", "IRL" and "Ireland"; empty if there is none. Slow.
std::string country_meant(std::string_view text);

}  // namespace personalize::rules
