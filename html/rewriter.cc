#include "html/rewriter.h"

#include <vector>

namespace personalize::html {

class Rewriter::Impl {
 public:
  Impl(std::span<const Edit> edits, Sink& sink) : sink_(sink), results_(edits.size()) {}

  void write(std::string_view chunk) {
    if (!chunk.empty()) sink_.pass(chunk);
  }
  std::span<const EditResult> results() const { return results_; }
  std::size_t memory() const { return sizeof *this + results_.capacity() * sizeof(EditResult); }

 private:
  Sink& sink_;
  std::vector<EditResult> results_;
};

Rewriter::Rewriter(const Selectors&, std::span<const Edit> edits, Sink& sink, const RewriterOptions&)
    : impl_(std::make_unique<Impl>(edits, sink)) {}
Rewriter::~Rewriter() = default;
void Rewriter::write(std::string_view chunk) { impl_->write(chunk); }
void Rewriter::end() {}
std::span<const EditResult> Rewriter::results() const { return impl_->results(); }
bool Rewriter::holding() const { return false; }
std::size_t Rewriter::memory() const { return impl_->memory(); }

}  // namespace personalize::html
