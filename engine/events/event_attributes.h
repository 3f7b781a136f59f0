// What every event says of its request, as far as attributes know it: where the visitor is, on what device, from where
// he came.
#pragma once

#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "learn/events/event.h"
#include "rules/schema.h"
#include "rules/value.h"

namespace personalize::engine {

class EventAttributes {
 public:
  EventAttributes() = default;
  explicit EventAttributes(const rules::Schema& schema);

  /// Which must be resolved for that, or to know who is no visitor.
  std::span<const rules::AttributeId> used() const { return used_; }
  /// Texts are those of `context`.
  void fill_in(const rules::Context& context, learn::events::Event& event) const;

 private:
  std::vector<std::pair<rules::AttributeId, std::string_view learn::events::Event::*>> texts_;
  std::vector<std::pair<rules::AttributeId, std::string_view learn::events::Campaign::*>> campaign_;
  std::vector<rules::AttributeId> used_;
};

}  // namespace personalize::engine
