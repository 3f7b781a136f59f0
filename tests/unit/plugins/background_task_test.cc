#include "plugins/background_task.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <atomic>
#include <mutex>
#include <set>
#include <thread>

#include "plugins/regular_file.h"

namespace personalize::plugins {
namespace {

using std::chrono::milliseconds;

/// A file system that answers on command.
struct Network {
  std::atomic<bool> waits{false}, answers{false};
  /// As `read_regular_file` does around its calls; false: given up.
  bool read(Patience& patience) {
    if (!patience.begin_waiting("/net/rules.yaml")) return false;
    waits = true;
    while (!answers) std::this_thread::sleep_for(milliseconds(1));
    return patience.end_waiting();
  }
};

void wait_until(const std::atomic<bool>& condition) {
  while (!condition) std::this_thread::sleep_for(milliseconds(1));
}

class BackgroundTaskTest : public ::testing::Test {
 protected:
  /// Reads from the network, twice, and notes how that went.
  std::function<void()> reading() {
    return [network = network_, outcome = outcome_] {
      Patience& patience = *plugins::patience_of_this_thread();
      outcome->first = network->read(patience) ? 1 : 0;
      outcome->second = network->read(patience) ? 1 : 0;
    };
  }
  struct Outcome {
    std::atomic<int> first{-1}, second{-1};
  };
  std::shared_ptr<Network> network_ = std::make_shared<Network>();
  std::shared_ptr<Outcome> outcome_ = std::make_shared<Outcome>();
};

TEST_F(BackgroundTaskTest, IsDoneOnceItsWorkIs) {
  network_->answers = true;
  BackgroundTask task;
  EXPECT_FALSE(task.done());
  ASSERT_TRUE(task.start(reading()));
  EXPECT_TRUE(task.wait(std::chrono::minutes(1)));
  EXPECT_FALSE(task.done());
  EXPECT_FALSE(task.under_way());
  EXPECT_EQ(outcome_->second, 1);
}

TEST_F(BackgroundTaskTest, CanBeGivenUpWhileItWaitsForAFileSystemAndFailsWhenThatAnswers) {
  BackgroundTask task;
  ASSERT_TRUE(task.start(reading()));
  wait_until(network_->waits);
  EXPECT_EQ(task.give_up(), "/net/rules.yaml");
  EXPECT_FALSE(task.under_way());
  EXPECT_EQ(task.given_up(), 1u);

  bool other = false;
  ASSERT_TRUE(task.start([&] { other = true; }));
  EXPECT_TRUE(task.wait(std::chrono::minutes(1)));
  EXPECT_TRUE(other);

  network_->answers = true;
  while (task.given_up() != 0) std::this_thread::sleep_for(milliseconds(1));
  EXPECT_EQ(outcome_->first, 0);
  EXPECT_EQ(outcome_->second, 0);
}

TEST_F(BackgroundTaskTest, HasOneThreadForAllOfItsWorkIfThatStays) {
  for (auto [kind, threads] :
       {std::pair(BackgroundTask::Thread::stays, 1u), std::pair(BackgroundTask::Thread::leaves, 3u)}) {
    std::set<pid_t> ids;
    BackgroundTask task(kind);
    for (int i = 0; i < 3; ++i) {
      ASSERT_TRUE(task.start([&] { ids.insert(gettid()); }));
      EXPECT_TRUE(task.wait(std::chrono::minutes(1)));
      EXPECT_FALSE(task.under_way());
    }
    EXPECT_EQ(ids.size(), threads);
  }
}

TEST_F(BackgroundTaskTest, CanGoWhileItsThreadStaysWithoutWork) {
  BackgroundTask task(BackgroundTask::Thread::stays);
  ASSERT_TRUE(task.start([] {}));
  EXPECT_TRUE(task.wait(std::chrono::minutes(1)));
}

TEST_F(BackgroundTaskTest, CanBeGivenUpAlsoIfItsThreadStaysAndGetsAnotherOne) {
  BackgroundTask task(BackgroundTask::Thread::stays);
  ASSERT_TRUE(task.start([] {}));
  EXPECT_TRUE(task.wait(std::chrono::minutes(1)));
  ASSERT_TRUE(task.start(reading()));
  wait_until(network_->waits);
  EXPECT_EQ(task.give_up(), "/net/rules.yaml");
  bool other = false;
  ASSERT_TRUE(task.start([&] { other = true; }));
  EXPECT_TRUE(task.wait(std::chrono::minutes(1)));
  EXPECT_TRUE(other);
  network_->answers = true;
  while (task.given_up() != 0) std::this_thread::sleep_for(milliseconds(1));
  EXPECT_EQ(outcome_->second, 0);
}

TEST_F(BackgroundTaskTest, IsNotGivenUpWhileItComputes) {
  std::atomic<bool> begun{false}, end{false};
  BackgroundTask task;
  ASSERT_TRUE(task.start([&] {
    begun = true;
    wait_until(end);
  }));
  wait_until(begun);
  EXPECT_EQ(task.give_up(), "");
  EXPECT_TRUE(task.under_way());
  end = true;
  EXPECT_TRUE(task.wait(std::chrono::minutes(1)));
}

TEST_F(BackgroundTaskTest, LetsOthersHaveTheTurnWhileItWaitsForAFileSystem) {
  std::mutex turn;
  BackgroundTask task, other;
  ASSERT_TRUE(task.start(reading(), &turn));
  wait_until(network_->waits);
  ASSERT_TRUE(other.start([] {}, &turn));
  EXPECT_TRUE(other.wait(std::chrono::minutes(1)));
  network_->answers = true;
  EXPECT_TRUE(task.wait(std::chrono::minutes(1)));
  EXPECT_EQ(outcome_->second, 1);
}

TEST_F(BackgroundTaskTest, EndsWithItsOwnerWhoseThreadThenSleepsForEver) {
  {
    BackgroundTask task, given_up;
    ASSERT_TRUE(given_up.start(reading()));
    wait_until(network_->waits);
    EXPECT_NE(given_up.give_up(), "");
    network_->waits = false;
    ASSERT_TRUE(task.start(reading()));
    wait_until(network_->waits);
  }
  network_->answers = true;
  // No wait for what may not come: a thread that went on would report its outcome.
  for (int i = 0; i < 50; ++i) std::this_thread::sleep_for(milliseconds(1));
  EXPECT_EQ(outcome_->first, -1);
}

}  // namespace
}  // namespace personalize::plugins
