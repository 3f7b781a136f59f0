#include "html/captured.h"

namespace personalize::html {

void Captured::refer(Kind kind, std::string_view bytes) {
  pieces_.push_back({bytes.data(), 0, bytes.size(), kind});
  size_ += bytes.size();
}

void Captured::copy(std::string_view bytes) {
  const std::size_t begin = text_.size();
  const bool joins = pieces_.size() > joins_from_ && pieces_.back().kind == Kind::copy &&
                     pieces_.back().begin + pieces_.back().size == begin;
  if (!joins) pieces_.push_back({nullptr, begin, 0, Kind::copy});
  text_ += bytes;
  pieces_.back().size += bytes.size();
  size_ += bytes.size();
}

void Captured::rearrange(Mark begin, std::span<const Part> parts) {
  std::vector<Piece> arranged(pieces_.begin(), pieces_.begin() + static_cast<std::ptrdiff_t>(begin));
  arranged.reserve(pieces_.size() + parts.size());
  std::size_t added = 0;
  for (const Part& part : parts) {
    arranged.insert(arranged.end(), pieces_.begin() + static_cast<std::ptrdiff_t>(part.begin),
                    pieces_.begin() + static_cast<std::ptrdiff_t>(part.end));
    if (part.behind.empty()) continue;
    arranged.push_back({nullptr, text_.size(), part.behind.size(), Kind::copy});
    text_ += part.behind;
    added += part.behind.size();
  }
  pieces_ = std::move(arranged);
  size_ += added;
  mark();
}

void Captured::hand_to(Sink& sink) const {
  for (std::size_t i = 0; i < pieces_.size();) {
    const Piece& first = pieces_[i];
    std::size_t size = first.size;
    for (++i; i < pieces_.size() && first.kind != Kind::insert && pieces_[i].kind == first.kind &&
              data(pieces_[i]) == data(first) + size;
         ++i) {
      size += pieces_[i].size;
    }
    const std::string_view bytes(data(first), size);
    if (bytes.empty()) continue;
    switch (first.kind) {
      case Kind::pass: sink.pass(bytes); break;
      case Kind::insert: sink.insert(bytes); break;
      case Kind::copy: sink.copy(bytes); break;
    }
  }
}

}  // namespace personalize::html
