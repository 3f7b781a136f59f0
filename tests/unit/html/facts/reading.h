// Reads facts from pages in memory, and writes them down as text for comparisons.
#pragma once

#include <gtest/gtest.h>

#include <algorithm>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "html/facts/fact_reader.h"

namespace personalize::html::testing {

inline FactSet fact_set(std::vector<FactDeclaration> declarations = {}) {
  FactSet set;
  for (FactDeclaration& declaration : declarations) {
    const auto error = set.add(std::move(declaration));
    EXPECT_FALSE(error) << error->message;
  }
  return set;
}

/// One line for each fact.
inline std::string describe(const PageFacts& facts) {
  const auto number = [](std::uint32_t i) { return i == MicrodataItem::none ? std::string("-") : std::to_string(i); };
  std::string all;
  for (const FactValue& value : facts.declared)
    all.append(value.ignored ? "ignored " : value.known ? "known " : "missing ").append(value.text).append("\n");
  for (const std::string_view script : facts.ld_json) all.append("script ").append(script).append("\n");
  for (const MicrodataItem& item : facts.items)
    all.append("item " + number(item.parent) + " ")
        .append(item.property)
        .append("|")
        .append(item.type)
        .append("|")
        .append(item.id)
        .append("\n");
  for (const MicrodataProperty& property : facts.properties)
    all.append("property " + number(property.item) + " ")
        .append(property.name)
        .append("=")
        .append(property.text)
        .append("\n");
  for (const NamedText& meta : facts.meta)
    all.append("meta ").append(meta.name).append("=").append(meta.text).append("\n");
  if (!facts.canonical.empty()) all.append("canonical ").append(facts.canonical).append("\n");
  for (const FormField& field : facts.fields)
    all.append("field " + number(field.form) + " ").append(field.name).append("=").append(field.text).append("\n");
  if (facts.ignored != 0) all += "ignored " + std::to_string(facts.ignored) + "\n";
  return all;
}

/// `next_size` gives the size of the next piece. Each piece is in memory of its own, which is gone when the next comes.
inline std::string read_in_pieces(const FactSet& set, std::string_view page,
                                  const std::function<std::size_t()>& next_size, std::string_view content_type = {}) {
  FactReader reader(set, content_type);
  for (std::size_t at = 0; at < page.size();) {
    const std::vector<char> piece(
        page.begin() + static_cast<std::ptrdiff_t>(at),
        page.begin() + static_cast<std::ptrdiff_t>(std::min(page.size(), at + std::max<std::size_t>(1, next_size()))));
    reader.write({piece.data(), piece.size()});
    at += piece.size();
  }
  return describe(reader.end());
}

/// What is read from the page; the same however it is cut.
inline std::string read(const FactSet& set, std::string_view page, std::string_view content_type = {}) {
  std::string whole = describe(read_facts(set, page, content_type));
  for (const std::size_t size : {1, 2, 7, 1000}) {
    EXPECT_EQ(read_in_pieces(
                  set, page, [size] { return size; }, content_type),
              whole)
        << "in pieces of " << size << "\n"
        << page.substr(0, 4000);
  }
  return whole;
}

}  // namespace personalize::html::testing
