#include "html/stretch_recorder.h"

#include <algorithm>

#include "html/tree.h"

namespace personalize::html {
namespace {

constexpr std::uint32_t worth_it = 64;  // bytes; below that looking is as cheap

}  // namespace

StretchRecorder::Run StretchRecorder::begin(std::uint32_t offset, const Tree& tree, std::uint64_t concerned,
                                            std::uint64_t state) {
  return {tree.size(), {offset, offset, 0, state}, tree.children(), concerned};
}

void StretchRecorder::at(std::uint32_t offset, const Tree& tree, std::uint64_t concerned) {
  const std::uint64_t state = tree.state_hash();
  auto inner = std::find_if(runs_.begin(), runs_.end(), [&](const Run& run) { return run.depth >= tree.size(); });
  if (inner == runs_.end() || inner->depth != tree.size()) {
    for (auto run = inner; run != runs_.end(); ++run) keep(run->stretch);
    runs_.erase(inner, runs_.end());
    runs_.push_back(begin(offset, tree, concerned, state));
    return;
  }
  const bool unchanged = inner->stretch.state == state && inner->concerned == concerned;
  if (unchanged) {  // what is inside of it is skipped with it
    while (!found_.empty() && found_.back().begin >= inner->stretch.begin) found_.pop_back();
    inner->stretch.end = offset;
    inner->stretch.children = tree.children() - inner->children;
  } else {
    for (auto run = inner; run != runs_.end(); ++run) keep(run->stretch);
    *inner = begin(offset, tree, concerned, state);
  }
  runs_.erase(inner + 1, runs_.end());
}

std::vector<Stretch> StretchRecorder::finish() {
  for (const Run& run : runs_) keep(run.stretch);
  runs_.clear();
  std::sort(found_.begin(), found_.end(), [](const Stretch& a, const Stretch& b) { return a.begin < b.begin; });
  return std::move(found_);
}

void StretchRecorder::keep(const Stretch& stretch) {
  if (stretch.end - stretch.begin >= worth_it) found_.push_back(stretch);
}

}  // namespace personalize::html
