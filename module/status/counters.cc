#include "module/status/counters.h"

#include <signal.h>

#include <cassert>
#include <tuple>

namespace personalize::module {
namespace {

Counters before_there_are_workers;
Counters* current = &before_there_are_workers;
Gauges* shared = nullptr;  // null until there are workers
std::array<std::int32_t, std::tuple_size_v<Gauges>> own{};
Gauge::Owner self = 0;

void publish(std::size_t gauge) {
  if (shared != nullptr) (*shared)[gauge].set(self, static_cast<std::uint32_t>(own[gauge]), is_alive);
}

}  // namespace

Counters& counters() { return *current; }
void set_counters(Counters& slot) { current = &slot; }

void add_to(GaugeName gauge, std::int32_t by) {
  own[static_cast<std::size_t>(gauge)] += by;
  assert(own[static_cast<std::size_t>(gauge)] >= 0);
  publish(static_cast<std::size_t>(gauge));
}

void set_gauges(Gauges& slot, Gauge::Owner owner) {
  shared = &slot;
  self = owner;
  for (Gauge& gauge : slot) gauge.begin(self);
}

void publish_gauges() {
  for (std::size_t gauge = 0; gauge < own.size(); ++gauge) publish(gauge);
}

bool is_alive(Gauge::Owner owner) { return owner != 0 && kill(static_cast<pid_t>(owner), 0) == 0; }

}  // namespace personalize::module
