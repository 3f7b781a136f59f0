#include "html/edits/edit.h"

#include <array>

namespace personalize::html {
namespace {

constexpr bool in_order() {
  for (std::size_t i = 0; i < std::size(operations); ++i) {
    if (operations[i].operation != static_cast<Operation>(i)) return false;
  }
  return std::size(operations) == static_cast<std::size_t>(Operation::reorder) + 1;
}
static_assert(in_order());

constexpr std::array<std::string_view, 14> skip_names = {
    "none",          "no_match", "unsafe_region", "void_element", "raw_text", "foreign", "inside_edit",
    "held_too_long", "encoding", "too_deep",      "truncated",    "no_tag",   "no_key",  "payment"};

}  // namespace

std::optional<Operation> parse_operation(std::string_view name) {
  for (const OperationTraits& known : operations) {
    if (known.name == name) return known.operation;
  }
  return std::nullopt;
}

std::string_view to_string(Skip skip) { return skip_names[static_cast<std::size_t>(skip)]; }

}  // namespace personalize::html
