#include "module/splicing/between.h"

#include <algorithm>

namespace personalize::nginx {
namespace {

constexpr std::size_t most_types = 16;  // per location, as backends may send anything

}  // namespace

Passage::Passage(std::string_view before, bool is_packed, std::string_view behind)
    : type_before(before),
      packed(is_packed),
      type_behind(behind),
      form(hash(type_behind + (is_packed ? "\ngzip" : "\n"))) {}

const Passage* Between::find(std::string_view type_before, bool packed) {
  if (const Passage* passage = seen(type_before, packed)) return passage;
  const std::string type_behind = known_type(known_key(type_before, packed));
  if (type_behind.empty()) return nullptr;
  Passage& guess = new_place();
  guess = Passage(type_before, packed, type_behind);
  guess.guessed = true;
  return &guess;
}

void Between::learn(Passage passage) {
  Passage* known = seen(passage.type_before, passage.packed);
  if (known != nullptr && *known == passage) return;
  const bool news = known == nullptr || known->type_behind != passage.type_behind;
  if (news && !passage.changes_pages)
    keep_known_type(known_key(passage.type_before, passage.packed), passage.type_behind);
  (known != nullptr ? *known : new_place()) = std::move(passage);
}

PlanKey Between::known_key(std::string_view type_before, bool packed) const {
  struct {
    PlanKey location, load, type;
  } all{location_, packed ? load_ : PlanKey{}, hash(type_before)};
  return hash({reinterpret_cast<const char*>(&all), sizeof all});
}

Passage* Between::seen(std::string_view type_before, bool packed) {
  const auto found = std::find_if(passages_.begin(), passages_.end(), [&](const Passage& passage) {
    return passage.type_before == type_before && passage.packed == packed;
  });
  return found != passages_.end() ? &*found : nullptr;
}

Passage& Between::new_place() {
  if (passages_.size() < most_types) return passages_.emplace_back();
  return passages_[next_++ % most_types];
}

}  // namespace personalize::nginx
