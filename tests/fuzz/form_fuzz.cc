// Any body: the first line is its type. What is read of it is within the limits, asked for and UTF-8.
#include <simdjson.h>

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <vector>

#include "learn/events/form_body.h"

namespace events = personalize::learn::events;

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static events::FormReader reader, some;
  const std::string_view input(reinterpret_cast<const char*>(data), size);
  const std::size_t line = std::min(input.find('\n'), size);
  const std::string_view type = input.substr(0, line), body = input.substr(std::min(line + 1, size));
  const events::FormOutcome outcome = reader.read(type, body, {{}, true});
  const auto fields = reader.fields();
  if (outcome != events::FormOutcome::read && !fields.empty()) std::abort();
  if (fields.size() > events::limits::max_form_fields) std::abort();
  for (const events::FormField& field : fields) {
    if (field.name.empty() || field.name.size() > events::limits::max_form_name_bytes) std::abort();
    if (!simdjson::validate_utf8(field.name.data(), field.name.size())) std::abort();
    if (!simdjson::validate_utf8(field.value.data(), field.value.size())) std::abort();
    if (std::ranges::count(fields, field.name, &events::FormField::name) != 1) std::abort();
  }
  // What is asked for by name is the same as among all.
  if (fields.empty()) return 0;
  const std::vector<std::string> names = {std::string(fields.back().name)};
  if (some.read(type, body, {names, false}) != outcome || some.fields().size() != 1 ||
      !(some.fields()[0] == fields.back()))
    std::abort();
  return 0;
}
