#include "plugins/device/watched_regexes.h"

#include <exception>
#include <utility>

#include "plugins/device/warmup_user_agents.h"

namespace personalize::plugins {
namespace {

bool is_known(const std::string& family) { return family != "Other"; }
bool is_robot(const UserAgent& parsed) { return parsed.device.family == "Spider"; }

}  // namespace

std::string regression(const UserAgentParser& candidate, const UserAgentParser& current) {
  for (std::string_view text : warmup_user_agents) {
    const UserAgent before = current.parse(text), after = candidate.parse(text);
    const std::string quoted = '"' + std::string(text) + '"';
    if (is_known(before.browser.family) && !is_known(after.browser.family))
      return "does not know the browser of " + quoted;
    if (is_known(before.system.family) && !is_known(after.system.family))
      return "does not know the operating system of " + quoted;
    if (is_robot(before) != is_robot(after))
      return (is_robot(after) ? "takes " : "does not take ") + quoted + " for a robot";
  }
  return {};
}

/// What the other thread works on, and then hands back.
struct WatchedRegexes::Load {
  std::string path;
  geo::FileState file;
  std::shared_ptr<const UserAgentParser> current;
  std::shared_ptr<const UserAgentParser> candidate;
  std::string refusal;

  void run() noexcept try {
    candidate = UserAgentParser::load(path);
    refusal = regression(*candidate, *current);
  } catch (const std::exception& error) {
    refusal = error.what();
  }
};

WatchedRegexes::WatchedRegexes(std::string path)
    : path_(std::move(path)),
      settled_(geo::FileState::of(path_)),
      seen_(settled_),
      current_(UserAgentParser::load(path_)),
      modified_ns_(settled_.modified_ns) {}

WatchedRegexes::Outcome WatchedRegexes::poll() {
  if (task_.under_way()) return task_.done() ? finish() : Outcome::idle;
  const geo::FileState now = geo::FileState::of(path_);
  const bool steady = now == seen_;
  seen_ = now;
  if (now == settled_ || now.size < 0 || !steady) return Outcome::idle;
  load_ = std::make_shared<Load>(Load{path_, now, current_, nullptr, {}});
  if (!task_.start([load = load_] { load->run(); })) load_.reset();
  return Outcome::idle;
}

WatchedRegexes::Outcome WatchedRegexes::finish() {
  const std::shared_ptr<Load> load = std::exchange(load_, nullptr);
  if (!load) return Outcome::idle;  // old regexes are gone now
  settled_ = load->file;
  const bool accepted = load->refusal.empty();
  if (accepted) {
    current_ = std::move(load->candidate);
    modified_ns_ = load->file.modified_ns;
  } else {
    refusal_ = load->refusal;
  }
  // What is not used any more takes some milliseconds to destroy: not in the thread that serves.
  task_.start([load] {
    load->current.reset();
    load->candidate.reset();
  });
  return accepted ? Outcome::replaced : Outcome::refused;
}

}  // namespace personalize::plugins
