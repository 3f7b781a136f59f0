// Which form a template's result has: see html::EditForm.
#pragma once

#include <algorithm>
#include <cstdint>
#include <functional>
#include <string_view>

#include "html/edits/edit.h"
#include "html/tokens/ascii.h"
#include "rules/templates/program.h"

namespace personalize::rules::templates {

/// Follows a rendering. The static text is fixed, so only the choice of its parts counts, and what parsers see of
/// the values.
class FormOfResult {
 public:
  explicit FormOfResult(const Program& program) : ascii_(program.ascii) {
    mix(reinterpret_cast<std::uintptr_t>(&program));
  }

  /// A section's content is written once more …
  void begin_section() { mix(1); }
  /// … and that was the last time, if there was any.
  void end_section() { mix(2); }

  void value(const Operation& operation, std::string_view written) {
    ascii_ =
        ascii_ && std::all_of(written.begin(), written.end(), [](char c) { return static_cast<signed char>(c) >= 0; });
    if (operation.counts) return mix(std::hash<std::string_view>()(written));
    if (operation.escape == Escape::none) known_ = false;
    if (operation.escape != Escape::text) return;
    const bool blank = std::all_of(written.begin(), written.end(), html::is_space);
    const bool blank_edges = written.empty() || html::is_space(written.front()) || html::is_space(written.back());
    mix(blank ? (written.empty() ? 3 : 4) : blank_edges ? 5 : 6);
  }

  html::EditForm form() const { return {known_ ? std::max<std::uint64_t>(form_, 1) : 0, ascii_}; }

 private:
  void mix(std::uint64_t what) {
    form_ = (form_ ^ what) * 0x9E37'79B9'7F4A'7C15;
    form_ ^= form_ >> 32;
  }

  std::uint64_t form_ = 0;
  bool ascii_;
  bool known_ = true;
};

}  // namespace personalize::rules::templates
