#include "module/status/counters.h"

namespace personalize::nginx {
namespace {

Counters before_there_are_workers;
Counters* current = &before_there_are_workers;

}  // namespace

Counters& counters() { return *current; }
void set_counters(Counters& slot) { current = &slot; }

}  // namespace personalize::nginx
