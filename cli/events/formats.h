// What events are exported as.
#pragma once

#include <memory>
#include <string>
#include <string_view>

#include "learn/events/event.h"

namespace personalize::cli {

class ExportFormat {
 public:
  virtual ~ExportFormat() = default;
  /// What comes before all events.
  virtual void begin(std::string&) {}
  virtual void append(std::string& out, const learn::events::Event& event) = 0;
};

/// "json": one object a line, as in the log; "csv": one line each, with a header (RFC 4180); "ga4": one object a line,
/// as Google Analytics 4 exports them to BigQuery. Null: there is no such format.
std::unique_ptr<ExportFormat> export_format(std::string_view name);
std::unique_ptr<ExportFormat> csv_format();
std::unique_ptr<ExportFormat> ga4_format();

}  // namespace personalize::cli
