// Facts of a page as flat bytes, to be kept with its splice plan: the page is read once, and costs nothing more later.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "html/facts/fact_set.h"
#include "html/facts/page_facts.h"
#include "learn/events/product_facts.h"

namespace personalize::engine {

/// `path`: that `product` was read with.
std::string keep_facts(const html::PageFacts& facts, const learn::events::ProductFacts& product, std::string_view path);

/// Reads the facts of a page and keeps them: all that a host has to do for a page in memory.
std::string read_kept_facts(const html::FactSet& set, std::string_view page, std::string_view content_type,
                            std::string_view path);

/// Views bytes that `keep_facts` has written; of others, nothing is known. Allocates nothing.
class KeptFacts {
 public:
  explicit KeptFacts(std::string_view bytes);

  bool valid() const { return !bytes_.empty(); }
  /// Of declared facts, as many as there were.
  std::size_t declared_count() const { return declared_; }
  html::FactValue declared(std::size_t fact) const;
  /// Bits of `html::PageFacts::Ignored`.
  std::uint8_t ignored() const { return ignored_; }

  /// Empty texts and numbers that are not there are unknown.
  struct Product {
    learn::events::FactsKind kind = learn::events::FactsKind::none;
    learn::events::FactsSource source = learn::events::FactsSource::none;
    learn::events::Availability availability = learn::events::Availability::unknown;
    std::string_view name = {}, brand = {}, category = {}, image = {}, url = {}, currency = {};
    std::optional<double> price = {}, list_price = {};
    std::size_t ids = 0;
  };
  /// What the page is about; of kind `none` if that depends on its address, and this is another one.
  Product product(std::string_view path) const;
  struct Id {
    learn::events::IdKind kind;
    std::string_view id;
  };
  /// The preferred ones first; `index` is less than `Product::ids`.
  Id id(std::size_t index) const;

 private:
  friend std::string keep_facts(const html::PageFacts&, const learn::events::ProductFacts&, std::string_view);
  struct Header;
  struct Text;

  std::string_view text(const Text& text) const;

  std::string_view bytes_;
  std::string_view texts_;
  std::size_t declared_ = 0;
  std::size_t ids_ = 0;
  std::uint8_t ignored_ = 0;
};

}  // namespace personalize::engine
