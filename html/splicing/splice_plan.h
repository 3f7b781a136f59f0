// Where the slots of a page are, so that it need not be parsed again.
//
// A page from a cache or a file is the same for every request. Parsing it once yields a plan: every element that some
// slot's selector matches, the offsets of its tags, and the state of the parser at each place where content could be
// inserted. With it the edits of any visitor can be made without parsing the page; the result is, byte for byte, what
// `Rewriter` would have written. A plan does not depend on edits, with one exception: it lists the children of elements
// only where some edit could reorder them.
//
// A plan is a flat sequence of bytes and can be kept anywhere, for instance in shared memory. It can be used by the
// process that made it and by its forks, but not by others, where tag names without an id have other hashes.
#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "html/edits/edit.h"
#include "html/rewriter.h"
#include "html/selectors/selectors.h"
#include "html/tokens/encoding.h"

namespace personalize::html {

/// Where `splice` finds the bytes of the start tags that edits may change.
enum class TagSource : std::uint8_t {
  body,  ///< in the body, which must be in memory
  plan,  ///< in the plan, which keeps a copy of them
};

/// Parses `body`, a whole page, and returns its plan; empty if more than some 65 000 elements match. `options` are
/// those that a `Rewriter` would get. `sorted`: the slots whose elements some edit may `reorder`. `note`: bytes of the
/// caller that are to be kept with the plan, such as the page's facts.
std::string record_plan(const Selectors& selectors, std::string_view body, const RewriterOptions& options = {},
                        TagSource tags = TagSource::body, std::span<const SlotId> sorted = {},
                        std::string_view note = {});

/// The note that a plan was recorded with; empty if there is none, or the plan is none. The plan's checksum, which its
/// use is not worth, is not looked at: the note must not be trusted.
std::string_view note_of_plan(std::string_view plan);

/// Receives a spliced page, in order.
class SpliceSink {
 public:
  virtual ~SpliceSink() = default;
  /// `size` unchanged bytes of the body from the offset `at`. Adjacent slices are merged.
  virtual void slice(std::size_t at, std::size_t size) = 0;
  /// Bytes of an edit's content: valid as long as the edit is.
  virtual void insert(std::string_view bytes) = 0;
  /// Other bytes: valid until the call returns, to be copied.
  virtual void copy(std::string_view bytes) = 0;
};

/// A plan in memory that the caller owns. Even if that memory is corrupt, nothing outside the plan and the body is
/// read.
class SplicePlan {
 public:
  explicit SplicePlan(std::string_view bytes);

  /// The checksum is right.
  bool valid() const { return valid_; }
  std::size_t body_size() const { return body_size_; }
  /// It can be used without the body.
  bool keeps_tags() const { return keeps_tags_; }
  /// The page is in UTF-8, so that content is inserted without conversion.
  bool is_utf8() const;
  /// The page's own declaration of its encoding. Its end is 0 if there is none, or browsers do not go by it.
  const Declaration& declaration() const { return declaration_; }
  /// Number of events, which bounds the calls that one `splice` makes to its sink.
  std::size_t events() const { return event_count_; }

  /// Writes `body`, for which the plan was made, with `edits` into `sink`. If the plan keeps tags, `body` is not read
  /// and may be empty. `results` has as many elements as `edits`. False if the plan does not show what the rewriter
  /// would do; discard what the sink has received then. That is so if an edit reorders children that the plan
  /// does not list (its slot was not `sorted`, or there are more than a thousand), if elements that end together are
  /// edited in a way that affects one another, or if the plan is broken.
  bool splice(const Selectors& selectors, std::string_view body, std::span<const Edit> edits, SpliceSink& sink,
              std::span<EditResult> results, const RewriterOptions& options = {}) const;

 private:
  std::string_view events_, matches_, trees_, tags_;
  std::size_t body_size_ = 0;
  std::size_t max_held_tag_ = 0;
  std::size_t event_count_ = 0;
  Declaration declaration_;
  bool keeps_tags_ = false;
  bool valid_ = false;
};

}  // namespace personalize::html
