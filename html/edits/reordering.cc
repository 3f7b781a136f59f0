#include "html/edits/reordering.h"

#include <algorithm>
#include <cassert>

namespace personalize::html {

bool Reorders::is_open(Id id) const {
  return std::any_of(open_.begin(), open_.end(), [id](const Open& open) { return open.id == id; });
}

Reorders::Id Reorders::begin(std::uint32_t depth, EditId edit, Captured::Mark at) {
  open_.push_back({++last_id_, depth, edit, false, false, at, {}});
  return last_id_;
}

void Reorders::child_begins(Captured::Mark at, bool has_key, std::int64_t key) {
  assert(!open_.empty());
  open_.back().children.push_back({at, at, has_key, key, {}});
}

void Reorders::child_ends(Captured::Mark at, std::string_view end_tag) {
  assert(!open_.empty() && !open_.back().children.empty());
  Child& child = open_.back().children.back();
  child.end = at;
  child.end_tag = end_tag;
}

void Reorders::finish(Captured& captured, bool sort) {
  assert(!open_.empty());
  const Open& open = open_.back();
  const auto before = [](const Child& a, const Child& b) {
    return a.has_key != b.has_key ? a.has_key : a.has_key && a.key < b.key;
  };
  if (sort && !std::is_sorted(open.children.begin(), open.children.end(), before)) {
    std::vector<Child> order = open.children;
    std::stable_sort(order.begin(), order.end(), before);
    std::vector<Captured::Part> parts;
    parts.reserve(2 * order.size() + 1);
    Captured::Mark at = open.begin;
    for (std::size_t i = 0; i < order.size(); ++i) {
      parts.push_back({at, open.children[i].begin});
      parts.push_back({order[i].begin, order[i].end, order[i].end_tag});
      at = open.children[i].end;
    }
    parts.push_back({at, captured.mark()});
    captured.rearrange(open.begin, parts);
  }
  open_.pop_back();
}

std::size_t Reorders::memory() const {
  std::size_t bytes = open_.capacity() * sizeof(Open);
  for (const Open& open : open_) bytes += open.children.capacity() * sizeof(Child);
  return bytes;
}

}  // namespace personalize::html
