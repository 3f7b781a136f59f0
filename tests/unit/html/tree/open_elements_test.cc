#include "html/tree/open_elements.h"

#include <gtest/gtest.h>

namespace personalize::html {
namespace {

using Id = TagId;

OpenElements stack_of(std::initializer_list<TagId> ids) {
  OpenElements stack;
  for (TagId id : ids) stack.push({id, 0}, Namespace::html);
  return stack;
}

TEST(OpenElements, FindsTheInnermostOfAName) {
  const OpenElements stack = stack_of({Id::html, Id::body, Id::div, Id::p, Id::div, Id::b});
  EXPECT_EQ(stack.find(Id::div), 4u);
  EXPECT_EQ(stack.find(Id::table), stack.size());
  EXPECT_TRUE(stack.has(Id::p));
  EXPECT_FALSE(stack.has(Id::table));
  EXPECT_EQ(stack.top().depth, 5);
}

TEST(OpenElements, ScopeEndsAtCellsAndWhereTheStandardAddsABoundary) {
  const OpenElements list = stack_of({Id::html, Id::body, Id::li, Id::ul, Id::p});
  EXPECT_TRUE(list.in_scope(Id::li));
  EXPECT_FALSE(list.in_scope(Id::li, Id::ol, Id::ul));
  const OpenElements cell = stack_of({Id::html, Id::body, Id::h1, Id::table, Id::tbody, Id::tr, Id::td, Id::b});
  EXPECT_FALSE(cell.in_scope(Id::h1));
  EXPECT_FALSE(cell.any_in_scope(trait_heading));
  EXPECT_TRUE(cell.any_in_scope(trait_heading, 3));
  EXPECT_FALSE(cell.index_in_scope(2));
  EXPECT_TRUE(cell.index_in_scope(6));
}

TEST(OpenElements, WhatSomeParsersFindPastATemplateIsUnsafe) {
  OpenElements stack = stack_of({Id::html, Id::body, Id::table, Id::tbody, Id::template_, Id::div});
  EXPECT_FALSE(stack.any_in_table_scope(trait_table_section));
  EXPECT_EQ(stack[2].flags & OpenElement::unsafe, 0);
  EXPECT_NE(stack[3].flags & OpenElement::unsafe, 0);
  EXPECT_NE(stack[5].flags & OpenElement::unsafe, 0);
  EXPECT_TRUE(stack.in_template());
  EXPECT_EQ(stack.count_templates(4), 0u);
  EXPECT_EQ(stack.count_templates(5), 1u);
}

TEST(OpenElements, InsertsAndErasesInTheMiddle) {
  OpenElements stack = stack_of({Id::html, Id::body, Id::b, Id::div});
  stack.erase(2);
  EXPECT_EQ(stack.size(), 3u);
  EXPECT_TRUE(stack.top().is(Id::div));
  stack.insert(2) = {.hash = 0, .children = 0, .watch = 0, .depth = 2, .id = Id::i, .flags = 0, .scope = 0, .fate = 0};
  EXPECT_TRUE(stack[2].is(Id::i));
  EXPECT_TRUE(stack[3].is(Id::div));
}

TEST(OpenElements, ForeignElementsAreNoneOfHtml) {
  OpenElements stack = stack_of({Id::html, Id::body, Id::p});
  stack.push({Id::svg, 0}, Namespace::svg);
  stack.push({Id::title, 0}, Namespace::svg);
  EXPECT_FALSE(stack.has(Id::title));
  EXPECT_TRUE(stack.top().is_scope_boundary());
  EXPECT_TRUE(stack.top().is_special());
  EXPECT_FALSE(stack.in_scope(Id::p));
}

}  // namespace
}  // namespace personalize::html
