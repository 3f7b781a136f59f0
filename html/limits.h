// What the rewriter takes from a hostile page, so that its time and memory stay bounded whatever is sent. A page beyond
// one of these still goes out whole; it is edited less.
#pragma once

#include <cstddef>
#include <cstdint>

namespace personalize::html::limits {

// Tokens

/// Bytes of an unfinished tag that are held back. Of a longer tag only these count, see `RewriterOptions`.
inline constexpr std::size_t max_held_token = 8 * 1024;
/// Bytes in which `<meta charset>` is looked for (WHATWG HTML, "prescan a byte stream to determine its encoding").
inline constexpr std::size_t max_prescanned = 1024;

// Tree

/// Elements open in one another. Browsers nest no deeper; from there on the page is not edited.
inline constexpr std::size_t max_depth = 512;
/// Formatting elements that are open or wait to be reopened.
inline constexpr std::size_t max_formatting_elements = 64;
/// `<template>`s open in one another.
inline constexpr std::size_t max_templates = 64;

// Edits

/// Bytes held back for edits that depend on how an element ends, `reorder`, selectors that look ahead, and forms that
/// may take the data of payment cards.
inline constexpr std::size_t max_held_element = 256 * 1024;
/// Depth of inserted content.
inline constexpr std::size_t max_content_depth = 256;

// Selectors

/// Conditions that wait for how a page goes on: as many as there are list items in the bytes that are held back for
/// them.
inline constexpr std::size_t max_open_conditions = 32 * 1024;
/// Types of elements that `:nth-of-type()` and its like tell apart in one parent.
inline constexpr std::size_t max_types = 128;
/// `:not(:is(…))` in one another.
inline constexpr int max_selector_nesting = 16;
/// Bytes of a `lang` that is a language.
inline constexpr std::size_t max_language_tag = 64;

// Splice plans

/// Children of an element that can be sorted: some 100 kB of a page's plan, whether the rule that would sort them wins
/// or not.
inline constexpr std::size_t max_children = 1024;

// Facts; those that rules declare have theirs beside `FactDeclaration`

/// Bytes of all `<script type="application/ld+json">` of a page together: what is longer is cut.
inline constexpr std::size_t max_ld_json = 256 * 1024;
inline constexpr std::size_t max_ld_json_scripts = 32;
/// Elements with `itemscope`, and with `itemprop`.
inline constexpr std::size_t max_microdata_items = 128;
inline constexpr std::size_t max_microdata_properties = 1024;
/// `<meta>` with what social networks read, and fields of forms that name a product.
inline constexpr std::size_t max_page_meta = 64;
inline constexpr std::size_t max_page_fields = 64;
/// Bytes of a value of the above, and of all of them together.
inline constexpr std::size_t max_page_value = 2048;
inline constexpr std::size_t max_page_values = 128 * 1024;
/// Elements in one another whose text is collected.
inline constexpr std::size_t max_collected_texts = 32;

}  // namespace personalize::html::limits
