// Rewrites a page while it streams through.
//
// Promises: every byte outside an edit is the byte that came in; the result does not depend on how the page was
// cut; an element ends where a browser ends it; where parsers may disagree an edit is skipped with a reason; time
// is linear in the page and memory bounded, whatever the page contains. Nothing here throws but std::bad_alloc.
#pragma once

#include <cstddef>
#include <memory>
#include <optional>
#include <span>
#include <string_view>

#include "html/edits/edit.h"
#include "html/limits.h"
#include "html/selectors/selectors.h"

namespace personalize::html {

/// Receives the rewritten page, in order.
class Sink {
 public:
  virtual ~Sink() = default;
  /// Unchanged bytes: a slice of the chunk that was given to `write`, so that the caller can pass its own buffer on.
  /// Valid until `write` (or `end`) returns.
  virtual void pass(std::string_view bytes) = 0;
  /// Bytes of an edit's content: valid as long as the edit is.
  virtual void insert(std::string_view bytes) = 0;
  /// Bytes of the rewriter's own (a rebuilt tag, a token that was held): valid until the call returns, to be copied.
  virtual void copy(std::string_view bytes) = 0;
};

struct RewriterOptions {
  /// The value of the Content-Type header, or empty. A BOM takes precedence over its charset, which takes precedence
  /// over
  /// `<meta>`.
  std::string_view content_type = {};
  /// Most bytes of an unfinished token that are held back. In a longer tag only these bytes count: its name, and the
  /// attributes that are complete in them. Selectors that ask for other attributes do not match, nor do their
  /// negations.
  std::size_t max_held_token = limits::max_held_token;
  /// Most bytes held back for edits that depend on how an element ends, `reorder`, selectors that look ahead, and forms
  /// that may take the data of payment cards.
  std::size_t max_held_element = limits::max_held_element;
};

/// What `inner`, `replace` and `remove` leave out is held back until the element ends. So is what follows inserted
/// content that might be moved together with the element. If something in the element has an effect outside (the end
/// tag of a link that was opened outside, a second `<body class=…>`), the edit is not made. Elements longer than
/// `max_held_element` are not held, and the edit is made. Before an element in a form it is held back until it is known
/// whether the form takes the data of payment cards.
///
/// For one page. Cannot be copied or moved; `selectors`, `edits`, `sink` and everything they point to must outlive it.
///
/// Several edits of one element compose as follows: the contents of `before` and `after` are in the order of `edits`,
/// and so are those of `prepend` and `append`; the last `inner` wins over earlier ones, and `prepend`/`append` go
/// around it; the last `replace` or `remove` wins over everything but `before`/`after`; attribute operations apply in
/// the order of `edits`.
class Rewriter {
 public:
  Rewriter(const Selectors& selectors, std::span<const Edit> edits, Sink& sink, const RewriterOptions& options = {});
  ~Rewriter();
  Rewriter(const Rewriter&) = delete;
  Rewriter& operator=(const Rewriter&) = delete;

  /// The next piece of the page, of any size and cut anywhere. When it returns, all of it but an unfinished token or a
  /// held element has reached the sink.
  void write(std::string_view chunk);

  /// The page is complete: writes out what is held and ends all open elements.
  void end();

  /// To be called when `write(chunk)` (or `end`, with an empty chunk) has thrown std::bad_alloc: writes out, unchanged,
  /// all bytes that are held and the rest of the chunk, so that no byte of the page is lost. After that only `results`
  /// may be called. The sink must not throw.
  void abandon(std::string_view chunk) noexcept;

  /// One result per edit, in the order of `edits`; final after `end`.
  std::span<const EditResult> results() const;

  /// True while bytes are held back.
  bool holding() const;

  /// Bytes of memory this rewriter owns at the moment.
  std::size_t memory() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// Why `content` must not be inserted, if so: it would break out of its place (unbalanced tags, an unfinished tag or
/// comment, `</script`, …). For content known when rules are loaded.
std::optional<std::string_view> check_content(std::string_view content);

}  // namespace personalize::html
