#include "rules/lua/meter.h"

#include <algorithm>
#include <bit>
#include <cstdlib>
#include <ctime>

namespace personalize::rules::lua {
namespace {

constexpr int max_interval = 200;
// Blocks of this size and more make single instructions slow.
constexpr std::size_t large_block = 16 * 1024;
// About this many bytes can be read before the hook is called again, if every instruction goes through all large
// blocks. Reading them as numbers is the slowest operation, some 1.3 ns a byte.
constexpr std::size_t bytes_per_interval = 4 * 1024 * 1024;

std::int64_t milliseconds(clockid_t clock) {
  timespec now{};
  clock_gettime(clock, &now);
  return static_cast<std::int64_t>(now.tv_sec) * 1000 + now.tv_nsec / 1'000'000;
}

}  // namespace

void Meter::attach(lua_State* lua, lua_Hook hook) {
  lua_ = lua;
  lua_sethook(lua, hook, LUA_MASKCOUNT, max_interval);
  set_pace();
}

void Meter::begin() {
  taken_ = 0;
  taken_out_ = 0;
  owed_ = 0;
  instructions_ = budget_.instructions;
  begin_ = milliseconds(CLOCK_MONOTONIC_COARSE);
  own_deadline_.reset();
  overrun_ = false;
}

void* Meter::allocate(void* block, std::size_t old_size, std::size_t new_size) {
  const std::size_t before = block ? old_size : 0;
  if (new_size == 0) {
    std::free(block);
    resized(before, 0);
    return nullptr;
  }
  if (new_size > before) {
    taken_ += new_size - before;
    if (held_ - before + new_size > budget_.memory || taken_ > budget_.allocations) {
      overrun_ = true;
      return nullptr;
    }
  }
  void* moved = std::realloc(block, new_size);
  if (moved) resized(before, new_size);
  return moved;
}

void Meter::resized(std::size_t before, std::size_t after) {
  held_ += after - before;
  if (before >= large_block) large_ -= before;
  if (after >= large_block) large_ += after;
  if (large_ > pace_up_to_) set_pace();
}

// Also called during an allocation: lua_sethook may be called at any time.
void Meter::set_pace() {
  pace_up_to_ = std::bit_ceil(std::max(large_, large_block));
  const auto wanted = std::clamp<std::size_t>(bytes_per_interval / pace_up_to_, 1, max_interval);
  const int interval = static_cast<int>(wanted);
  if (!lua_ || interval == interval_) return;
  // How much of the interval has passed is unknown; the count starts again.
  instructions_ -= std::min<std::uint64_t>(instructions_, static_cast<std::uint64_t>(interval_) / 2);
  interval_ = interval;
  lua_sethook(lua_, lua_gethook(lua_), LUA_MASKCOUNT, interval);
}

void Meter::count() {
  spend(static_cast<std::uint64_t>(interval_));
  if (large_ < pace_up_to_ / 4) set_pace();
}

void Meter::settle() {
  const std::size_t owed = owed_;
  owed_ %= bytes_per_instruction;
  spend(owed / bytes_per_instruction);
}

void Meter::spend(std::uint64_t instructions) {
  if (late()) fail("takes too long");
  if (instructions_ < instructions) fail("uses too many instructions");
  instructions_ -= instructions;
}

void Meter::take_out(std::size_t bytes) {
  taken_out_ += bytes;
  if (taken_out_ > budget_.allocations) fail("returns too much");
}

void Meter::check_time() {
  if (late()) fail("takes too long");
}

// The coarse wall clock costs next to nothing, but runs on while other processes have the CPU. So it only says when to
// read the thread's own clock: once it has moved, to set the deadline, and again when that may have passed.
bool Meter::late() {
  const std::int64_t wall = milliseconds(CLOCK_MONOTONIC_COARSE);
  if (wall == begin_) return false;
  if (own_deadline_ && wall - begin_ <= budget_.milliseconds) return false;
  const std::int64_t own = milliseconds(CLOCK_THREAD_CPUTIME_ID);
  if (!own_deadline_) own_deadline_ = own + budget_.milliseconds;
  return own > *own_deadline_;
}

// With the script's line, even from within C functions called there.
void Meter::fail(const char* message) {
  overrun_ = true;
  lua_Debug record;
  for (int level = 0; lua_getstack(lua_, level, &record); ++level) {
    if (!lua_getinfo(lua_, "Sl", &record) || record.currentline <= 0) continue;
    lua_pushfstring(lua_, "%s:%d: %s", record.short_src, record.currentline, message);
    lua_error(lua_);
  }
  lua_pushstring(lua_, message);
  lua_error(lua_);
  std::abort();  // lua_error does not return
}

}  // namespace personalize::rules::lua
