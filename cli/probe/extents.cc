// The probe `extents`: where elements begin and end.
#include "html/tree/extents.h"

#include "cli/probe/page.h"
#include "cli/probe/probes.h"

namespace personalize::cli {

Json probe_extents(const Json& input) {
  const std::string page = page_of(input);
  html::ExtentRecorder recorder;
  for (std::string_view chunk : chunks_of(page, input)) recorder.write(chunk);
  recorder.end();
  Json elements = Json::array();
  for (const html::Extent& extent : recorder.elements()) {
    elements.push_back({{"name", extent.name},
                        {"start", extent.start},
                        {"content", extent.content},
                        {"content_end", extent.content_end},
                        {"end", extent.end},
                        {"safe", extent.safe}});
  }
  return {{"elements", elements}};
}

}  // namespace personalize::cli
