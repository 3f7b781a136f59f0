#include "cli/events/formats.h"

#include "learn/events/event_json.h"

namespace personalize::cli {
namespace {

class JsonLines final : public ExportFormat {
 public:
  void append(std::string& out, const learn::events::Event& event) override {
    learn::events::append_json(out, event);
    out += '\n';
  }
};

}  // namespace

std::unique_ptr<ExportFormat> export_format(std::string_view name) {
  if (name == "json") return std::make_unique<JsonLines>();
  if (name == "csv") return csv_format();
  if (name == "ga4") return ga4_format();
  return nullptr;
}

}  // namespace personalize::cli
