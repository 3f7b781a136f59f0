// Reads the facts of a page on its way out, whatever else is done to the page.
#pragma once

#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "html/facts/fact_reader.h"
#include "module/coding/decoder.h"
#include "module/conf/conf.h"

namespace personalize::module {

/// It never changes the page; if there is no memory, or the body cannot be read, nothing is known of it.
class FactTap {
 public:
  /// `rules` has declared the facts. `decoder`: of the body that `read` gets, null if it is not encoded. `path`: the
  /// page's, which lives as long as the request.
  FactTap(std::shared_ptr<PreparedRules> rules, std::string_view content_type, std::string_view path,
          std::unique_ptr<Decoder> decoder);

  /// The next piece of the page.
  void write(std::string_view bytes);
  /// The same for what NGINX sends, which is not consumed.
  void read(const ngx_chain_t* in);
  /// What the page says, as `engine::KeptFacts` has it; empty if it has not been read to its end. `complete`: all of it
  /// has come.
  std::string_view end(bool complete);
  /// Those that have declared the facts.
  const PreparedRules& rules() const { return *rules_; }

 private:
  void unpack(std::string_view bytes);
  void give_up() { reader_.reset(); }

  std::shared_ptr<PreparedRules> rules_;
  std::optional<html::FactReader> reader_;  // none: nothing can be known
  std::string_view path_;
  std::unique_ptr<Decoder> decoder_;
  std::string kept_;
};

}  // namespace personalize::module
