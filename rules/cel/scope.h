// What a function may use while it runs: memory and a budget.
#pragma once

#include <cstdint>
#include <cstring>
#include <new>
#include <span>
#include <string_view>

#include "rules/value.h"

namespace personalize::rules::cel {

/// One evaluation's memory and what is left of its budget. When the budget is gone, functions may return
/// anything at all: the evaluation as a whole fails.
struct Scope {
  Arena& arena;
  std::uint64_t budget;
  bool exhausted = false;

  /// Pays for work proportional to a size that is only known now. False if it cannot be afforded: skip the work.
  bool charge(std::uint64_t units) {
    if (units > budget) {
      exhausted = true;
      budget = 0;
      return false;
    }
    budget -= units;
    return true;
  }
  /// For work on `bytes` of text.
  bool charge_bytes(std::uint64_t bytes) { return charge(bytes / 16); }

  template <typename T>
  T* allocate(std::size_t count) {
    return static_cast<T*>(arena.allocate(count * sizeof(T), alignof(T)));
  }
  std::string_view copy(std::string_view text) {
    if (text.empty()) return {};
    char* memory = allocate<char>(text.size());
    std::memcpy(memory, text.data(), text.size());
    return {memory, text.size()};
  }
  Value* box(const Value& value) { return new (allocate<Value>(1)) Value(value); }
};

/// A function or operator. The number of arguments is one that its signatures allow; the receiver is the
/// first. No argument is an error.
using Function = Value (*)(std::span<const Value> args, Scope& scope);

/// Of maps and lists that lack something, which is no mistake of an expression.
inline constexpr std::string_view no_such_key = "no such key", no_such_index = "no such index";

inline Value no_overload() { return Value::error("no such overload"); }
inline Value not_bool() { return Value::error("not a bool where one is needed"); }
inline Value over_budget() { return Value::error("expression costs too much"); }

}  // namespace personalize::rules::cel
