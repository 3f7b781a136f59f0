#include "cli/probe/probe.h"

#include <array>
#include <exception>
#include <istream>
#include <ostream>
#include <string_view>

#include "cli/probe/probes.h"

namespace personalize::cli {
namespace {

struct Probe {
  std::string_view name;
  Json (*run)(const Json& input);
};

constexpr std::array probes{
    Probe{"tokens", probe_tokens}, Probe{"extents", probe_extents},   Probe{"rewrite", probe_rewrite},
    Probe{"cel", probe_cel},       Probe{"template", probe_template}, Probe{"device", probe_device},
    Probe{"geo", probe_geo},       Probe{"consent", probe_consent},   Probe{"filters", probe_filters},
};

Json reply_to(const Probe& probe, const std::string& line) {
  try {
    return probe.run(Json::parse(line));
  } catch (const std::exception& error) {
    return Json{{"error", error.what()}};
  }
}

}  // namespace

int probe(const std::string& name, std::istream& in, std::ostream& out, std::ostream& errors) {
  for (const Probe& candidate : probes) {
    if (candidate.name != name) continue;
    for (std::string line; std::getline(in, line);)
      out << reply_to(candidate, line).dump(-1, ' ', false, Json::error_handler_t::replace) << '\n';
    out.flush();
    return 0;
  }
  errors << "personalize: there is no probe " << name << "; there are";
  for (const Probe& candidate : probes) errors << ' ' << candidate.name;
  errors << '\n';
  return 2;
}

}  // namespace personalize::cli
