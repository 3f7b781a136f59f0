#include "engine/rules/local_files.h"

#include <gtest/gtest.h>

namespace personalize::engine {
namespace {

constexpr char mounts[] =
    "21 27 0:20 / /proc rw,nosuid - proc proc rw\n"
    "27 1 254:0 / / rw,relatime - ext4 /dev/root rw,discard\n"
    "2 27 0:44 / /mnt/a\\040-\\040ext4 rw shared:7 - nfs4 server:/share rw,vers=4.2\n"
    "30 27 0:27 / /dev/shm rw,nosuid,nodev shared:1 master:2 - tmpfs tmpfs rw\n"
    "31 27 0:31 / /over rw - overlay overlay rw,lowerdir=/net,upperdir=/u,workdir=/w\n"
    "32 27 0:32 / /home rw - fuse.sshfs server:/home rw\n"
    "33 27 0:33 / /auto rw - autofs systemd-1 rw\n"
    "34 27 0:34 / /win rw - cifs //server/share rw\n"
    "35 27 0:35 / /host rw - virtiofs host rw\n"
    "36 27 0:36 / /other rw - ext4fancy /dev/sdb rw\n"
    "37 27 0:37 / /cut";

TEST(LocalFiles, AreThoseOnFileSystemsThatAreKnownToBeLocal) {
  for (std::uint64_t local : {27, 30}) EXPECT_TRUE(is_local_mount(mounts, local)) << local;
  for (std::uint64_t other : {21, 2, 31, 32, 33, 34, 35, 36}) EXPECT_FALSE(is_local_mount(mounts, other)) << other;
}

TEST(LocalFiles, AreNotThoseOfWhichNothingIsKnown) {
  for (std::uint64_t unknown : {1, 3, 7, 37, 99}) EXPECT_FALSE(is_local_mount(mounts, unknown)) << unknown;
  EXPECT_FALSE(is_local_mount("", 27));
  EXPECT_FALSE(is_local("/nonexistent/rules.yaml"));
  EXPECT_FALSE(is_local("/proc/self/status"));
}

TEST(LocalFiles, AreToldOneMountFromAnother) {
  EXPECT_TRUE(is_local("/dev/shm"));
  EXPECT_FALSE(is_local("/proc/self/status"));
  EXPECT_TRUE(is_local("/dev/shm"));
}

}  // namespace
}  // namespace personalize::engine
