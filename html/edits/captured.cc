#include "html/edits/captured.h"

#include <cassert>

namespace personalize::html {

void Captured::add(Kind kind, std::size_t at, std::size_t size) {
  Piece* last = pieces_.size() > joins_from_ ? &pieces_.back() : nullptr;
  if (last != nullptr && last->kind == kind && last->at + last->size == at)
    last->size += size;
  else
    pieces_.push_back({kind, nullptr, at, size});
  size_ += size;
}

void Captured::slice(std::size_t at, std::size_t size) { add(Kind::slice, at, size); }

void Captured::insert(std::string_view bytes) { pieces_.push_back({Kind::insert, bytes.data(), 0, bytes.size()}); }

void Captured::copy(std::string_view bytes) {
  add(Kind::copy, text_.size(), 0);
  text_ += bytes;
  pieces_.back().size += bytes.size();
  size_ += bytes.size();
}

void Captured::rearrange(Mark begin, std::span<const Part> parts) {
  const auto piece = [this](Mark mark) { return pieces_.begin() + static_cast<std::ptrdiff_t>(mark); };
  assert(begin <= pieces_.size());
  std::vector<Piece> arranged;
  arranged.reserve(pieces_.size() + parts.size());
  arranged.assign(pieces_.begin(), piece(begin));
  std::size_t added = 0;
  for (const Part& part : parts) {
    assert(begin <= part.begin && part.begin <= part.end && part.end <= pieces_.size());
    arranged.insert(arranged.end(), piece(part.begin), piece(part.end));
    if (part.behind.empty()) continue;
    arranged.push_back({Kind::copy, nullptr, text_.size(), part.behind.size()});
    text_ += part.behind;
    added += part.behind.size();
  }
  pieces_ = std::move(arranged);
  size_ += added;
  mark();
}

}  // namespace personalize::html
