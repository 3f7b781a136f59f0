// The compiled form of `Selectors`: every compound selector of every slot as a `Step`, and tables that lead from a
// tag's name, id, classes and attributes to the steps that it could match.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "html/selectors/ast.h"
#include "html/selectors/matcher.h"

namespace personalize::html {

using StepId = std::uint32_t;
inline constexpr std::uint32_t no_index = 0xFFFFFFFFu;

struct Step;

/// A pseudo-class whose argument has become steps: `argument` are the last steps of its complex selectors.
struct CompiledPseudo {
  PseudoClass kind;
  std::int32_t step = 0;
  std::int32_t offset = 0;
  std::vector<StepId> argument;
  std::vector<std::string> languages;
};

/// One compound selector in its place in a complex selector.
struct Step {
  bool any_type = true;
  Name type;
  std::uint64_t type_key = 0;
  std::vector<std::string> ids;
  std::vector<std::string> classes;
  std::vector<AttributeTest> attributes;
  std::vector<CompiledPseudo> pseudos;
  Combinator combinator = Combinator::none;  ///< to the element that `previous` has to match
  StepId previous = no_index;
  StepId host = no_index;        ///< for the last step of an argument: the step whose pseudo-class has the argument
  std::uint32_t bit = no_index;  ///< number among the steps that others follow, for sets of bits
  SlotId slot = no_index;        ///< which slot matches with this step
};

/// From a hash to the steps listed under it.
class StepTable {
 public:
  void add(std::uint64_t hash, StepId step);
  /// Appends the steps under `hash` to `out`.
  void find(std::uint64_t hash, std::vector<StepId>& out) const;
  bool empty() const { return count_ == 0; }

 private:
  struct Entry {
    std::uint64_t hash = 0;
    std::vector<StepId> steps;
  };
  void grow();

  std::vector<Entry> entries_;  // open addressing, a power of two, at most half full
  std::size_t count_ = 0;
};

/// Sets of bits, one bit for each step that others follow, in as many words as needed.
using BitWords = std::vector<std::uint64_t>;

class SelectorIndex {
 public:
  void add(const SelectorList& list);

  std::size_t slot_count() const { return slot_count_; }
  /// The slot's selector can match nothing but the outermost element.
  bool only_root(SlotId slot) const { return only_root_[slot]; }
  /// The slot's edits are not made to payment forms.
  bool guards_payment(SlotId slot) const { return guards_payment_[slot]; }
  void allow_payment() { guards_payment_.back() = false; }
  std::size_t word_count() const { return (bit_count_ + 63) / 64; }
  const Prefilter& prefilter() const { return prefilter_; }
  const Step& step(StepId id) const { return steps_[id]; }
  std::size_t step_count() const { return steps_.size(); }

  /// Steps worth trying on an element of this tag name, id, …
  const StepTable& by_tag() const { return by_tag_; }
  const StepTable& by_id() const { return by_id_; }
  const StepTable& by_class() const { return by_class_; }
  const StepTable& by_attribute() const { return by_attribute_; }
  const std::vector<StepId>& on_any() const { return on_any_; }

  /// Bits by the combinator that follows them, `[word]`.
  const BitWords& bits(Combinator combinator) const { return masks_[static_cast<std::size_t>(combinator)]; }
  /// Bits that make every element interesting when they are set.
  const BitWords& universal_bits() const { return universal_; }

  /// Some selector asks for languages: elements with `lang` have to be opened.
  bool asks_for_language() const { return asks_for_language_; }
  /// Some selector looks ahead.
  bool looks_ahead() const { return looks_ahead_; }

  /// Elements must be counted by type: those with a listed name, or all.
  bool counts_types() const { return counts_all_types_ || !counted_types_.empty(); }
  bool counts_type(std::uint64_t key) const;

 private:
  enum class KeyKind : std::uint8_t { tag, id, class_name, attribute, any };
  struct Key {
    KeyKind kind;
    std::string text;
  };

  StepId add_complex(const ComplexSelector& complex, SlotId slot, StepId host);
  void compile_pseudos(StepId id, const CompoundSelector& compound);
  static std::vector<Key> keys(const CompoundSelector& compound);
  void enlist(StepId id, const CompoundSelector& compound);
  void count_types(StepId id);
  void open_everything_after(StepId previous);

  std::vector<Step> steps_;
  std::size_t slot_count_ = 0;
  std::vector<bool> only_root_;       // by slot …
  std::vector<bool> guards_payment_;  // … too
  std::uint32_t bit_count_ = 0;
  Prefilter prefilter_;
  StepTable by_tag_, by_id_, by_class_, by_attribute_;
  std::vector<StepId> on_any_;
  BitWords masks_[5];
  BitWords universal_;
  std::vector<std::uint64_t> counted_types_;  // keys of tag names
  bool counts_all_types_ = false;
  bool looks_ahead_ = false;
  bool asks_for_language_ = false;
};

}  // namespace personalize::html
