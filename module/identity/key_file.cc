#include "module/identity/key_file.h"

#include <fcntl.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>

#include "plugins/regular_file.h"

namespace personalize::module {
namespace {

using engine::identity::VisitorKeys;

constexpr std::size_t max_file_bytes = 64 * 1024;

bool write_all(int file, const std::string& text) {
  return write(file, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && fsync(file) == 0;
}

/// 0, or why there is no such file now. An existing one stays.
int make_file(const std::string& path, const std::string& text) {
  std::string aside = path + ".XXXXXX";
  const int file = mkostemp(aside.data(), O_CLOEXEC);  // readable by the owner only
  if (file < 0) return errno;
  int failed = write_all(file, text) ? 0 : errno;
  close(file);
  if (failed == 0 && link(aside.c_str(), path.c_str()) != 0 && errno != EEXIST) failed = errno;
  unlink(aside.c_str());
  return failed;
}

}  // namespace

tl::expected<VisitorKeys, std::string> read_keys(const std::string& path) {
  const auto text = plugins::read_regular_file(path, max_file_bytes);
  if (!text) return tl::unexpected(text.error());
  if (text->size() > max_file_bytes) return tl::unexpected(std::string("it is larger than 64 kB"));
  return VisitorKeys::parse(*text);
}

tl::expected<VisitorKeys, std::string> read_or_make_keys(const std::string& path, bool may_write) {
  if (access(path.c_str(), F_OK) == 0 || errno != ENOENT) return read_keys(path);
  const auto text = VisitorKeys::generate();
  if (!text) return tl::unexpected(text.error());
  if (!may_write) return VisitorKeys::parse(*text);
  if (const int failed = make_file(path, *text); failed != 0)
    return tl::unexpected("it cannot be made: " + std::string(std::strerror(failed)));
  return read_keys(path);
}

}  // namespace personalize::module
