#include "html/scan.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "html/attributes.h"
#include "html/tokenizer.h"
#include "tests/unit/html/guarded_buffer.h"

namespace personalize::html {
namespace {

constexpr const char* implementations[] = {"avx2", "sse2", "scalar"};

const ScannedTag::NameList& all_names() {
  static const ScannedTag::NameList names = [] {
    ScannedTag::NameList list;
    list.fill(~0u);
    return list;
  }();
  return names;
}

/// A tag of odd pieces, most of them wrong in some way.
std::string odd_tag(std::mt19937& random) {
  static constexpr const char* pieces[] = {
      "a",  "id", "class", "=", "=\"", "\"", "='", "'",      " ",       "\n",        "/",         ">",           "x",
      "\t", "\r", "\x01",  "<", "\f",  "=x", "/>", "&amp;",  "foo bar", " id=\"a\"", " data-x=y", " class='b c'", "DIV",
      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
  static constexpr const char* names[] = {"<div", "</p", "<my-element", "<blockquote"};
  std::string tag = names[random() % std::size(names)];
  for (std::size_t i = random() % 12; i > 0; --i) tag += pieces[random() % std::size(pieces)];
  return tag + ">";
}

TEST(Scanner, AgreesWithTheTokenizerWhateverTheTagLooksLike) {
  std::mt19937 random(1);
  testing::GuardedBuffer memory(1 << 16);
  std::size_t scanned = 0;
  for (int round = 0; round < 20000; ++round) {
    const std::string text = odd_tag(random) + std::string(random() % 100, 'z');
    const std::string_view page = memory.at_end(text);
    const char* p = page.data();
    const char* const end = p + page.size();
    Tokenizer tokenizer;
    const Token token = tokenizer.next(p, end);
    for (const char* name : implementations) {
      const Scanner* const scanner = html::scanner(name);
      if (scanner == nullptr) continue;
      ScannedTag tag;
      tag.list = &all_names();
      ASSERT_EQ(scanner->next(page.data(), end, tag), page.data());
      if (tag.end == nullptr) continue;
      ++scanned;
      ASSERT_EQ(tag.end, p) << name << ": " << text;
      ASSERT_EQ(tag.end_tag, token.kind == TokenKind::end_tag) << text;
      ASSERT_EQ(tag.self_closing, token.self_closing) << name << ": " << text;
      ASSERT_EQ(tag_name(tag.name_low, tag.name_high), token.name) << text;
      const std::size_t begin = tag.name_length + (tag.end_tag ? 2u : 1u);
      AttributeCursor cursor(page.substr(begin, static_cast<std::size_t>(p - page.data()) - 1 - begin));
      AttributePlace place;
      std::size_t count = 0;
      for (; cursor.next(place); ++count) {
        ASSERT_LT(count, tag.listed_count) << name << ": " << text;
        ASSERT_EQ(tag.listed[count].name, place.attribute.name) << name << ": " << text;
        ASSERT_EQ(tag.listed[count].value, place.attribute.value) << name << ": " << text;
      }
      ASSERT_EQ(count, tag.listed_count) << name << ": " << text;
    }
  }
  EXPECT_GT(scanned, 10000u);
}

TEST(Scanner, FindsTheNextTagAtAnyDistanceAndNothingPastTheEnd) {
  testing::GuardedBuffer memory(1 << 12);
  for (const char* name : implementations) {
    const Scanner* const scanner = html::scanner(name);
    if (scanner == nullptr) continue;
    for (std::size_t distance = 0; distance < 200; ++distance) {
      const std::string_view page = memory.at_end(std::string(distance, 'x') + "<b>");
      ScannedTag tag;
      EXPECT_EQ(scanner->next(page.data(), page.data() + page.size(), tag), page.data() + distance);
      EXPECT_EQ(scanner->find_either(page.data(), page.data() + page.size(), '-', '<'), page.data() + distance);
      const std::string_view text = memory.at_end(std::string(distance, 'x'));
      EXPECT_EQ(scanner->next(text.data(), text.data() + text.size(), tag), text.data() + text.size());
      EXPECT_EQ(scanner->find(text.data(), text.data() + text.size(), '<'), text.data() + text.size());
    }
  }
}

TEST(Scanner, ListsOnlyAttributesThatAreAskedFor) {
  ScannedTag::NameList names{};
  names['i' & 31] = 1u << 2;
  const std::string page = "<div class=\"a\" id=\"x>y\" title='<'>" + std::string(100, ' ');
  ScannedTag tag;
  tag.list = &names;
  scanner().next(page.data(), page.data() + page.size(), tag);
  ASSERT_NE(tag.end, nullptr);
  EXPECT_EQ(tag.end[-1], '>');
  ASSERT_EQ(tag.listed_count, 1);
  EXPECT_EQ(tag.listed[0].name, "id");
  EXPECT_EQ(tag.listed[0].value, "x>y");
}

TEST(Scanner, ThereIsAlwaysAPlainOne) {
  ASSERT_NE(scanner("scalar"), nullptr);
  EXPECT_EQ(scanner("mmx"), nullptr);
}

}  // namespace
}  // namespace personalize::html
