#include "module/http/csp_nonce.h"

#include <gtest/gtest.h>

#include <string>
#include <vector>

namespace personalize::module {
namespace {

std::string nonce(const std::vector<std::string_view>& headers) { return std::string(csp_nonce(headers)); }

TEST(CspNonce, IsThatOfTheMostSpecificDirective) {
  EXPECT_EQ(nonce({"script-src 'nonce-r4nd0m'"}), "r4nd0m");
  EXPECT_EQ(nonce({"default-src 'nonce-d'"}), "d");
  EXPECT_EQ(nonce({"default-src 'nonce-d'; script-src 'self' 'nonce-s'"}), "s");
  EXPECT_EQ(nonce({"script-src 'nonce-s'; script-src-elem 'nonce-e' 'strict-dynamic'"}), "e");
  EXPECT_EQ(nonce({"default-src 'nonce-d'; script-src 'self'"}), "d") << "styles still have it";
  EXPECT_EQ(nonce({"default-src 'nonce-d'; script-src 'self'; style-src 'self'"}), "");
  EXPECT_EQ(nonce({"style-src 'nonce-y'; script-src 'nonce-s'"}), "s") << "scripts come first";
  EXPECT_EQ(nonce({"style-src 'nonce-y'; script-src https:"}), "y");
  EXPECT_EQ(nonce({"style-src 'nonce-y'; style-src-elem 'nonce-z'"}), "z");
  EXPECT_EQ(nonce({"script-src 'nonce-first'; script-src 'nonce-second'"}), "first") << "as browsers do";
  EXPECT_EQ(nonce({"img-src 'nonce-i'; script-src-attr 'nonce-a'; frame-src 'nonce-f'"}), "");
}

TEST(CspNonce, IsOneThatAllPoliciesAllow) {
  EXPECT_EQ(nonce({"script-src 'nonce-a' 'nonce-b'"}), "a");
  EXPECT_EQ(nonce({"script-src 'nonce-a' 'nonce-b'", "script-src 'nonce-b'"}), "b");
  EXPECT_EQ(nonce({"script-src 'nonce-a' 'nonce-b', default-src 'nonce-c' 'nonce-b'"}), "b");
  EXPECT_EQ(nonce({"script-src 'nonce-a'", "script-src 'nonce-b'"}), "a") << "nothing helps";
  EXPECT_EQ(nonce({"upgrade-insecure-requests", "frame-ancestors 'self', script-src 'nonce-a'"}), "a");
  EXPECT_EQ(nonce({"script-src 'self'", "script-src 'nonce-a'"}), "a");
}

TEST(CspNonce, IsFoundInAnyCaseAndSpacing) {
  EXPECT_EQ(nonce({"Script-SRC\t'NONCE-AbC='"}), "AbC=");
  EXPECT_EQ(nonce({" ;; script-src   'self'\t 'nonce-+/-_9=='  ;"}), "+/-_9==");
}

TEST(CspNonce, IsNothingThatIsNoBase64) {
  for (std::string_view value :
       {"", ";", ",", "script-src", "script-src nonce-a", "script-src 'nonce-'", "script-src 'nonce-=='",
        "script-src 'nonce-a\"onload=x'", "script-src 'nonce-a>b'", "script-src 'nonce-<script>'",
        "script-src 'nonce-a", "script-src 'nonce-a'b'", "script-src 'nonce-a&quot;'", "script-src 'nonce-a==='",
        "script-src 'nonce-a=b'", "script-src 'nonce-\xc3\xa9'", "script-src 'sha256-abc='", "script-src\xa0'nonce-a'",
        "xscript-src 'nonce-a'"})
    EXPECT_EQ(nonce({value}), "") << value;
  EXPECT_EQ(nonce({}), "");
  EXPECT_EQ(nonce({"script-src 'nonce-a\"b' 'nonce-good'"}), "good");
  const std::string longest(256, 'a');
  EXPECT_EQ(nonce({"script-src 'nonce-" + longest + "a'"}), "");
  const std::string header = "script-src 'nonce-" + longest.substr(1) + "'";
  EXPECT_EQ(nonce({header}), longest.substr(1));
}

}  // namespace
}  // namespace personalize::module
