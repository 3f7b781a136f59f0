#include "html/selectors/compiled_selectors.h"

#include <algorithm>

#include "html/tokens/word_hash.h"

namespace personalize::html {
namespace {

void set(std::span<std::uint64_t> bitmap, std::uint64_t hash) {
  const std::size_t bit = hash % (bitmap.size() * 64);
  bitmap[bit / 64] |= std::uint64_t{1} << (bit % 64);
}

}  // namespace

void StepTable::add(std::uint64_t hash, StepId step) {
  if (2 * (count_ + 1) > entries_.size()) grow();
  std::size_t at = hash & (entries_.size() - 1);
  while (!entries_[at].steps.empty() && entries_[at].hash != hash) at = (at + 1) & (entries_.size() - 1);
  if (entries_[at].steps.empty()) ++count_;
  entries_[at].hash = hash;
  entries_[at].steps.push_back(step);
}

void StepTable::find(std::uint64_t hash, std::vector<StepId>& out) const {
  if (entries_.empty()) return;
  for (std::size_t at = hash & (entries_.size() - 1); !entries_[at].steps.empty();
       at = (at + 1) & (entries_.size() - 1)) {
    if (entries_[at].hash != hash) continue;
    out.insert(out.end(), entries_[at].steps.begin(), entries_[at].steps.end());
    return;
  }
}

void StepTable::grow() {
  std::vector<Entry> old(std::max<std::size_t>(16, entries_.size() * 2));
  old.swap(entries_);
  count_ = 0;
  for (const Entry& entry : old) {
    for (const StepId step : entry.steps) add(entry.hash, step);
  }
}

/// Matches nothing but the outermost element.
static bool is_root(const ComplexSelector& complex) {
  const CompoundSelector& last = complex.compounds.back();
  return (!last.any_type && last.type.lower == "html") ||
         std::any_of(last.pseudos.begin(), last.pseudos.end(),
                     [](const PseudoTest& test) { return test.kind == PseudoClass::root; });
}

void SelectorIndex::add(const SelectorList& list) {
  const auto slot = static_cast<SlotId>(slot_count_++);
  only_root_.push_back(std::all_of(list.begin(), list.end(), is_root));
  guards_payment_.push_back(true);
  for (const ComplexSelector& complex : list) add_complex(complex, slot, no_index);
  for (BitWords& mask : masks_) mask.resize(word_count());
  universal_.resize(word_count());
}

StepId SelectorIndex::add_complex(const ComplexSelector& complex, SlotId slot, StepId host) {
  StepId previous = no_index;
  for (std::size_t i = 0; i < complex.compounds.size(); ++i) {
    const CompoundSelector& compound = complex.compounds[i];
    const bool last = i + 1 == complex.compounds.size();
    const auto id = static_cast<StepId>(steps_.size());
    Step& step = steps_.emplace_back();
    step.any_type = compound.any_type;
    step.type = compound.type;
    step.type_key = tag_key(compound.type.lower);
    step.ids = compound.ids;
    step.classes = compound.classes;
    step.attributes = compound.attributes;
    step.combinator = compound.combinator;
    step.previous = previous;
    if (last) step.slot = slot;
    if (last) step.host = host;
    if (!last) step.bit = bit_count_++;
    if (previous != no_index) {
      BitWords& mask = masks_[static_cast<std::size_t>(compound.combinator)];
      mask.resize(word_count());
      set(mask, steps_[previous].bit);
    }
    compile_pseudos(id, compound);
    if (!last || host == no_index) enlist(id, compound);
    previous = id;
  }
  return previous;
}

void SelectorIndex::compile_pseudos(StepId id, const CompoundSelector& compound) {
  std::vector<CompiledPseudo> pseudos;
  // Those that look ahead come last: they are asked only if nothing else decides.
  std::vector<PseudoTest> tests = compound.pseudos;
  std::stable_partition(tests.begin(), tests.end(), [](const PseudoTest& test) { return !html::looks_ahead(test); });
  for (const PseudoTest& test : tests) {
    looks_ahead_ |= html::looks_ahead(test);
    CompiledPseudo& pseudo = pseudos.emplace_back();
    pseudo.kind = test.kind;
    pseudo.step = test.step;
    pseudo.offset = test.offset;
    pseudo.languages = test.languages;
    if (test.kind == PseudoClass::lang) {
      asks_for_language_ = true;
      prefilter_.add_attribute("lang");
      prefilter_.add_attribute("xml:lang");
    }
    for (const ComplexSelector& argument : test.argument)
      pseudo.argument.push_back(add_complex(argument, no_index, id));
    if (test.kind == PseudoClass::nth_of_type || test.kind == PseudoClass::nth_last_of_type) count_types(id);
  }
  steps_[id].pseudos = std::move(pseudos);
}

/// What an element must have for the compound to match: one of the returned keys. The rarest kind is chosen.
std::vector<SelectorIndex::Key> SelectorIndex::keys(const CompoundSelector& compound) {
  if (!compound.ids.empty()) return {{KeyKind::id, compound.ids.front()}};
  if (!compound.classes.empty()) return {{KeyKind::class_name, compound.classes.front()}};
  for (const AttributeTest& test : compound.attributes) {
    if (test.any_namespace) continue;
    if (test.op == AttributeOperator::equals && test.name.lower == "id" && !test.ignore_case) {
      return {{KeyKind::id, test.value}};
    }
    return {{KeyKind::attribute, test.name.lower}};
  }
  if (!compound.any_type) return {{KeyKind::tag, compound.type.lower}};
  for (const PseudoTest& test : compound.pseudos) {
    if (test.kind == PseudoClass::root) return {{KeyKind::tag, "html"}};
    if (test.kind != PseudoClass::is) continue;
    std::vector<Key> all;
    for (const ComplexSelector& argument : test.argument) {
      const std::vector<Key> some = keys(argument.compounds.back());
      all.insert(all.end(), some.begin(), some.end());
    }
    if (std::none_of(all.begin(), all.end(), [](const Key& key) { return key.kind == KeyKind::any; })) return all;
  }
  return {{KeyKind::any, {}}};
}

void SelectorIndex::enlist(StepId id, const CompoundSelector& compound) {
  for (const Key& key : keys(compound)) {
    switch (key.kind) {
      case KeyKind::id: by_id_.add(word_hash(key.text), id); break;
      case KeyKind::class_name: by_class_.add(word_hash(key.text), id); break;
      case KeyKind::attribute: by_attribute_.add(name_hash(key.text), id); break;
      case KeyKind::tag: by_tag_.add(tag_key(key.text), id); break;
      case KeyKind::any:
        on_any_.push_back(id);
        open_everything_after(steps_[id].previous);
        continue;
    }
    if (key.kind == KeyKind::id) prefilter_.add_id(key.text);
    if (key.kind == KeyKind::class_name) prefilter_.add_class(key.text);
    if (key.kind == KeyKind::attribute) prefilter_.add_attribute(key.text);
    if (key.kind == KeyKind::tag) prefilter_.add_tag(tag_key(key.text));
  }
}

/// The step asks for an element's position among siblings of its type, so these have to be seen as well.
void SelectorIndex::count_types(StepId id) {
  // An argument of :is() or :not() is about the same element as the compound around it, one of :has() is not.
  while (steps_[id].any_type && steps_[id].host != no_index && steps_[id].combinator == Combinator::none)
    id = steps_[id].host;
  if (!steps_[id].any_type) {
    counted_types_.push_back(steps_[id].type_key);
    prefilter_.add_tag(steps_[id].type_key);
    return;
  }
  counts_all_types_ = true;
  // All children of the parent have to be seen, from the first one on: find out what the parent has to be.
  while (steps_[id].combinator == Combinator::next_sibling || steps_[id].combinator == Combinator::later_sibling) {
    id = steps_[id].previous;
  }
  open_everything_after(steps_[id].previous);
}

void SelectorIndex::open_everything_after(StepId previous) {
  if (previous == no_index) {
    prefilter_.open_everything();
    return;
  }
  universal_.resize(word_count());
  set(universal_, steps_[previous].bit);
}

bool SelectorIndex::counts_type(std::uint64_t key) const {
  return counts_all_types_ || std::find(counted_types_.begin(), counted_types_.end(), key) != counted_types_.end();
}

}  // namespace personalize::html
