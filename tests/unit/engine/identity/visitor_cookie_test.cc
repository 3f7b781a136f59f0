#include "engine/identity/visitor_cookie.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <string>

namespace personalize::engine::identity {
namespace {

using ::testing::HasSubstr;

const std::string first_key(32, 'a'), second_key(32, 'b');

VisitorCookie cookie(const std::string& keys, const std::string& name = "visitor", const std::string& domain = "") {
  return VisitorCookie(VisitorKeys::parse(keys).value(), name, domain);
}

std::string refusal(std::string_view text) {
  const auto keys = VisitorKeys::parse(text);
  return keys ? "" : keys.error();
}

TEST(VisitorCookie, KnowsWhatItIssued) {
  const VisitorCookie visitors = cookie(first_key);
  const std::string value = visitors.issue();
  EXPECT_THAT(value, ::testing::MatchesRegex("[A-Za-z0-9_-]{22}\\.[A-Za-z0-9_-]{22}"));
  EXPECT_EQ(visitors.verify(value), value.substr(0, 22));
  std::set<std::string> values;
  for (int i = 0; i < 1000; ++i) values.insert(visitors.issue());
  EXPECT_EQ(values.size(), 1000u);
}

TEST(VisitorCookie, SignsAsTheSpecificationsSay) {
  // printf 'AAAAAAAAAAAAAAAAAAAAAA\0visitor\0shop.example' | openssl dgst -sha256 -hmac
  // aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa -binary | head -c16 | basenc --base64url
  EXPECT_EQ(cookie(first_key, "visitor", "shop.example").verify("AAAAAAAAAAAAAAAAAAAAAA.Vw0MvFToBN48uDFAW1J5Pg"),
            "AAAAAAAAAAAAAAAAAAAAAA");
}

TEST(VisitorCookie, KnowsNothingElse) {
  const VisitorCookie visitors = cookie(first_key);
  const std::string value = visitors.issue();
  for (std::size_t i = 0; i < value.size(); ++i) {
    std::string changed = value;
    changed[i] = changed[i] == 'A' ? 'B' : 'A';
    EXPECT_EQ(visitors.verify(changed), std::nullopt) << i;
    EXPECT_EQ(visitors.verify(value.substr(0, i)), std::nullopt) << i;
  }
  for (const std::string& other : {value + "A", " " + value, value + " ", std::string(45, '.'), std::string(45, '\0'),
                                   value.substr(0, 22) + "." + value.substr(0, 22), std::string()})
    EXPECT_EQ(visitors.verify(other), std::nullopt) << other;
}

TEST(VisitorCookie, IsOfNoUseUnderAnotherNameDomainOrKey) {
  const std::string value = cookie(first_key, "visitor", "shop.example").issue();
  EXPECT_NE(cookie(first_key, "visitor", "shop.example").verify(value), std::nullopt);
  EXPECT_EQ(cookie(first_key, "visito", "rshop.example").verify(value), std::nullopt);
  EXPECT_EQ(cookie(first_key, "visitor", "other.example").verify(value), std::nullopt);
  EXPECT_EQ(cookie(first_key, "other", "shop.example").verify(value), std::nullopt);
  EXPECT_EQ(cookie(second_key, "visitor", "shop.example").verify(value), std::nullopt);
}

TEST(VisitorCookie, KeysAreReplacedWithoutForgettingVisitors) {
  const std::string old = cookie(first_key).issue();
  const VisitorCookie both = cookie(second_key + "\n" + first_key + "\n");
  EXPECT_NE(both.verify(old), std::nullopt);
  EXPECT_NE(cookie(second_key).verify(both.issue()), std::nullopt) << "the first key signs";
  EXPECT_EQ(cookie(second_key).verify(old), std::nullopt);
}

TEST(VisitorKeys, AreLinesOfPrintableText) {
  EXPECT_EQ(VisitorKeys::parse("# of 2026\r\n\r\n  " + first_key + "  \r\n" + second_key)->all(),
            (std::vector{first_key, second_key}));
  EXPECT_THAT(refusal(""), HasSubstr("no key"));
  EXPECT_THAT(refusal("# nothing\n"), HasSubstr("no key"));
  EXPECT_THAT(refusal(first_key + "\nshort"), HasSubstr("line 2: a key needs at least 32 characters"));
  EXPECT_THAT(refusal(std::string(257, 'x')), HasSubstr("line 1: a key has at most 256"));
  EXPECT_THAT(refusal(first_key + "\x01"), HasSubstr("printable"));
  EXPECT_THAT(refusal("secret secret secret secret secret"), ::testing::Not(HasSubstr("secret")));
  std::string many;
  for (int i = 0; i < 9; ++i) many += first_key + "\n";
  EXPECT_THAT(refusal(many), HasSubstr("more than 8"));
}

TEST(VisitorKeys, AreGeneratedInTheFormInWhichTheyAreRead) {
  const std::string text = VisitorKeys::generate().value();
  EXPECT_EQ(text.size(), 44u);
  EXPECT_EQ(VisitorKeys::parse(text)->all().size(), 1u);
  EXPECT_NE(VisitorKeys::generate().value(), text);
}

}  // namespace
}  // namespace personalize::engine::identity
