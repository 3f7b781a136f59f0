// Pages that were seen before: what holds nothing for any slot is passed on without a look (seen_pages.h).
#include "html/page_rewriter.h"
#include "html/stretch_recorder.h"

namespace personalize::html {

/// Between two tags, with nothing unfinished, held or awaited: what follows depends on the tree alone.
bool PageRewriter::between_tags() {
  return reader_.tokenizer().at_data() && reader_.pending().empty() && tree_.text_mode() == TextMode::markup &&
         !edits_.after_less_than() && !matcher_.gate().everything() && !matcher_.wants_everything() && !matcher_.wants_text();
}

void PageRewriter::write_with_memory(std::string_view chunk) {
  seen_key_ = seen_->key(seen_key_, chunk);
  if (const std::vector<Stretch>* stretches = seen_->find(seen_key_)) {
    skim(chunk, *stretches);
  } else if (seen_->came_before(seen_key_)) {
    study(chunk);
  } else {
    reader_.write(chunk);
  }
}

/// Looks only at what is between the stretches. A stretch that does not fit, because the edits of this visitor made the
/// tree another one or need to see every child, is read like the rest.
void PageRewriter::skim(std::string_view chunk, const std::vector<Stretch>& stretches) {
  std::size_t at = 0;
  for (const Stretch& stretch : stretches) {
    if (stretch.begin > at) reader_.write(chunk.substr(at, stretch.begin - at));
    at = stretch.begin;
    if (edits_.sorting() || !between_tags() || tree_.state_hash() != stretch.state) continue;
    put(chunk.substr(at, stretch.end - at));
    tree_.skip_children(stretch.children);
    at = stretch.end;
  }
  if (at < chunk.size()) reader_.write(chunk.substr(at));
}

/// Reads the chunk tag by tag, to find its stretches.
void PageRewriter::study(std::string_view chunk) {
  StretchRecorder recorder;
  for (std::size_t at = 0; at < chunk.size();) {
    if (chunk[at] == '<' && between_tags()) recorder.at(static_cast<std::uint32_t>(at), tree_, opened_);
    const std::size_t next = std::min(chunk.find('<', at + 1), chunk.size());
    reader_.write(chunk.substr(at, next - at));
    at = next;
  }
  seen_->remember(seen_key_, recorder.finish());
}

}  // namespace personalize::html
