#include "engine/rules/last_good.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>
#include <xxhash.h>

#include <cerrno>
#include <charconv>
#include <chrono>
#include <cstdio>
#include <cstring>
#include <optional>
#include <thread>
#include <utility>

#include "plugins/descriptor.h"

namespace personalize::engine {
namespace {

constexpr std::string_view first_line = "personalize rules 1\n";
/// Names and lengths come on top of the texts.
constexpr std::size_t max_packed_bytes = rules::max_total_source_bytes + 4 * 1024 * 1024;

std::string hexadecimal(std::uint64_t number) {
  char text[17];
  std::snprintf(text, sizeof(text), "%016llx", static_cast<unsigned long long>(number));
  return text;
}

std::string checksum(std::string_view text) { return hexadecimal(XXH3_64bits(text.data(), text.size())); }

std::string line_of(std::uint64_t a, std::uint64_t b) { return std::to_string(a) + ' ' + std::to_string(b) + '\n'; }

/// Reads what `pack` made, from its beginning on; nothing if something else is there.
class Unpacker {
 public:
  explicit Unpacker(std::string_view packed) : left_(packed) {}

  /// Two numbers and the end of their line.
  std::optional<std::pair<std::uint64_t, std::uint64_t>> line() {
    const auto first = number(' ');
    const auto second = first ? number('\n') : std::nullopt;
    if (!second) return std::nullopt;
    return std::pair(*first, *second);
  }

  std::optional<std::string> piece(std::uint64_t size) {
    if (size >= left_.size() || left_[size] != '\n') return std::nullopt;
    std::string text(left_.substr(0, size));
    left_.remove_prefix(size + 1);
    return text;
  }

 private:
  std::optional<std::uint64_t> number(char end) {
    std::uint64_t value = 0;
    const auto [stop, error] = std::from_chars(left_.data(), left_.data() + left_.size(), value);
    const auto length = static_cast<std::size_t>(stop - left_.data());
    if (error != std::errc() || length == left_.size() || *stop != end) return std::nullopt;
    left_.remove_prefix(length + 1);
    return value;
  }

  std::string_view left_;
};

bool write_all(int file, std::string_view bytes) {
  for (off_t at = 0; !bytes.empty();) {
    const ssize_t n = pwrite(file, bytes.data(), bytes.size(), at);
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    bytes.remove_prefix(static_cast<std::size_t>(n));
    at += n;
  }
  return true;
}

std::optional<std::string> read_all(int file) {
  struct stat s;
  if (fstat(file, &s) != 0 || !S_ISREG(s.st_mode) || static_cast<std::uint64_t>(s.st_size) > max_packed_bytes)
    return std::nullopt;
  std::string bytes(static_cast<std::size_t>(s.st_size), '\0');
  for (std::size_t at = 0; at < bytes.size();) {
    const ssize_t n = pread(file, bytes.data() + at, bytes.size() - at, static_cast<off_t>(at));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return std::nullopt;
    at += static_cast<std::size_t>(n);
  }
  return bytes;
}

/// One process at a time; gives up after a second.
class Lock {
 public:
  explicit Lock(int file) : file_(file) {
    struct flock lock {
      .l_type = F_WRLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 0, .l_pid = 0
    };
    for (int i = 0; i < 100 && !(held_ = fcntl(file_, F_SETLK, &lock) == 0); ++i)
      std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
  ~Lock() {
    struct flock lock {
      .l_type = F_UNLCK, .l_whence = SEEK_SET, .l_start = 0, .l_len = 0, .l_pid = 0
    };
    if (held_) fcntl(file_, F_SETLK, &lock);
  }
  Lock(const Lock&) = delete;
  Lock& operator=(const Lock&) = delete;
  explicit operator bool() const { return held_; }

 private:
  int file_;
  bool held_ = false;
};

/// The folder, if it is ours alone; or why not.
tl::expected<plugins::Descriptor, std::string> open_folder(const std::string& path) {
  plugins::Descriptor folder(open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC));
  if (!folder) return tl::unexpected(path + ": " + std::strerror(errno));
  struct stat s;
  if (fstat(*folder, &s) == 0 && s.st_uid == geteuid() && (s.st_mode & 077) == 0) return folder;
  return tl::unexpected(path + ": others may enter this folder; it must belong to who starts NGINX, with mode 0700");
}

}  // namespace

std::string pack(const RuleTexts& texts, std::uint64_t number) {
  std::string packed(first_line);
  packed += line_of(number, texts.named) + line_of(texts.files.size(), 0);
  for (const rules::SourceFile& file : texts.files)
    packed.append(line_of(file.name.size(), file.text.size())).append(file.name).append("\n").append(file.text) += '\n';
  return packed + checksum(packed) + '\n';
}

std::optional<NumberedTexts> unpack(std::string_view packed) {
  constexpr std::size_t last_line = 17;
  if (packed.size() < first_line.size() + last_line || !packed.starts_with(first_line)) return std::nullopt;
  const std::string_view sum = packed.substr(packed.size() - last_line, last_line - 1);
  packed.remove_suffix(last_line);
  if (checksum(packed) != sum) return std::nullopt;
  Unpacker unpacker(packed.substr(first_line.size()));
  const auto numbers = unpacker.line(), counts = numbers ? unpacker.line() : std::nullopt;
  if (!counts || numbers->second > counts->first) return std::nullopt;
  NumberedTexts unpacked{{.files = {}, .named = numbers->second}, numbers->first};
  for (std::uint64_t i = 0; i < counts->first; ++i) {
    const auto sizes = unpacker.line();
    auto name = sizes ? unpacker.piece(sizes->first) : std::nullopt;
    auto text = name ? unpacker.piece(sizes->second) : std::nullopt;
    if (!text) return std::nullopt;
    unpacked.texts.files.push_back({std::move(*name), std::move(*text)});
  }
  return unpacked;
}

LiveRules::LiveRules() {
  for (int& place : places_) place = memfd_create("personalize-rules", MFD_CLOEXEC);
}

LiveRules::~LiveRules() {
  for (int place : places_)
    if (place >= 0) close(place);
}

void LiveRules::keep(const RuleTexts& texts) const noexcept try {
  const Lock lock(places_[0]);
  if (!lock) return;
  std::uint64_t numbers[2] = {0, 0};
  for (int i : {0, 1})
    if (const auto known = read(i)) numbers[i] = known->number;
  const int older = numbers[0] <= numbers[1] ? 0 : 1;
  const std::string packed = pack(texts, numbers[1 - older] + 1);
  if (places_[older] >= 0 && write_all(places_[older], packed) &&
      ftruncate(places_[older], static_cast<off_t>(packed.size())) == 0)
    return;
} catch (const std::exception&) {
}

std::optional<NumberedTexts> LiveRules::read(int place) const {
  const auto packed = places_[place] >= 0 ? read_all(places_[place]) : std::nullopt;
  return packed ? unpack(*packed) : std::nullopt;
}

std::optional<RuleTexts> LiveRules::read() const {
  auto first = read(0), second = read(1);
  if (first && second) (first->number > second->number ? second : first).reset();
  if (!first && !second) return std::nullopt;
  return std::move((first ? first : second)->texts);
}

LastGood::LastGood(std::string folder, const std::vector<std::string>& patterns) : folder_(std::move(folder)) {
  std::string all;
  for (const std::string& pattern : patterns) (all += pattern) += '\n';
  name_ = checksum(all) + ".rules";
}

tl::expected<void, std::string> LastGood::save(const RuleTexts& texts) const {
  const bool made = mkdir(folder_.c_str(), 0700) == 0;
  if (!made && errno != EEXIST) return tl::unexpected(folder_ + ": " + std::strerror(errno));
  const auto folder = open_folder(folder_);
  if (!folder) return tl::unexpected(folder.error());
  const std::string packed = pack(texts), aside = name_ + ".new";
  if (const plugins::Descriptor before(openat(**folder, name_.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
      before && read_all(*before) == packed)
    return {};
  unlinkat(**folder, aside.c_str(), 0);
  const plugins::Descriptor file(
      openat(**folder, aside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  // Not synchronized with the disk, which can take long: the checksum tells what a power cut left half written.
  if (file && write_all(*file, packed) && renameat(**folder, aside.c_str(), **folder, name_.c_str()) == 0) return {};
  const std::string problem = folder_ + "/" + name_ + ": " + std::strerror(errno);
  unlinkat(**folder, aside.c_str(), 0);
  return tl::unexpected(problem);
}

tl::expected<RuleTexts, std::string> LastGood::load() const {
  const auto folder = open_folder(folder_);
  if (!folder) return tl::unexpected(folder.error());
  const plugins::Descriptor file(openat(**folder, name_.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  if (!file) return tl::unexpected(folder_ + ": no rules were kept there yet");
  const auto packed = read_all(*file);
  auto kept = packed ? unpack(*packed) : std::nullopt;
  if (!kept) return tl::unexpected(folder_ + "/" + name_ + ": is damaged");
  return std::move(kept->texts);
}

}  // namespace personalize::engine
