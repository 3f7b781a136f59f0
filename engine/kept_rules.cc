#include "engine/kept_rules.h"

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

/// Takes two numbers and the end of their line.
bool take_line(std::string_view& text, std::uint64_t& a, std::uint64_t& b) {
  for (const auto& [number, end] : {std::pair(&a, ' '), std::pair(&b, '\n')}) {
    const auto [stop, error] = std::from_chars(text.data(), text.data() + text.size(), *number);
    const auto length = static_cast<std::size_t>(stop - text.data());
    if (error != std::errc() || length == text.size() || *stop != end) return false;
    text.remove_prefix(length + 1);
  }
  return true;
}

bool take_piece(std::string_view& text, std::uint64_t size, std::string& piece) {
  if (size >= text.size() || text[size] != '\n') return false;
  piece = text.substr(0, size);
  text.remove_prefix(size + 1);
  return true;
}

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

bool read_all(int file, std::string& bytes) {
  struct stat s;
  if (fstat(file, &s) != 0 || !S_ISREG(s.st_mode) || static_cast<std::uint64_t>(s.st_size) > max_packed_bytes)
    return false;
  bytes.resize(static_cast<std::size_t>(s.st_size));
  for (std::size_t at = 0; at < bytes.size();) {
    const ssize_t n = pread(file, bytes.data() + at, bytes.size() - at, static_cast<off_t>(at));
    if (n < 0 && errno == EINTR) continue;
    if (n <= 0) return false;
    at += static_cast<std::size_t>(n);
  }
  return true;
}

/// One process at a time; who cannot get it within a second goes without.
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

/// The folder, if it is ours alone; otherwise -1 after setting `problem`.
int open_folder(const std::string& path, std::string& problem) {
  const int folder = open(path.c_str(), O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  if (folder < 0) {
    problem = path + ": " + std::strerror(errno);
    return -1;
  }
  struct stat s;
  if (fstat(folder, &s) == 0 && s.st_uid == geteuid() && (s.st_mode & 077) == 0) return folder;
  close(folder);
  problem = path + ": others may enter this folder; it must belong to who starts NGINX, with mode 0700";
  return -1;
}

}  // namespace

std::string pack(const RuleTexts& texts, std::uint64_t number) {
  std::string packed(first_line);
  packed += line_of(number, texts.named) + line_of(texts.files.size(), 0);
  for (const rules::SourceFile& file : texts.files)
    packed.append(line_of(file.name.size(), file.text.size())).append(file.name).append("\n").append(file.text) += '\n';
  return packed + checksum(packed) + '\n';
}

bool unpack(std::string_view packed, RuleTexts& texts, std::uint64_t& number) {
  constexpr std::size_t last_line = 17;
  if (packed.size() < first_line.size() + last_line || !packed.starts_with(first_line)) return false;
  const std::string_view sum = packed.substr(packed.size() - last_line, last_line - 1);
  packed.remove_suffix(last_line);
  if (checksum(packed) != sum) return false;
  packed.remove_prefix(first_line.size());
  std::uint64_t named = 0, count = 0, unused = 0;
  if (!take_line(packed, number, named) || !take_line(packed, count, unused)) return false;
  texts = {};
  for (std::uint64_t i = 0; i < count; ++i) {
    std::uint64_t name_size = 0, text_size = 0;
    rules::SourceFile& file = texts.files.emplace_back();
    if (!take_line(packed, name_size, text_size) || !take_piece(packed, name_size, file.name) ||
        !take_piece(packed, text_size, file.text))
      return false;
  }
  texts.named = named;
  return named <= count;
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
  RuleTexts known;
  std::uint64_t numbers[2] = {0, 0};
  for (int i : {0, 1})
    if (!read(i, known, numbers[i])) numbers[i] = 0;
  const int older = numbers[0] <= numbers[1] ? 0 : 1;
  const std::string packed = pack(texts, numbers[1 - older] + 1);
  if (places_[older] >= 0 && write_all(places_[older], packed) &&
      ftruncate(places_[older], static_cast<off_t>(packed.size())) == 0)
    return;
} catch (const std::exception&) {
}

bool LiveRules::read(int place, RuleTexts& texts, std::uint64_t& number) const {
  std::string packed;
  return places_[place] >= 0 && read_all(places_[place], packed) && unpack(packed, texts, number);
}

bool LiveRules::read(RuleTexts& texts) const {
  RuleTexts other;
  std::uint64_t number = 0, other_number = 0;
  const bool good = read(0, texts, number);
  if (!read(1, other, other_number) || (good && other_number < number)) return good;
  texts = std::move(other);
  return true;
}

LastGood::LastGood(std::string folder, const std::vector<std::string>& patterns) : folder_(std::move(folder)) {
  std::string all;
  for (const std::string& pattern : patterns) (all += pattern) += '\n';
  name_ = checksum(all) + ".rules";
}

bool LastGood::save(const RuleTexts& texts, std::string& problem) const {
  const bool made = mkdir(folder_.c_str(), 0700) == 0;
  if (!made && errno != EEXIST) {
    problem = folder_ + ": " + std::strerror(errno);
    return false;
  }
  const plugins::Descriptor folder(open_folder(folder_, problem));
  if (!folder) return false;
  const std::string packed = pack(texts), aside = name_ + ".new";
  std::string known;
  if (const plugins::Descriptor before(openat(*folder, name_.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
      before && read_all(*before, known) && known == packed)
    return true;
  unlinkat(*folder, aside.c_str(), 0);
  const plugins::Descriptor file(
      openat(*folder, aside.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_NOFOLLOW | O_CLOEXEC, 0600));
  // Not synchronized with the disk, which can take long: the checksum tells what a power cut left half written.
  if (file && write_all(*file, packed) && renameat(*folder, aside.c_str(), *folder, name_.c_str()) == 0) return true;
  problem = folder_ + "/" + name_ + ": " + std::strerror(errno);
  unlinkat(*folder, aside.c_str(), 0);
  return false;
}

bool LastGood::load(RuleTexts& texts, std::string& problem) const {
  const plugins::Descriptor folder(open_folder(folder_, problem));
  if (!folder) return false;
  const plugins::Descriptor file(openat(*folder, name_.c_str(), O_RDONLY | O_NOFOLLOW | O_NONBLOCK | O_CLOEXEC));
  std::string packed;
  std::uint64_t number = 0;
  if (!file)
    problem = folder_ + ": no rules were kept there yet";
  else if (!read_all(*file, packed) || !unpack(packed, texts, number))
    problem = folder_ + "/" + name_ + ": is damaged";
  return problem.empty();
}

}  // namespace personalize::engine
