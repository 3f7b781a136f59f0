// Reads facts from a page that arrives in pieces.
//
// It parses the page by itself, beside the rewriter: so it cannot change what is sent, costs nothing where no facts are
// wanted, and finds the same in a page that is streamed and in one for which a splice plan is made.
#pragma once

#include <cstddef>
#include <memory>
#include <string_view>

#include "html/facts/fact_set.h"
#include "html/facts/page_facts.h"

namespace personalize::html {

/// For one page. Nothing here throws but std::bad_alloc, after which the reader must not be used any more.
class FactReader {
 public:
  /// `set` must outlive it. `content_type` is the value of the header, or empty.
  explicit FactReader(const FactSet& set, std::string_view content_type = {});
  ~FactReader();
  FactReader(const FactReader&) = delete;
  FactReader& operator=(const FactReader&) = delete;

  /// The next piece of the page, of any size and cut anywhere.
  void write(std::string_view chunk);
  /// The page is complete. To be called once.
  PageFacts end();

  /// Bytes owned at the moment.
  std::size_t memory() const;

 private:
  class Impl;
  std::unique_ptr<Impl> impl_;
};

/// The facts of a page in memory.
PageFacts read_facts(const FactSet& set, std::string_view page, std::string_view content_type = {});

}  // namespace personalize::html
