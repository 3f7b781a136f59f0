// A private copy of a file in memory. If the file itself were mapped, truncating it or overwriting it in place would
// turn reads into SIGBUS or nonsense. The copy is sealed, so that it cannot change.
#pragma once

#include <cstdint>
#include <stdexcept>
#include <string>

namespace personalize::geo {

/// A database cannot be used; `what()` says why and what to do about it.
class LoadError : public std::runtime_error {
 public:
  LoadError(const std::string& path, const std::string& what)
      : std::runtime_error("geo database " + what), path(path) {}
  std::string path;
};

/// What tells one state of a file from another.
struct FileState {
  std::uint64_t device = 0;
  std::uint64_t inode = 0;
  std::int64_t size = -1;  ///< bytes
  std::int64_t modified_ns = 0;
  std::int64_t changed_ns = 0;  ///< of the inode
  bool operator==(const FileState&) const = default;

  /// Of the file at `path`; size -1 if there is none or it cannot be seen.
  static FileState of(const std::string& path);
};

class FileCopy {
 public:
  /// Opens the file and makes room. Throws LoadError.
  explicit FileCopy(const std::string& path);
  ~FileCopy();
  FileCopy(const FileCopy&) = delete;
  FileCopy& operator=(const FileCopy&) = delete;

  /// Copies up to `bytes` more; true when the copy is complete and sealed. Throws LoadError, also if the file changed
  /// in the meantime.
  bool advance(std::int64_t bytes);

  const std::string& path() const { return path_; }
  const FileState& state() const { return state_; }
  /// A path under which this process can open the copy as long as the object lives.
  std::string reopen_path() const;

 private:
  [[noreturn]] void fail(const std::string& what) const;

  std::string path_;
  FileState state_;
  std::int64_t copied_ = 0;
  int source_ = -1;
  int copy_ = -1;
};

}  // namespace personalize::geo
