#include "html/edit.h"

#include <array>

namespace personalize::html {
namespace {

constexpr std::array<std::string_view, 12> operation_names = {
    "before", "prepend",       "append",           "after",     "inner",        "replace",
    "remove", "set_attribute", "remove_attribute", "add_class", "remove_class", "reorder"};

constexpr std::array<std::string_view, 12> skip_names = {"none",     "no_match", "unsafe_region", "void_element",
                                                         "raw_text", "foreign",  "inside_edit",   "held_too_long",
                                                         "encoding", "too_deep", "truncated",     "no_tag"};

}  // namespace

std::string_view to_string(Operation operation) { return operation_names[static_cast<std::size_t>(operation)]; }

bool parse_operation(std::string_view name, Operation& operation) {
  for (std::size_t i = 0; i < operation_names.size(); ++i) {
    if (operation_names[i] == name) {
      operation = static_cast<Operation>(i);
      return true;
    }
  }
  return false;
}

std::string_view to_string(Skip skip) { return skip_names[static_cast<std::size_t>(skip)]; }

}  // namespace personalize::html
