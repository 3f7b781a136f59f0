#include "engine/rules/rule_files.h"

#include <glob.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <filesystem>
#include <memory>
#include <optional>
#include <utility>

#include "engine/rules/local_files.h"
#include "plugins/background_task.h"

namespace personalize::engine {
namespace {

namespace fs = std::filesystem;

/// Clocks of file systems tick in up to ten milliseconds.
constexpr std::chrono::milliseconds same_moment{50};

/// A size that no file has, and no missing one either.
constexpr std::int64_t not_known = -2;

/// The first folder that the last `expand_pattern` of this thread could not read.
thread_local std::string unreadable;
thread_local int why_unreadable = 0;

int note_unreadable(const char* folder, int error) {
  const bool absent = error == ENOENT || error == ENOTDIR;
  if (!absent && why_unreadable == 0) {
    unreadable = folder;
    why_unreadable = error;
  }
  return 0;
}

void expand_pattern(const std::string& pattern, std::vector<std::string>& files) {
  why_unreadable = 0;
  glob_t found{};
  if (glob(pattern.c_str(), 0, note_unreadable, &found) == 0)
    files.insert(files.end(), found.gl_pathv, found.gl_pathv + found.gl_pathc);
  globfree(&found);
}

rules::Diagnostic about(const std::string& path, std::string message) {
  return {.file = path, .line = 0, .message = std::move(message)};
}

/// The folder of a path, of a pattern the one that all that match it are in or below.
std::string folder_of(const std::string& path) {
  const std::size_t slash = path.substr(0, path.find_first_of("*?[")).rfind('/');
  if (slash == path.npos) return ".";
  return slash == 0 ? "/" : path.substr(0, slash);
}

std::string plain(const std::string& path) {
  std::error_code failed;
  std::string normal = fs::absolute(path, failed).lexically_normal().string();
  if (normal.size() > 1 && normal.ends_with('/')) normal.pop_back();
  return normal;
}

tl::expected<std::string, std::string> read_rule_file(const std::string& path, const plugins::Folders* below) {
  return plugins::read_regular_file(path, rules::max_source_bytes, below);
}

constexpr char no_file_matches[] = "no file matches";

std::string nothing_matches(const std::string& pattern) {
  const std::string folder = folder_of(pattern);
  std::error_code failed;
  if (fs::exists(folder, failed)) return no_file_matches;
  return std::string(no_file_matches) + ": " +
         (failed ? folder + ": " + failed.message() : "there is no folder " + folder);
}

}  // namespace

bool is_pattern(std::string_view path) { return path.find_first_of("*?[") != std::string_view::npos; }

std::vector<std::string> expand(const std::vector<std::string>& paths) {
  std::vector<std::string> files;
  for (const std::string& path : paths) {
    if (is_pattern(path))
      expand_pattern(path, files);
    else
      files.push_back(path);
  }
  return files;
}

RuleFiles::RuleFiles(const std::vector<std::string>& paths) {
  rules::Diagnostics absent;
  for (const std::string& path : paths) {
    const std::size_t before = names_.size();
    if (!is_pattern(path)) {
      names_.push_back(path);
      continue;
    }
    expand_pattern(path, names_);
    if (why_unreadable != 0)
      mistakes_.push_back(about(path, "cannot read folder " + unreadable + ": " + std::strerror(why_unreadable)));
    else if (names_.size() == before)
      absent.push_back(about(path, nothing_matches(path)));
  }
  nothing_there_ = names_.empty() && mistakes_.empty();
  // One pattern that matches nothing yet is no mistake as long as there are rules.
  if (nothing_there_) mistakes_ = std::move(absent);
  find_folders(paths);
}

RuleFiles::RuleFiles(const RuleTexts& texts) : texts_(&texts) {
  for (std::size_t i = 0; i < texts.named; ++i) names_.push_back(texts.files[i].name);
}

void RuleFiles::find_folders(const std::vector<std::string>& paths) {
  const auto add = [](plugins::Folders& folders, std::string folder) {
    if (!folder.empty() && std::find(folders.begin(), folders.end(), folder) == folders.end())
      folders.push_back(std::move(folder));
  };
  for (const std::string& path : paths) {
    const std::string folder = folder_of(path);
    add(named_folders_, plain(folder));
    add(folders_, plugins::real_path(folder));
    // A file that is named on its own may be anywhere.
    if (const std::string real = is_pattern(path) ? "" : plugins::real_path(path); !real.empty())
      add(folders_, folder_of(real));
  }
}

tl::expected<std::string, std::string> RuleFiles::read(const std::string& name) const {
  if (!texts_) return read_in_time(name, nullptr);
  const auto& files = texts_->files;
  const auto file = std::find_if(files.begin(), files.end(), [&](const auto& f) { return f.name == name; });
  if (file == files.end()) return tl::unexpected<std::string>("it was not kept");
  return file->text;
}

tl::expected<std::string, std::string> RuleFiles::read_included(const std::string& name) const {
  if (texts_) return read(name);
  const std::string path = plain(name);
  // Whether a file outside exists is nobody's business.
  if (!plugins::is_below(path, named_folders_) && !plugins::is_below(path, folders_))
    return tl::unexpected<std::string>("it is outside the folders that rules are in");
  return read_in_time(name, &folders_);
}

FileSnapshot snapshot_before_reading(const std::string& path) {
  FileSnapshot snapshot{path, geo::FileState::of(path)};
  const std::chrono::nanoseconds now = std::chrono::system_clock::now().time_since_epoch();
  const std::chrono::nanoseconds age = now - std::chrono::nanoseconds(snapshot.state.changed_ns);
  if (age >= age.zero() && age < same_moment) snapshot.state = {.size = not_known};
  return snapshot;
}

tl::expected<std::string, std::string> read_in_time(const std::string& path, const plugins::Folders* below) {
  // A process that ever had a thread pays for it with each lock and count, and so do all that it forks.
  if (plugins::patience_of_this_thread() || is_local(path)) return read_rule_file(path, below);
  struct Reading {
    std::string path;
    std::optional<plugins::Folders> below;
    tl::expected<std::string, std::string> text;
  };
  const auto reading = std::make_shared<Reading>();
  reading->path = path;
  if (below) reading->below = *below;
  plugins::BackgroundTask task;
  const bool started = task.start(
      [reading] { reading->text = read_rule_file(reading->path, reading->below ? &*reading->below : nullptr); });
  if (!started) return read_rule_file(path, below);
  if (!task.wait(max_reading_time))
    return tl::unexpected("reading takes longer than " + std::to_string(max_reading_time.count()) +
                          " s: is its file system there?");
  return std::move(reading->text);
}

}  // namespace personalize::engine
