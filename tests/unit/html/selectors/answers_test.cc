#include "html/selectors/answers.h"

#include <gtest/gtest.h>

namespace personalize::html {
namespace {

using Answer = Answers::Answer;

void resolve(Answers& answers, std::uint64_t offset, std::uint32_t ticket, bool matches) {
  const Resolved one[] = {{ticket, matches}};
  answers.resolve(offset, one);
}

TEST(Answers, LetTheRewriterGoUpToTheFirstOpenQuestion) {
  Answers answers(1000);
  EXPECT_EQ(answers.limit(), UINT64_MAX);
  answers.ask(10, 0, 1);
  answers.ask(20, 0, 2);
  EXPECT_EQ(answers.limit(), 10u);
  resolve(answers, 30, 2, true);
  EXPECT_EQ(answers.limit(), 10u);
  resolve(answers, 40, 1, false);
  EXPECT_EQ(answers.limit(), UINT64_MAX);
  EXPECT_EQ(answers.take(10, 0), Answer::no);
  EXPECT_EQ(answers.take(20, 0), Answer::yes);
}

TEST(Answers, OneTicketMayBeOfManyQuestions) {
  Answers answers(1000);
  answers.ask(10, 0, 7);
  answers.ask(10, 1, 7);
  answers.ask(20, 0, 7);
  resolve(answers, 25, 7, true);
  EXPECT_EQ(answers.take(10, 1), Answer::yes);
  EXPECT_EQ(answers.take(10, 0), Answer::yes);
  EXPECT_EQ(answers.take(20, 0), Answer::yes);
}

TEST(Answers, CountOnlyIfFoundWithinTheBudget) {
  Answers early(100), late(100), never(100);
  for (Answers* answers : {&early, &late, &never}) {
    answers->ask(10, 0, 1);
    answers->ask(60, 0, 1);
  }
  resolve(early, 110, 1, true);
  resolve(late, 111, 1, true);
  never.passed(110);
  EXPECT_EQ(never.limit(), 10u);
  never.passed(111);
  EXPECT_EQ(never.limit(), 60u);
  resolve(never, 111, 1, true);
  EXPECT_EQ(early.take(10, 0), Answer::yes);
  for (Answers* answers : {&late, &never}) {
    EXPECT_EQ(answers->take(10, 0), Answer::given_up);
    EXPECT_EQ(answers->take(60, 0), Answer::yes);
  }
}

TEST(Answers, EndWithThePage) {
  Answers answers(100);
  answers.ask(10, 0, 1);
  answers.ask(20, 0, undecidable);
  answers.finish();
  EXPECT_EQ(answers.limit(), UINT64_MAX);
  EXPECT_EQ(answers.take(10, 0), Answer::given_up);
  EXPECT_EQ(answers.take(20, 0), Answer::given_up);
  EXPECT_EQ(answers.take(30, 0), Answer::given_up);
}

}  // namespace
}  // namespace personalize::html
