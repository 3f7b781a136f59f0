#include "module/status/rows.h"

namespace personalize::module {
namespace {

#define PERSONALIZE_COUNTER(name, help) {#name, #name "_total", help, &Counters::name},
#define PERSONALIZE_PART(name, help) {#name, "", help, &Counters::name},
#define PERSONALIZE_GAUGE(name, metric, help) {#name, #metric, help, nullptr, GaugeName::name},
constexpr StatusRow rows[] = {PERSONALIZE_NUMBERS(PERSONALIZE_COUNTER, PERSONALIZE_PART, PERSONALIZE_GAUGE)};
#undef PERSONALIZE_COUNTER
#undef PERSONALIZE_PART
#undef PERSONALIZE_GAUGE

constexpr HistogramRow histograms[] = {
    {"decide", "Attributes, decision and content of one page", &Counters::decide},
    {"rewrite", "Rewriting one page's body", &Counters::rewrite},
};

}  // namespace

std::span<const StatusRow> status_rows() { return rows; }
std::span<const HistogramRow> histogram_rows() { return histograms; }

}  // namespace personalize::module
