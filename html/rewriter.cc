#include "html/rewriter.h"

#include "html/lookahead_rewriter.h"

namespace personalize::html {

class Rewriter::Impl : public LookaheadRewriter {
 public:
  using LookaheadRewriter::LookaheadRewriter;
};

Rewriter::Rewriter(const Selectors& selectors, std::span<const Edit> edits, Sink& sink, const RewriterOptions& options)
    : impl_(std::make_unique<Impl>(selectors, edits, sink, options)) {}
Rewriter::~Rewriter() = default;
void Rewriter::write(std::string_view chunk) { impl_->write(chunk); }
void Rewriter::end() { impl_->end(); }
void Rewriter::abandon(std::string_view chunk) noexcept { impl_->abandon(chunk); }
std::span<const EditResult> Rewriter::results() const { return impl_->results(); }
bool Rewriter::holding() const { return impl_->holding(); }
std::size_t Rewriter::memory() const { return impl_->memory(); }

}  // namespace personalize::html
