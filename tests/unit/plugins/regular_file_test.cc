#include "plugins/regular_file.h"

#include <fcntl.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace personalize::plugins {
namespace {

namespace fs = std::filesystem;
using ::testing::HasSubstr;

constexpr std::size_t plenty = 1 << 20;

class RegularFile : public ::testing::Test {
 protected:
  RegularFile() : folder_(fs::temp_directory_path() / ("regular_file_test." + std::to_string(getpid()))) {
    fs::remove_all(folder_);
    fs::create_directories(folder_ / "rules");
  }
  ~RegularFile() override { fs::remove_all(folder_); }

  std::string write(const std::string& name, const std::string& text) {
    std::ofstream(folder_ / name) << text;
    return (folder_ / name).string();
  }
  /// The file's text, or in angle brackets why there is none.
  std::string read(const std::string& path, const Folders* below = nullptr, std::size_t max_bytes = plenty) {
    const auto text = read_regular_file(path, max_bytes, below);
    return text ? *text : "<" + text.error() + ">";
  }
  std::string at(const std::string& name) { return (folder_ / name).string(); }

  fs::path folder_;
};

TEST_F(RegularFile, IsReadWholeAlsoThroughLinks) {
  const std::string text(100'000, 'x');
  const std::string path = write("file", text);
  fs::create_symlink("file", folder_ / "link");
  EXPECT_EQ(read(path), text);
  EXPECT_EQ(read(at("link")), text);
  EXPECT_EQ(read(write("empty", "")), "");
}

TEST_F(RegularFile, IsReadNoFurtherThanOneByteAboveTheLimit) {
  EXPECT_EQ(read(write("file", "12345678"), nullptr, 4), "12345");
}

TEST_F(RegularFile, IsWhatFifosSocketsDevicesAndFoldersAreNot) {
  ASSERT_EQ(mkfifo(at("fifo").c_str(), 0600), 0);
  fs::create_symlink("fifo", folder_ / "link-to-fifo");
  fs::create_symlink("/dev/zero", folder_ / "link-to-zero");
  sockaddr_un address{.sun_family = AF_UNIX, .sun_path = {}};
  at("socket").copy(address.sun_path, sizeof(address.sun_path) - 1);
  const int socket_ = socket(AF_UNIX, SOCK_STREAM, 0);
  ASSERT_EQ(bind(socket_, reinterpret_cast<sockaddr*>(&address), sizeof(address)), 0);

  EXPECT_THAT(read(at("fifo")), HasSubstr("it is a FIFO, not a regular file"));
  EXPECT_THAT(read(at("link-to-fifo")), HasSubstr("it is a FIFO"));
  EXPECT_THAT(read(at("link-to-zero")), HasSubstr("it is a device"));
  EXPECT_THAT(read("/dev/tty"), HasSubstr("it is a device"));
  EXPECT_THAT(read(at("socket")), HasSubstr("it is a socket"));
  EXPECT_THAT(read(at("rules")), HasSubstr("it is a directory"));
  close(socket_);
}

TEST_F(RegularFile, ThatIsMissingOrNotToBeReadIsSaidToBe) {
  fs::create_symlink("nowhere", folder_ / "dangling");
  fs::create_symlink("circle", folder_ / "circle");
  EXPECT_THAT(read(at("missing")), HasSubstr("No such file"));
  EXPECT_THAT(read(at("dangling")), HasSubstr("No such file"));
  EXPECT_THAT(read(at("circle")), HasSubstr("symbolic links"));
  EXPECT_THAT(read(at("nul") + std::string("\0x", 2)), HasSubstr("no file has such a name"));
  if (geteuid() == 0) GTEST_SKIP() << "root may read everything";
  const std::string secret = write("secret", "x");
  fs::permissions(secret, fs::perms::none);
  EXPECT_THAT(read(secret), HasSubstr("Permission denied"));
}

TEST_F(RegularFile, ThatOthersHoldALeaseOfIsNotWaitedFor) {
  const std::string path = write("leased", "x");
  const int file = open(path.c_str(), O_RDWR);
  if (fcntl(file, F_SETLEASE, F_WRLCK) != 0) GTEST_SKIP() << "this file system has no leases";
  fcntl(file, F_SETSIG, SIGURG);  // which is ignored
  EXPECT_THAT(read(path), HasSubstr("temporarily unavailable"));
  close(file);
}

TEST_F(RegularFile, IsOnlyReadBelowTheFoldersThatAreAllowed) {
  const Folders rules = {real_path(at("rules"))};
  write("secret", "secret");
  write("rules/inside", "inside");
  fs::create_directory(folder_ / "rules-of-others");
  write("rules-of-others/file", "secret");
  fs::create_symlink("../secret", folder_ / "rules/leads-out");
  fs::create_symlink("inside", folder_ / "rules/stays-in");
  fs::create_directory_symlink("..", folder_ / "rules/up");

  EXPECT_EQ(read(at("rules/inside"), &rules), "inside");
  EXPECT_EQ(read(at("rules/stays-in"), &rules), "inside");
  EXPECT_EQ(read(at("rules/../rules/inside"), &rules), "inside");
  EXPECT_EQ(read(at("rules/up/rules/inside"), &rules), "inside");
  for (const char* path : {"secret", "rules/../secret", "rules/leads-out", "rules/up/secret", "rules-of-others/file"})
    EXPECT_THAT(read(at(path), &rules), HasSubstr("outside the folders")) << path;
  EXPECT_EQ(read(at("secret"), nullptr), "secret");
}

TEST_F(RegularFile, IsFoundWhereAFolderIsSwitched) {
  // A ConfigMap of Kubernetes: the files are links into a folder that is itself a link, which is renamed into place.
  for (const char* version : {"..1", "..2"}) {
    fs::create_directory(folder_ / "rules" / version);
    write(std::string("rules/") + version + "/a.yaml", version);
    fs::create_directory_symlink(version, folder_ / "rules/..new");
    fs::rename(folder_ / "rules/..new", folder_ / "rules/..data");
    if (version[2] == '1') fs::create_symlink("..data/a.yaml", folder_ / "rules/a.yaml");
    const Folders rules = {real_path(at("rules"))};
    EXPECT_EQ(read(at("rules/a.yaml"), &rules), version);
  }
}

}  // namespace
}  // namespace personalize::plugins
