// Where the slots of one page are, so that it need not be read again.
//
// A page that comes out of a cache or a file is the same bytes every time. Reading it once leaves a plan behind: every
// element that some slot's selector matches, with the offsets of its tags, and what its surroundings are like at each
// place where something could be put. With that, the edits of any visitor find their places without a look at the page:
// what comes out is, byte for byte, what `Rewriter` would have written. Edits are no part of a plan, but for one thing:
// where children may be put into another order, it has to know of all of them.
//
// A plan is flat bytes that can be kept anywhere, in shared memory too. Those of another process are of no use (tag
// names without id have other numbers there) unless one was forked from the other.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "html/edit.h"
#include "html/rewriter.h"
#include "html/selectors/selectors.h"

namespace personalize::html {

/// Where the start tags that edits may change are read when a plan is used.
enum class TagSource : std::uint8_t {
  body,  ///< which has to be at hand then
  plan,  ///< which keeps them, and is larger for it
};

/// Reads `body`, a whole page. Empty if there is no plan for it: some 65 000 elements match. `options` as for the
/// rewriter whose work the plan is to do. `sorted`: the slots whose elements some edit may `reorder`.
std::string record_plan(const Selectors& selectors, std::string_view body, const RewriterOptions& options = {},
                        TagSource tags = TagSource::body, std::span<const SlotId> sorted = {});

/// Takes a page that is put together, in order.
class SpliceSink {
 public:
  virtual ~SpliceSink() = default;
  /// Bytes of the body, as they are: `size` of them from the offset `at`. Slices are as long as they can be.
  virtual void slice(std::size_t at, std::size_t size) = 0;
  /// Bytes of an edit's content: valid as long as the edit is.
  virtual void insert(std::string_view bytes) = 0;
  /// Other bytes: valid until the call returns, to be copied.
  virtual void copy(std::string_view bytes) = 0;
};

/// A plan in memory of the caller's. Whatever is in that memory, nothing outside of the plan and of the body is read.
class SplicePlan {
 public:
  explicit SplicePlan(std::string_view bytes);

  /// It is whole, as its checksum says.
  bool valid() const { return valid_; }
  std::size_t body_size() const { return body_size_; }
  /// It can be used without the body.
  bool keeps_tags() const { return keeps_tags_; }
  /// Whatever is put into the page is written as it is.
  bool is_utf8() const;
  /// A bound for the number of calls that one `splice` with `edits` edits makes to its sink.
  std::size_t events() const { return event_count_; }

  /// Writes `body`, which the plan was made for, with `edits` into `sink`. A plan that keeps its tags reads nothing of
  /// the body, which may be empty then. `results` has as many elements as `edits`.
  /// False if the plan cannot tell what the rewriter would do (children would be put into another order, of a slot that
  /// was not among the sorted ones or on a page with a thousand of them; elements that end together are edited in a
  /// way that makes a difference to one another; it is broken): what the sink was given is to be thrown away then.
  bool splice(const Selectors& selectors, std::string_view body, std::span<const Edit> edits, SpliceSink& sink,
              std::span<EditResult> results, const RewriterOptions& options = {}) const;

 private:
  std::string_view events_, matches_, trees_, tags_;
  std::size_t body_size_ = 0;
  std::size_t event_count_ = 0;
  bool keeps_tags_ = false;
  bool valid_ = false;
};

}  // namespace personalize::html
