#include "engine/facts/kept_facts.h"

#include <cassert>
#include <cstring>
#include <limits>
#include <type_traits>
#include <vector>

#include "engine/facts/page_product.h"
#include "html/facts/fact_reader.h"

namespace personalize::engine {

namespace events = learn::events;

/// A part of the texts, which stand at the end.
struct KeptFacts::Text {
  std::uint32_t begin = 0;
  std::uint32_t size = 0;
};

/// After it are the declared facts, the ids and the texts.
struct KeptFacts::Header {
  static constexpr std::uint32_t current = 0x66'61'63'01;

  std::uint32_t version = current;
  std::uint32_t declared = 0;
  std::uint32_t ids = 0;
  std::uint32_t text_bytes = 0;
  Text name, brand, category, image, url, currency, path;
  double price = 0, list_price = 0;
  std::uint8_t ignored = 0;
  std::uint8_t kind = 0;
  std::uint8_t source = 0;
  std::uint8_t availability = 0;
  std::uint8_t has_price = 0;  ///< 1, or 2 with a list price
  std::uint8_t by_path = 0;    ///< 1: the product is that of `path` alone
  std::uint8_t unused[2] = {};
};

namespace {

struct KeptValue {
  std::uint32_t begin, size, count;
  std::uint32_t flags;  ///< 1: known, 2: ignored
};
struct KeptId {
  std::uint32_t begin, size, kind;
};

template <class T>
T read_at(std::string_view bytes, std::size_t at) {
  static_assert(std::is_trivially_copyable_v<T>);
  T value;
  assert(at + sizeof value <= bytes.size());
  std::memcpy(&value, bytes.data() + at, sizeof value);
  return value;
}

template <class T>
void append_bytes(std::string& out, const T& value) {
  out.append(reinterpret_cast<const char*>(&value), sizeof value);
}

}  // namespace

std::string keep_facts(const html::PageFacts& facts, const events::ProductFacts& product, std::string_view path) {
  std::string texts, entries;
  const auto keep = [&texts](std::string_view text) {
    const auto begin = static_cast<std::uint32_t>(texts.size());
    texts += text;
    return KeptFacts::Text{begin, static_cast<std::uint32_t>(text.size())};
  };
  KeptFacts::Header header;
  header.declared = static_cast<std::uint32_t>(facts.declared.size());
  header.ids = static_cast<std::uint32_t>(product.ids.size());
  header.ignored = facts.ignored;
  header.kind = static_cast<std::uint8_t>(product.kind);
  header.source = static_cast<std::uint8_t>(product.source);
  header.availability = static_cast<std::uint8_t>(product.availability);
  header.price = product.price.value_or(0);
  header.list_price = product.list_price.value_or(0);
  header.has_price = product.price ? (product.list_price ? 2 : 1) : 0;
  header.by_path = product.by_path ? 1 : 0;
  header.name = keep(product.name);
  header.brand = keep(product.brand);
  header.category = keep(product.category);
  header.image = keep(product.image);
  header.url = keep(product.url);
  header.currency = keep(product.currency);
  if (product.by_path) header.path = keep(path);
  for (const html::FactValue& value : facts.declared) {
    const KeptFacts::Text text = keep(value.text);
    append_bytes(entries,
                 KeptValue{text.begin, text.size, value.count, (value.known ? 1u : 0u) | (value.ignored ? 2u : 0u)});
  }
  for (const events::ProductId& id : product.ids) {
    const KeptFacts::Text text = keep(id.id);
    append_bytes(entries, KeptId{text.begin, text.size, static_cast<std::uint32_t>(id.kind)});
  }
  header.text_bytes = static_cast<std::uint32_t>(texts.size());
  std::string all;
  all.reserve(sizeof header + entries.size() + texts.size());
  append_bytes(all, header);
  return all.append(entries).append(texts);
}

std::string read_kept_facts(const html::FactSet& set, std::string_view page, std::string_view content_type,
                            std::string_view path) {
  const html::PageFacts facts = html::read_facts(set, page, content_type);
  return keep_facts(facts, read_page_product(facts, path), path);
}

KeptFacts::KeptFacts(std::string_view bytes) {
  if (bytes.size() < sizeof(Header)) return;
  const auto header = read_at<Header>(bytes, 0);
  const std::uint64_t size = sizeof header + std::uint64_t{header.declared} * sizeof(KeptValue) +
                             std::uint64_t{header.ids} * sizeof(KeptId) + header.text_bytes;
  if (header.version != Header::current || size != bytes.size()) return;
  bytes_ = bytes;
  texts_ = bytes.substr(bytes.size() - header.text_bytes);
  declared_ = header.declared;
  ids_ = header.ids;
  ignored_ = header.ignored;
}

std::string_view KeptFacts::text(const Text& text) const {
  return text.begin <= texts_.size() && text.size <= texts_.size() - text.begin ? texts_.substr(text.begin, text.size)
                                                                                : std::string_view();
}

html::FactValue KeptFacts::declared(std::size_t fact) const {
  assert(fact < declared_);
  const auto kept = read_at<KeptValue>(bytes_, sizeof(Header) + fact * sizeof(KeptValue));
  return {.known = (kept.flags & 1) != 0,
          .ignored = (kept.flags & 2) != 0,
          .count = kept.count,
          .text = text({kept.begin, kept.size})};
}

KeptFacts::Product KeptFacts::product(std::string_view path) const {
  if (!valid()) return {};
  const auto header = read_at<Header>(bytes_, 0);
  const bool sound = header.kind <= static_cast<std::uint8_t>(events::FactsKind::video) &&
                     header.source <= static_cast<std::uint8_t>(events::FactsSource::meta) &&
                     header.availability <= static_cast<std::uint8_t>(events::Availability::discontinued);
  if (!sound || (header.by_path != 0 && text(header.path) != path)) return {};
  Product product;
  product.kind = static_cast<events::FactsKind>(header.kind);
  product.source = static_cast<events::FactsSource>(header.source);
  product.availability = static_cast<events::Availability>(header.availability);
  product.name = text(header.name);
  product.brand = text(header.brand);
  product.category = text(header.category);
  product.image = text(header.image);
  product.url = text(header.url);
  product.currency = text(header.currency);
  if (header.has_price != 0) product.price = header.price;
  if (header.has_price == 2) product.list_price = header.list_price;
  product.ids = ids_;
  return product;
}

KeptFacts::Id KeptFacts::id(std::size_t index) const {
  assert(index < ids_);
  const auto kept = read_at<KeptId>(bytes_, sizeof(Header) + declared_ * sizeof(KeptValue) + index * sizeof(KeptId));
  const bool sound = kept.kind <= static_cast<std::uint32_t>(events::IdKind::field);
  return {sound ? static_cast<events::IdKind>(kept.kind) : events::IdKind::field, text({kept.begin, kept.size})};
}

}  // namespace personalize::engine
