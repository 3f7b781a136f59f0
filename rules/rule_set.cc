#include "rules/rule_set.h"

#include "rules/compiled.h"
#include "rules/load/loader.h"

namespace personalize::rules {
namespace {

/// FNV-1a of 64 bits (www.isthe.com/chongo/tech/comp/fnv).
class Hash {
 public:
  void add(std::string_view text) {
    for (char c : text) {
      state_ ^= static_cast<unsigned char>(c);
      state_ *= 0x100000001b3;
    }
  }
  std::string hexadecimal() const {
    std::string text(16, '0');
    for (int i = 0; i < 16; ++i) text[i] = "0123456789abcdef"[state_ >> (60 - 4 * i) & 15];
    return text;
  }

 private:
  std::uint64_t state_ = 0xcbf29ce484222325;
};

std::string version_of(std::span<const SourceFile> files) {
  Hash hash;
  for (const SourceFile& file : files) {
    hash.add(std::to_string(file.text.size()));
    hash.add(":");
    hash.add(file.text);
  }
  return hash.hexadecimal();
}

}  // namespace

std::string_view to_string(Lost lost) {
  switch (lost) {
    case Lost::disabled: return "disabled";
    case Lost::other_page: return "other_page";
    case Lost::schedule: return "schedule";
    case Lost::condition: return "condition";
    case Lost::missing_attribute: return "missing_attribute";
    case Lost::condition_error: return "condition_error";
    case Lost::priority: return "priority";
  }
  return "";
}

std::int64_t ListedOrder::key(std::string_view value) const {
  const auto found = keys_.find(value);
  return found == keys_.end() ? static_cast<std::int64_t>(keys_.size()) : found->second;
}

RuleSet::RuleSet() : impl_(std::make_unique<Impl>()) {}
RuleSet::~RuleSet() = default;

std::shared_ptr<const RuleSet> RuleSet::load(std::span<const SourceFile> files, const Schema& builtin,
                                             Diagnostics& diagnostics) {
  std::shared_ptr<RuleSet> set(new RuleSet);
  for (AttributeId id = 0; id < builtin.size(); ++id)
    set->impl_->schema.add(builtin[id].name, builtin[id].type, builtin[id].description);
  Diagnostics found;
  load::Loader(*set->impl_, files, found).load();
  set->impl_->version = version_of(files);
  const bool good = !has_errors(found);
  if (good) set->impl_->build_indexes();
  diagnostics.insert(diagnostics.end(), std::make_move_iterator(found.begin()), std::make_move_iterator(found.end()));
  return good ? set : nullptr;
}

const Schema& RuleSet::schema() const { return impl_->schema; }
const html::Selectors& RuleSet::selectors() const { return impl_->selectors; }
std::span<const AttributeId> RuleSet::used_attributes() const { return impl_->used_attributes; }
std::size_t RuleSet::slot_count() const { return impl_->slots.size(); }
std::size_t RuleSet::rule_count() const { return impl_->rules.size(); }
std::string_view RuleSet::slot_name(SlotId slot) const { return impl_->slots[slot].name; }
std::string_view RuleSet::slot_selector(SlotId slot) const { return impl_->slots[slot].selector; }
std::string_view RuleSet::rule_name(RuleId rule) const { return impl_->rules[rule].id; }
std::string_view RuleSet::version() const { return impl_->version; }

}  // namespace personalize::rules
