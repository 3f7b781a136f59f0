// The stack of open elements (§13.2.4.2), and what is in scope on it.
#pragma once

#include <algorithm>
#include <array>
#include <cassert>
#include <cstddef>
#include <cstdint>

#include "html/elements.h"
#include "html/limits.h"
#include "html/tree/tags.h"

namespace personalize::html {

/// Its members have no initial values: a tree has room for many of them, and is made for every page and trial.
struct OpenElement {
  enum Flag : std::uint8_t {
    namespace_bits = 3,
    watched = 1 << 2,
    formatting = 1 << 3,   ///< has an entry in the list of active formatting elements
    unsafe = 1 << 4,       ///< inherited by what is put inside
    integration = 1 << 5,  ///< HTML integration point
    synthetic = 1 << 6,    ///< no tag in the page stands for it
  };
  /// What has happened to an element since its start tag.
  enum Fate : std::uint8_t { was_moved = 1 << 0, has_leaked = 1 << 1, is_orphan = 1 << 2 };
  /// What is in scope in its content.
  enum Scope : std::uint8_t {
    p_in_button_scope = around_p,
    button_in_scope = around_button,
    in_template_contents = around_template,
  };

  std::uint32_t hash;
  std::uint32_t children;
  std::uint16_t watch;
  std::uint16_t depth;
  TagId id;
  std::uint8_t flags;
  std::uint8_t scope;
  std::uint8_t fate;

  TagName name() const { return {id, hash}; }
  Namespace name_space() const { return static_cast<Namespace>(flags & namespace_bits); }
  bool html() const { return (flags & namespace_bits) == 0; }
  bool is(TagId wanted) const { return id == wanted && html(); }
  bool is(TagName wanted) const { return id == wanted.id && hash == wanted.hash && html(); }
  bool has(std::uint32_t trait) const { return html() && has_trait(id, trait); }
  bool is_scope_boundary() const;
  bool is_special() const { return html() ? has_trait(id, trait_special) : is_scope_boundary(); }
};

/// The stack, outermost element first. It only holds elements: the tree decides which, and reports what becomes of
/// them.
class OpenElements {
 public:
  static constexpr std::size_t max_depth = limits::max_depth;
  static constexpr std::uint16_t not_watched = 0xFFFF;

  std::size_t size() const { return size_; }
  bool empty() const { return size_ == 0; }
  bool full() const { return size_ == max_depth; }
  OpenElement& operator[](std::size_t index) {
    assert(index < max_depth);
    return elements_[index];
  }
  const OpenElement& operator[](std::size_t index) const {
    assert(index < max_depth);
    return elements_[index];
  }
  OpenElement& top() {
    assert(size_ != 0);
    return elements_[size_ - 1];
  }
  const OpenElement& top() const {
    assert(size_ != 0);
    return elements_[size_ - 1];
  }
  const OpenElement* begin() const { return elements_.data(); }
  const OpenElement* end() const { return elements_.data() + size_; }

  // None of these may be called when the stack is full.
  OpenElement& push(TagName name, Namespace name_space);
  void push(const OpenElement& element) {
    next() = element;
    push_next();
  }
  /// The place of the next element, which is not on the stack until `push_next`.
  OpenElement& next() {
    assert(!full());
    return elements_[size_];
  }
  void push_next() { ++size_; }
  OpenElement& insert(std::size_t index);  ///< its members have no values yet

  void pop() {
    assert(size_ != 0);
    --size_;
  }
  void erase(std::size_t index);

  /// Index of the innermost HTML element of that name, or `size()`.
  std::size_t find(TagId id) const;
  bool has(TagId id) const { return find(id) != size_; }
  bool in_scope(TagId id, TagId boundary1 = TagId::unknown, TagId boundary2 = TagId::unknown) const;
  bool index_in_scope(std::size_t index) const;
  bool any_in_scope(std::uint32_t trait) const { return any_in_scope(trait, size_); }
  /// Of the outermost `open` elements.
  bool any_in_scope(std::uint32_t trait, std::size_t open) const;
  /// Some parsers look past a template here; where that would make a difference, these mark elements as unsafe.
  bool in_table_scope(TagId id);
  bool any_in_table_scope(std::uint32_t trait);
  bool in_select_scope() const;
  bool in_template() const { return size_ != 0 && (top().scope & OpenElement::in_template_contents) != 0; }
  std::size_t count_templates(std::size_t open) const;

  void mark_unsafe_from(std::size_t index);
  void mark_leak_from(std::size_t index);

 private:
  template <class Wanted>
  bool find_in_table_scope(Wanted wanted);

  std::size_t size_ = 0;
  std::array<OpenElement, max_depth> elements_;
};

}  // namespace personalize::html
