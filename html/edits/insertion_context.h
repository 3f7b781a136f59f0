// What edits need to know about the page around the current token.
#pragma once

#include <cstdint>
#include <string_view>

#include "html/tree/tree.h"

namespace personalize::html {

/// Where content is to be put: at the end of the innermost open element; in the one around it, after the innermost one,
/// which ends just there; or before the current start tag.
enum class Level : std::uint8_t { innermost, around_it, in_front };

/// Elements that are in the page without a tag, one bit each.
enum ImpliedTag : std::uint8_t {
  implied_html = 1 << 0,
  implied_head = 1 << 1,
  implied_body = 1 << 2,
  implied_colgroup = 1 << 3,
  implied_tbody = 1 << 4,
  implied_tr = 1 << 5,
};

/// What a start tag did before it made its element.
struct StartEffects {
  std::uint8_t implied = 0;  ///< of `ImpliedTag`
  bool may_move = false;     ///< as `Tree` has it
  bool begins_pre = false;   ///< it is the first in a `<pre>`, where a line end at the start is left out
};

/// Answered by the tree while a page is parsed, and by a splice plan if it was parsed before.
class InsertionContext {
 public:
  virtual ~InsertionContext() = default;

  /// As `Tree` has them; the plan's `watch` finds the element's events again.
  virtual const Inserted& inserted() const = 0;
  virtual const Inserted& outermost_ended() const = 0;
  virtual void forget_ended() = 0;
  /// Of the current tag.
  virtual StartEffects start_effects() const = 0;
  /// What is around the current element, for `leaks`.
  virtual std::uint64_t outside() const = 0;
  /// Of an element that has ended: what comes after it would be read in another way if there was nothing in it.
  virtual bool leaks(const Closed& closed, std::uint64_t outside) const = 0;
  /// As `Tree` has it.
  virtual bool after_body() const = 0;
  virtual bool end_tag_would_do() const = 0;
  virtual void end_tag_written() = 0;
  virtual void watch(std::uint16_t watch) = 0;
  virtual bool watch_implied(TagId id, std::uint16_t watch) = 0;

  /// The innermost open element has that name.
  virtual bool innermost_is(TagName name) const = 0;
  /// The element is one of SVG or MathML. False if there is none.
  virtual bool foreign(Level level) const = 0;
  /// See `is_safe_insertion` in insertion_safety.h.
  virtual bool takes(Level level, std::string_view content) const = 0;
};

/// For a page that is being parsed.
class TreeInsertionContext final : public InsertionContext {
 public:
  explicit TreeInsertionContext(Tree& tree) : tree_(tree) {}

  const Inserted& inserted() const override { return tree_.inserted(); }
  const Inserted& outermost_ended() const override { return tree_.outermost_ended(); }
  void forget_ended() override { tree_.forget_ended(); }
  StartEffects start_effects() const override;
  std::uint64_t outside() const override { return tree_.outside(); }
  bool leaks(const Closed& closed, std::uint64_t outside) const override {
    return closed.leaks || (closed.final && !tree_.at_end() && tree_.outside() != outside);
  }
  bool after_body() const override { return tree_.after_body(); }
  bool end_tag_would_do() const override { return tree_.end_tag_would_do(); }
  void end_tag_written() override { tree_.end_tag_written(); }
  void watch(std::uint16_t watch) override { tree_.watch(watch); }
  bool watch_implied(TagId id, std::uint16_t watch) override { return tree_.watch_implied(id, watch); }
  bool innermost_is(TagName name) const override {
    return tree_.size() != 0 && tree_.name_at(tree_.size() - 1) == name;
  }
  bool foreign(Level level) const override {
    const std::size_t open = place(level).open;
    return open != 0 && tree_.namespace_at(open - 1) != Namespace::html;
  }
  bool takes(Level level, std::string_view content) const override;
  TreePlace place(Level level) const {
    if (tree_.size() == 0) return {};
    if (level == Level::in_front) return tree_.in_front();
    return {tree_.size() - (level == Level::innermost ? 0 : 1), 0};
  }

 private:
  Tree& tree_;
};

}  // namespace personalize::html
