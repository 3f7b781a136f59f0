// All selectors of a rule set, compiled into one index.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "html/edits/edit.h"

namespace personalize::html {

struct SelectorError {
  std::size_t offset;   ///< in bytes from the start of the selector
  std::string message;  ///< one sentence, lower case, no full stop
};

class SelectorIndex;  // the compiled form: html/selectors/matcher.h

/// Selectors of all slots. Filled once when rules are loaded, then immutable and shared by all requests and threads.
///
/// Supported are CSS Selectors level 4 as far as a stream can decide them: type, `*`, `#id`, `.class`, attribute
/// operators with `i`/`s`, all combinators of a single tree, lists, and the pseudo-classes in pseudo_classes.cc.
/// Elements are held back until a selector that looks ahead is answered, within a budget (html/rewriter.h).
class Selectors {
 public:
  Selectors();
  ~Selectors();
  Selectors(Selectors&&) noexcept;
  Selectors& operator=(Selectors&&) noexcept;

  /// Adds the next slot (numbered from 0). On error nothing is added.
  std::optional<SelectorError> add(std::string_view selector);

  /// Elements of payment forms may be edited, too, where the latest slot's selector matches them.
  void allow_payment();

  /// Why that operation makes no sense on what the slot's selector matches, if so: a page cannot be without its
  /// outermost element.
  std::optional<std::string_view> refusal(SlotId slot, Operation operation) const;

  /// Number of slots added.
  std::size_t size() const;

  const SelectorIndex& index() const { return *index_; }

 private:
  std::unique_ptr<SelectorIndex> index_;
};

}  // namespace personalize::html
