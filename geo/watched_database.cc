#include "geo/watched_database.h"

#include "geo/canaries.h"

namespace personalize::geo {

WatchedDatabase::WatchedDatabase(std::string path)
    : path_(std::move(path)), current_(Database::open(path_)), settled_(current_->state()), seen_(settled_) {}

WatchedDatabase::Outcome WatchedDatabase::poll() {
  if (copy_) return take_in();
  const FileState now = FileState::of(path_);
  const bool steady = now == seen_;
  seen_ = now;
  if (now == settled_ || now.size < 0) return Outcome::idle;
  if (!steady) return Outcome::idle;
  if (auto candidate = Database::opened(now)) return judge(std::move(candidate));
  try {
    copy_ = std::make_unique<FileCopy>(path_);
  } catch (const LoadError& error) {
    return refuse(error.what());
  }
  return Outcome::busy;
}

WatchedDatabase::Outcome WatchedDatabase::take_in() {
  try {
    if (!copy_->advance(bytes_per_poll)) return Outcome::busy;
    return judge(Database::open(*copy_));
  } catch (const LoadError& error) {
    return refuse(error.what());
  }
}

WatchedDatabase::Outcome WatchedDatabase::judge(std::shared_ptr<const Database> candidate) {
  if (auto why = objection(*candidate, *current_)) return refuse("geo database " + *why);
  settled_ = candidate->state();
  current_ = std::move(candidate);
  copy_.reset();
  return Outcome::replaced;
}

WatchedDatabase::Outcome WatchedDatabase::refuse(std::string why) {
  settled_ = copy_ ? copy_->state() : seen_;
  copy_.reset();
  refusal_ = std::move(why);
  return Outcome::refused;
}

}  // namespace personalize::geo
