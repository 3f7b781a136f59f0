// The open elements whose children are being sorted, from the outermost to the innermost.
#pragma once

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "html/edits/captured.h"
#include "html/edits/edit_list.h"

namespace personalize::html {

/// What is written of such elements, including edits inside them, is captured; marks are places in it.
class Reorders {
 public:
  using Id = std::uint32_t;
  static constexpr Id none = 0;

  bool empty() const { return open_.empty(); }
  bool is_open(Id id) const;
  /// The innermost one.
  Id id() const { return open_.back().id; }
  EditId edit() const { return open_.back().edit; }
  /// Depth of the elements that it sorts.
  std::uint32_t child_depth() const { return open_.back().depth + 1; }

  /// The content of an element begins.
  Id begin(std::uint32_t depth, EditId edit, Captured::Mark at);
  /// A child of the innermost one begins. `has_key`: it has the attribute whose value gives the key.
  void child_begins(Captured::Mark at, bool has_key, std::int64_t key);
  /// The latest child ends. `end_tag` is written after it if any child is moved; empty if it has one of its own.
  void child_ends(Captured::Mark at, std::string_view end_tag);
  /// The parser moved some child of the innermost one elsewhere: its children stay in their order.
  void spoil() { open_.back().spoiled = true; }
  bool spoiled() const { return open_.back().spoiled; }
  /// A field of a card begins, in all of them.
  void note_payment() {
    for (Open& open : open_) open.has_payment = true;
  }
  bool has_payment() const { return open_.back().has_payment; }
  /// Some child of the innermost one has the attribute that they are sorted by.
  bool has_keys() const {
    return std::ranges::any_of(open_.back().children, [](const Child& child) { return child.has_key; });
  }

  /// The innermost one ends with `captured`, and is forgotten. With `sort` its children are put in order:
  /// lower keys first, those without a key last, equal ones in the page's order. What is between them stays where it
  /// is.
  void finish(Captured& captured, bool sort);
  std::size_t memory() const;

 private:
  struct Child {
    Captured::Mark begin;
    Captured::Mark end;
    bool has_key;
    std::int64_t key;
    std::string_view end_tag;
  };
  struct Open {
    Id id;
    std::uint32_t depth;
    EditId edit;
    bool spoiled;
    bool has_payment;
    Captured::Mark begin;
    std::vector<Child> children;
  };

  std::vector<Open> open_;
  Id last_id_ = none;
};

}  // namespace personalize::html
