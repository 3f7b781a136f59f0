#include "html/tokens/scan.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "html/tokens/attributes.h"
#include "html/tokens/strip.h"
#include "html/tokens/tag_scan.h"
#include "html/tokens/tokenizer.h"
#include "tests/unit/html/guarded_buffer.h"

namespace personalize::html {
namespace {

constexpr const char* implementations[] = {"avx512", "avx2", "sse2", "scalar"};

const ScannedTag::NameList& all_names() {
  static const ScannedTag::NameList names = [] {
    ScannedTag::NameList list;
    list.fill(~std::uint64_t{0});
    return list;
  }();
  return names;
}

/// A tag of odd pieces, most of them wrong in some way.
std::string odd_tag(std::mt19937& random) {
  static constexpr const char* pieces[] = {
      "a",
      "id",
      "class",
      "=",
      "=\"",
      "\"",
      "='",
      "'",
      " ",
      "\n",
      "/",
      ">",
      "x",
      "\t",
      "\r",
      "\x01",
      "<",
      "\f",
      "=x",
      "/>",
      "&amp;",
      "foo bar",
      " id=\"a\"",
      " data-x=y",
      " class='b c'",
      "DIV",
      "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"};
  static constexpr const char* names[] = {"<div",   "</p", "<my-element", "<blockquote", "<H1",
                                          "<h\x11", "<x[", "<X{",         "<A_B-C.d",    "<\303\234"};
  std::string tag = names[random() % std::size(names)];
  for (std::size_t i = random() % 12; i > 0; --i) tag += pieces[random() % std::size(pieces)];
  return tag + ">";
}

TEST(Scanner, AgreesWithTheTokenizerWhateverTheTagLooksLike) {
  std::mt19937 random(1);
  testing::GuardedBuffer memory(1 << 16);
  std::size_t scanned = 0;
  for (int round = 0; round < 20000; ++round) {
    // Quotes before the tag mean nothing.
    const std::string front(random() % 70, random() % 2 ? '"' : 'x');
    const std::string text = odd_tag(random) + std::string(random() % 100, 'z');
    const std::string_view whole = memory.at_end(front + text);
    const std::string_view page = whole.substr(front.size());
    const char* p = page.data();
    const char* const end = p + page.size();
    Tokenizer tokenizer;
    const Token token = tokenizer.next(p, end);
    for (const char* name : implementations) {
      const Scanner* const scanner = html::scanner(name);
      if (scanner == nullptr) continue;
      ScannedTag tag;
      tag.list = &all_names();
      Strip strip;
      strip.read(*scanner, whole.data(), end);
      if (strip.end() - page.data() < scan_room || !scan_tag(strip, page.data(), tag)) continue;
      ++scanned;
      ASSERT_EQ(tag.end, p) << name << ": " << text;
      ASSERT_EQ(tag.end_tag, token.kind == TokenKind::end_tag) << text;
      ASSERT_EQ(tag.self_closing, token.self_closing) << name << ": " << text;
      ASSERT_EQ(tag.name, token.name) << text;
      ASSERT_EQ(tag.name_key, tag_key(text.substr(tag.end_tag ? 2 : 1, tag.name_length))) << text;
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

TEST(Scanner, FindsTheEndOfACommentWhereTheTokenizerDoes) {
  std::mt19937 random(3);
  testing::GuardedBuffer memory(1 << 12);
  static constexpr const char* pieces[] = {"-", "--", ">", "!", "-->", "--!>", "<", "<!--", "a", "--->", " "};
  std::size_t scanned = 0;
  for (int round = 0; round < 20000; ++round) {
    std::string text = random() % 8 ? "<!--" : "<!-";
    for (std::size_t i = random() % 8; i > 0; --i) text += pieces[random() % std::size(pieces)];
    text += std::string(random() % 70, 'x') + "-->" + std::string(scan_room, 'z');
    const std::string_view page = memory.at_end(text);
    Strip strip;
    strip.read(scanner(), page.data(), page.data() + page.size());
    const char* const behind = scan_comment(strip, page.data());
    if (behind == nullptr) continue;
    ++scanned;
    const char* p = page.data();
    Tokenizer tokenizer;
    const Token token = tokenizer.next(p, page.data() + page.size());
    ASSERT_EQ(token.kind, TokenKind::comment) << text;
    ASSERT_TRUE(token.last) << text;
    ASSERT_EQ(behind, p) << text;
  }
  EXPECT_GT(scanned, 10000u);
}

TEST(Scanner, AllSortBytesAlikeAndReadNothingPastTheEnd) {
  std::mt19937 random(2);
  testing::GuardedBuffer memory(2 * ByteKinds::max_size);
  for (std::size_t size = 0; size <= ByteKinds::max_size; size += 1 + size / 16) {
    std::string text;
    for (std::size_t i = 0; i < size; ++i)
      text += random() % 2 ? "<>\"'= \n\t\f\r/"[random() % 11] : static_cast<char>(random());
    const std::string_view page = memory.at_end(text);
    for (const char* name : implementations) {
      const Scanner* const scanner = html::scanner(name);
      if (scanner == nullptr) continue;
      Strip strip;
      strip.read(*scanner, page.data(), page.data() + page.size());
      const ByteKinds& kinds = strip.kinds();
      bool inside = false;
      for (std::size_t i = 0; i < size; ++i) {
        const auto has = [&](const ByteKinds::Mask& mask) { return (mask[i / 64] >> (i % 64) & 1) != 0; };
        const char c = text[i];
        inside ^= c == '"';
        ASSERT_EQ(has(kinds.less), c == '<') << name;
        ASSERT_EQ(has(kinds.greater), c == '>') << name;
        ASSERT_EQ(has(kinds.breaks), std::string_view(" \n\t\f\r/>").find(c) != std::string_view::npos) << name;
        ASSERT_EQ(has(kinds.equals), c == '=') << name;
        ASSERT_EQ(has(kinds.quotes), c == '"') << name;
        ASSERT_EQ(has(kinds.apostrophes), c == '\'') << name;
        ASSERT_EQ(has(kinds.inside), inside) << name;
      }
      ASSERT_EQ(kinds.less[(size + 63) / 64], 0u) << name;
    }
  }
}

TEST(Scanner, FindsBytesAtAnyDistanceAndNothingPastTheEnd) {
  testing::GuardedBuffer memory(1 << 12);
  for (const char* name : implementations) {
    const Scanner* const scanner = html::scanner(name);
    if (scanner == nullptr) continue;
    for (std::size_t distance = 0; distance < 200; ++distance) {
      const std::string_view page = memory.at_end(std::string(distance, 'x') + "<b>");
      const char* const end = page.data() + page.size();
      Strip strip;
      strip.read(*scanner, page.data(), end);
      EXPECT_EQ(strip.find(strip.kinds().less, page.data()), page.data() + distance);
      EXPECT_EQ(strip.find(strip.kinds().less, page.data() + distance + 1), end);
      EXPECT_EQ(scanner->find_either(page.data(), end, '-', '<'), page.data() + distance);
      EXPECT_EQ(scanner->find(page.data(), end, '<'), page.data() + distance);
      const std::string_view text = memory.at_end(std::string(distance, 'x'));
      EXPECT_EQ(scanner->find(text.data(), text.data() + text.size(), '<'), text.data() + text.size());
    }
  }
}

TEST(Scanner, ListsOnlyAttributesThatAreAskedFor) {
  ScannedTag::NameList names{};
  names['i' & 31] = std::uint64_t{1} << 2;
  for (std::string page :
       {"<div class=\"a\" id=\"x>y\" title='<'>", "<div hidden class=\"a\" id=\"x>y\" data-i>",
        "<div title=\"01234567890123456789012345678901234567890123456789012345678901234567890123456789\""
        " id=\"x>y\">"}) {
    page += std::string(100, ' ');
    Strip strip;
    strip.read(scanner(), page.data(), page.data() + page.size());
    ScannedTag tag;
    tag.list = &names;
    ASSERT_TRUE(scan_tag(strip, page.data(), tag));
    EXPECT_EQ(tag.end, page.data() + page.find_last_of('>') + 1);
    ASSERT_EQ(tag.listed_count, 1);
    EXPECT_EQ(tag.listed[0].name, "id");
    EXPECT_EQ(tag.listed[0].value, "x>y");
  }
}

TEST(Scanner, ThereIsAlwaysAPlainOne) {
  ASSERT_NE(scanner("scalar"), nullptr);
  EXPECT_EQ(scanner("mmx"), nullptr);
}

}  // namespace
}  // namespace personalize::html
