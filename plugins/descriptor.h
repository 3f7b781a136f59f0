// An open file that is closed with its owner.
#pragma once

#include <unistd.h>

#include <utility>

namespace personalize::plugins {

class Descriptor {
 public:
  /// Takes what `open` returned; negative: there is none.
  explicit Descriptor(int number) : number_(number) {}
  ~Descriptor() {
    if (number_ >= 0) close(number_);
  }
  Descriptor(Descriptor&& other) noexcept : number_(std::exchange(other.number_, -1)) {}
  Descriptor(const Descriptor&) = delete;
  Descriptor& operator=(const Descriptor&) = delete;

  int operator*() const { return number_; }
  explicit operator bool() const { return number_ >= 0; }

 private:
  int number_;
};

}  // namespace personalize::plugins
