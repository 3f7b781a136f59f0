// `personalize probe NAME`: reads JSON lines, writes one JSON object per line, in order.
#pragma once

#include <iosfwd>
#include <string>

namespace personalize::cli {

/// A line that cannot be processed gets {"error": …}. Returns the exit status: 2 for an unknown probe.
int probe(const std::string& name, std::istream& in, std::ostream& out, std::ostream& errors);

}  // namespace personalize::cli
