// Edits around elements that are in the page without a tag.
#include <algorithm>

#include "html/edits/element_edits.h"
#include "html/edits/insertion_safety.h"

namespace personalize::html {

/// A head or body without a tag can only be appended to: where it ends there is a place for that.
void ElementEdits::implied(TagName name, Encoding encoding) {
  judge_.set_encoding(encoding);
  std::sort(matched_.begin(), matched_.end());
  const std::size_t index = free_scope();
  const bool open = around_.watch_implied(name.id, static_cast<std::uint16_t>(index));
  Scope scope;
  for (EditId id : matched_) {
    const Edit& edit = edits_[id];
    if (dropping_ != none)
      edits_.note(id, Skip::inside_edit);
    else if (!judge_.can_encode(edit))
      edits_.note(id, Skip::encoding);
    else if (!open || edit.operation != Operation::append)
      edits_.note(id, Skip::no_tag);
    else
      scope.edits.push_back(id);
  }
  matched_.clear();
  if (!open) return;
  scope.name = name;
  scope.in_use = true;
  scopes_[index] = std::move(scope);
}

/// Writes the tags that the current tag implies, if the content would not imply them.
void ElementEdits::write_start_tags(std::string_view content) {
  const std::uint8_t implied = around_.start_effects().implied;
  if (implies_too(implied, content) || around_.inserted().name.id == TagId::body) return;
  if ((implied & implied_body) != 0)
    output_.copy("<body>");
  else if ((implied & implied_head) != 0)
    output_.copy("<head>");
  else if ((implied & implied_html) != 0)
    output_.copy("<html>");
  if ((implied & implied_colgroup) != 0) output_.copy("<colgroup>");
  if ((implied & implied_tbody) != 0) output_.copy("<tbody>");
  if ((implied & implied_tr) != 0) output_.copy("<tr>");
}

}  // namespace personalize::html
