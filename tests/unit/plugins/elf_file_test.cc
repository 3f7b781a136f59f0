#include "plugins/elf_file.h"

#include <elf.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <link.h>
#include <poll.h>
#include <unistd.h>

#include <chrono>
#include <csignal>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <random>

#include "plugins/plugin_file.h"
#include "plugins/trial.h"
#include "tests/unit/folders.h"

namespace personalize::plugins {
namespace {

namespace fs = std::filesystem;
using ::testing::AnyOf;
using ::testing::HasSubstr;

class ElfFile : public ::testing::Test {
 protected:
  ElfFile() : folder_(fs::temp_directory_path() / ("elf_file_test." + std::to_string(getpid()))) {
    fs::create_directories(folder_);
    std::ifstream in(build_folder() / "loyalty.so", std::ios::binary);
    whole_.assign(std::istreambuf_iterator<char>(in), {});
  }
  ~ElfFile() override { fs::remove_all(folder_); }

  template <class Change>
  std::string with_header(Change change) {
    std::string bytes = whole_;
    ElfW(Ehdr) header;
    std::memcpy(&header, bytes.data(), sizeof(header));
    change(header);
    std::memcpy(bytes.data(), &header, sizeof(header));
    return what_is_wrong_with_elf(bytes);
  }
  /// What opening a plugin of these bytes says.
  std::string refusal(const std::string& bytes) {
    const std::string path = folder_ / "plugin.so";
    std::ofstream(path, std::ios::binary) << bytes;
    try {
      PluginFile::open(path);
    } catch (const ConfigurationError& error) {
      return error.what();
    }
    return {};
  }
  /// What the compiler makes of an empty file with these options.
  std::string compiled(const std::string& options) {
    const std::string source = folder_ / "x.c", result = folder_ / "x.out";
    std::ofstream(source) << "int main(void) { return 0; }\n";
    if (std::system(("cc " + options + " -o " + result + " " + source + " 2>/dev/null").c_str()) != 0) return {};
    std::ifstream in(result, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
  }

  fs::path folder_;
  std::string whole_;
};

TEST_F(ElfFile, ThatIsWholeIsGood) {
  ASSERT_FALSE(whole_.empty());
  EXPECT_EQ(what_is_wrong_with_elf(whole_), "");
  EXPECT_EQ(refusal(whole_), "");
}

TEST_F(ElfFile, ThatIsTruncatedAnywhereIsIncomplete) {
  EXPECT_THAT(what_is_wrong_with_elf(""), HasSubstr("it is empty"));
  for (std::size_t length = 1; length < whole_.size(); length += length < 8192 ? 61 : whole_.size() / 499)
    ASSERT_THAT(what_is_wrong_with_elf(std::string_view(whole_).substr(0, length)), HasSubstr("incomplete")) << length;
  EXPECT_THAT(what_is_wrong_with_elf(std::string_view(whole_).substr(0, whole_.size() - 1)), HasSubstr("incomplete"));
  EXPECT_EQ(refusal(whole_.substr(0, 4096)), "plugin cannot be loaded: it is incomplete: copy it again");
  EXPECT_EQ(refusal(""), "plugin cannot be loaded: it is empty: copy it again");
}

TEST_F(ElfFile, ThatIsForAnotherMachineOrNoSharedObjectIsSaidToBe) {
  EXPECT_THAT(with_header([](auto& h) { h.e_machine ^= 1; }), HasSubstr("another kind of machine"));
  EXPECT_THAT(with_header([](auto& h) { h.e_ident[EI_CLASS] ^= 3; }), HasSubstr("another kind of machine"));
  EXPECT_THAT(with_header([](auto& h) { h.e_ident[EI_DATA] ^= 3; }), HasSubstr("another kind of machine"));
  EXPECT_THAT(with_header([](auto& h) { h.e_type = ET_CORE; }), HasSubstr("no shared object"));
  EXPECT_THAT(what_is_wrong_with_elf("#!/bin/sh\n"), HasSubstr("it is no shared object"));
  if (const std::string object = compiled("-c"); !object.empty()) {
    EXPECT_THAT(what_is_wrong_with_elf(object), HasSubstr("object file"));
  }
  for (const char* options : {"-pie -fPIE", "-no-pie"}) {
    const std::string program = compiled(options);
    if (program.empty()) continue;
    EXPECT_THAT(what_is_wrong_with_elf(program), HasSubstr("it is a program")) << options;
  }
}

TEST_F(ElfFile, ThatPointsOutsideItselfIsDamagedOrIncomplete) {
  const auto wrong = AnyOf(HasSubstr("damaged"), HasSubstr("incomplete"));
  EXPECT_THAT(with_header([](auto& h) { h.e_phoff = ~0ULL - 8; }), wrong);
  EXPECT_THAT(with_header([](auto& h) { h.e_phnum = 0; }), wrong);
  EXPECT_THAT(with_header([](auto& h) { h.e_phnum = 0xffff; }), wrong);
  EXPECT_THAT(with_header([](auto& h) { h.e_phentsize = 1; }), wrong);
  EXPECT_THAT(with_header([](auto& h) { h.e_shoff = ~0ULL - 8; }), wrong);
}

TEST_F(ElfFile, ThatCrashesWhenItIsUnloadedIsRefused) {
  std::string bytes = whole_;
  ElfW(Ehdr) header;
  std::memcpy(&header, bytes.data(), sizeof header);
  for (std::size_t i = 0; i < header.e_phnum; ++i) {
    ElfW(Phdr) part;
    std::memcpy(&part, bytes.data() + header.e_phoff + i * sizeof part, sizeof part);
    if (part.p_type != PT_DYNAMIC) continue;
    for (std::size_t at = part.p_offset; at < part.p_offset + part.p_filesz; at += sizeof(ElfW(Dyn))) {
      ElfW(Dyn) entry;
      std::memcpy(&entry, bytes.data() + at, sizeof entry);
      if (entry.d_tag != DT_FINI) continue;
      entry.d_un.d_ptr = 0x10;  // in the header, which cannot be executed
      std::memcpy(bytes.data() + at, &entry, sizeof entry);
    }
  }
  ASSERT_NE(bytes, whole_);
  std::string said;
  EXPECT_EQ(try_in_child([&] {
              said = refusal(bytes);
              if (said.find("when it was tried, it crashed") == said.npos) raise(SIGABRT);
            }),
            "");
}

TEST_F(ElfFile, WithAnyBytesChangedOrZeroedIsTakenOrRefusedButKillsNobody) {
  const unsigned seed = 20261129;
  std::mt19937 random(seed);
  int refused = 0;
  for (int round = 0; round < 60; ++round) {
    std::string bytes = whole_;
    // The first pages hold what the dynamic linker needs.
    const std::size_t reach = round % 2 != 0 ? bytes.size() : 4096;
    const std::size_t size = round % 3 == 0 ? 1 + random() % 8 : 1 + random() % 4096;
    const std::size_t start = random() % (reach - std::min(reach - 1, size));
    for (std::size_t i = start; i < start + size; ++i) bytes[i] = round % 4 < 2 ? '\0' : static_cast<char>(random());
    if (!what_is_wrong_with_elf(bytes).empty()) ++refused;
    // It is opened in a child, so that this process lives on. A plugin may also hang: then its own trial ends it, long
    // before this one would.
    std::string path = folder_ / ("changed" + std::to_string(round) + ".so");
    std::ofstream(path, std::ios::binary) << bytes;
    const auto open = [&] {
      try {
        PluginFile::open(path);
      } catch (const ConfigurationError&) {
      }
    };
    const std::string end = try_in_child(open, std::chrono::minutes(2));
    EXPECT_EQ(end, "") << "round " << round << " of seed " << seed;
  }
  EXPECT_GT(refused, 0);
}

TEST(Trial, TellsHowAChildEnds) {
  EXPECT_EQ(try_in_child([] {}), "");
  EXPECT_EQ(try_in_child([] { throw 1; }), "");
  EXPECT_THAT(try_in_child([] { raise(SIGBUS); }), HasSubstr("it crashed: Bus error"));
  for (int status : {0, 3}) EXPECT_EQ(try_in_child([&] { _exit(status); }), "it ended the process");
  EXPECT_EQ(try_in_child([] { pause(); }, std::chrono::seconds(1)), "it did not end within 1 s");
  // The inner trial ends what hangs, so that the outer one has nothing to say.
  EXPECT_EQ(try_in_child([] { try_in_child([] { pause(); }, std::chrono::seconds(1)); }, std::chrono::minutes(2)), "");
}

TEST(Trial, EndsWithWhoeverTries) {
  int alive[2];  // open for writing as long as one of the two children lives
  ASSERT_EQ(pipe(alive), 0);
  const auto hang_forever = [] { try_in_child([] { pause(); }, std::chrono::hours(1)); };
  EXPECT_EQ(try_in_child(hang_forever, std::chrono::seconds(1)), "it did not end within 1 s");
  close(alive[1]);
  pollfd end{.fd = alive[0], .events = POLLIN, .revents = 0};
  EXPECT_EQ(poll(&end, 1, 60'000), 1) << "what was tried still runs";
  close(alive[0]);
}

}  // namespace
}  // namespace personalize::plugins
