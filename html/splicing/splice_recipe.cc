#include "html/splicing/splice_recipe.h"

#include <algorithm>

namespace personalize::html {

/// Passes on what a splice writes, and notes it.
class SpliceRecipe::Recorder final : public SpliceSink {
 public:
  Recorder(std::span<const Edit> edits, SpliceSink& sink, SpliceRecipe& recipe)
      : edits_(edits), inserted_(edits.size() + 1), sink_(sink), recipe_(recipe) {}

  /// All content went where it can be replaced by another visitor's.
  bool complete(std::span<const EditResult> results) const {
    std::vector<std::size_t> applied(inserted_.size());
    for (std::size_t i = 0; i < edits_.size(); ++i) {
      if (!edits_[i].content.empty()) applied[first_with(edits_[i].content)] += results[i].applied;
    }
    return inserted_ == applied;
  }

  void slice(std::size_t at, std::size_t size) override {
    sink_.slice(at, size);
    recipe_.steps_.push_back({Step::What::body, at, size});
  }

  void insert(std::string_view bytes) override {
    sink_.insert(bytes);
    const std::size_t edit = first_with(bytes);
    ++inserted_[edit];
    recipe_.steps_.push_back({Step::What::content, edit, 0});
  }

  void copy(std::string_view bytes) override {
    sink_.copy(bytes);
    recipe_.steps_.push_back({Step::What::literal, recipe_.literals_.size(), bytes.size()});
    recipe_.literals_ += bytes;
  }

 private:
  /// Rules may share a content.
  std::size_t first_with(std::string_view content) const {
    const auto edit = std::find_if(edits_.begin(), edits_.end(), [content](const Edit& candidate) {
      return candidate.content.data() == content.data() && candidate.content.size() == content.size();
    });
    return static_cast<std::size_t>(edit - edits_.begin());
  }

  const std::span<const Edit> edits_;
  std::vector<std::size_t> inserted_;  // how often, by edit, and last for content of none
  SpliceSink& sink_;
  SpliceRecipe& recipe_;
};

bool SpliceRecipe::splice(const SplicePlan& plan, const Selectors& selectors, std::string_view body,
                          std::span<const Edit> edits, SpliceSink& sink, std::span<EditResult> results,
                          std::optional<SpliceRecipe>& recipe) {
  recipe.reset();
  // Content that is not written unchanged cannot be found again in what was written.
  const bool ascii = std::all_of(edits.begin(), edits.end(), [](const Edit& edit) { return edit.form.ascii; });
  if (!may_hold(edits) || !(ascii || plan.is_utf8())) return plan.splice(selectors, body, edits, sink, results);
  SpliceRecipe made;
  Recorder recorder(edits, sink, made);
  if (!plan.splice(selectors, body, edits, recorder, results)) return false;
  if (!recorder.complete(results)) return true;
  std::transform(edits.begin(), edits.end(), std::back_inserter(made.ingredients_), ingredient);
  made.results_.assign(results.begin(), results.end());
  made.body_size_ = plan.body_size();
  made.declaration_ = plan.declaration();
  recipe = std::move(made);
  return true;
}

bool SpliceRecipe::may_hold(std::span<const Edit> edits) {
  return std::all_of(edits.begin(), edits.end(), [](const Edit& edit) { return edit.form.id != 0; });
}

std::uint64_t SpliceRecipe::hash(std::span<const Edit> edits) {
  std::uint64_t all = edits.size();
  for (const Edit& edit : edits) {
    all ^=
        edit.form.id + edit.form.ascii + (std::uint64_t{edit.slot} << 8 | static_cast<std::uint64_t>(edit.operation));
    all *= 0x9E37'79B9'7F4A'7C15;
    all ^= all >> 32;
  }
  return all;
}

bool SpliceRecipe::holds(std::span<const Edit> edits) const {
  return std::equal(edits.begin(), edits.end(), ingredients_.begin(), ingredients_.end(),
                    [](const Edit& edit, const Ingredient& own) { return ingredient(edit) == own; });
}

std::size_t SpliceRecipe::memory() const {
  return ingredients_.capacity() * sizeof(Ingredient) + steps_.capacity() * sizeof(Step) + literals_.capacity() +
         results_.capacity() * sizeof(EditResult);
}

void SpliceRecipe::splice(std::span<const Edit> edits, SpliceSink& sink) const {
  for (const Step& step : steps_) {
    switch (step.what) {
      case Step::What::body: sink.slice(step.begin, step.size); break;
      case Step::What::content: sink.insert(edits[step.begin].content); break;
      case Step::What::literal: sink.copy(std::string_view(literals_).substr(step.begin, step.size)); break;
    }
  }
}

}  // namespace personalize::html
