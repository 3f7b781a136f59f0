// `Operation::reorder`: what is written while an element is being sorted is kept until the element ends.
#include "html/edits/element_edits.h"
#include "html/selectors/compiled_selectors.h"
#include "html/tokens/ascii.h"
#include "html/tokens/attributes.h"
#include "html/tokens/entities.h"

namespace personalize::html {
namespace {

/// The end tag of an element whose name has an id, otherwise empty.
std::string_view end_tag_of(TagId id) {
  static const std::vector<std::string> tags = [] {
    std::vector<std::string> all(1);
    for (std::size_t i = 1; i < tag_id_count; ++i)
      all.push_back("</" + std::string(to_string(static_cast<TagId>(i))) + ">");
    return all;
  }();
  return tags[static_cast<std::size_t>(id)];
}

}  // namespace

/// The current element is a child of the one that is being sorted.
bool ElementEdits::is_sorted_child() const {
  const Inserted& inserted = around_.inserted();
  return !reorders_.empty() && inserted.inserted && inserted.depth == reorders_.child_depth();
}

void ElementEdits::begin_child(const EditedTag& tag) {
  const Inserted& inserted = around_.inserted();
  const Edit& edit = edits_[reorders_.edit()];
  if (!inserted.safe || inserted.moved) reorders_.spoil();
  bool has_key = false;
  std::int64_t key = 0;
  AttributeCursor cursor(tag.attributes);
  for (AttributePlace place; !has_key && cursor.next(place);) {
    if (!equals_ignoring_case(place.attribute.name, edit.name)) continue;
    std::string scratch;
    has_key = true;
    key = edit.order->key(decode_attribute(place.attribute.value, scratch));
  }
  reorders_.child_begins(output_.captured().mark(), has_key, key);
}

void ElementEdits::end_child(const Scope& scope, const Closed& closed) {
  if (reorders_.empty() || reorders_.id() != scope.child_of) return;
  if (!closed.safe || closed.lost) reorders_.spoil();
  if (closed.by_end_tag) {
    child_ends_behind_token_ = scope.child_of;
    return;
  }
  // If it is moved, what closed it here is not there.
  const std::string_view end_tag = scope.drops_end_tag ? std::string_view() : end_tag_of(scope.name.id);
  if (!scope.drops_end_tag && (end_tag.empty() || !around_.end_tag_would_do())) reorders_.spoil();
  end_child(scope.child_of, end_tag);
}

void ElementEdits::end_child(Reorders::Id reorder, std::string_view end_tag) {
  if (!reorders_.empty() && reorders_.id() == reorder) reorders_.child_ends(output_.captured().mark(), end_tag);
}

void ElementEdits::begin_reorder(Scope& scope, EditId edit) {
  if (!output_.capturing()) output_.capture();
  scope.sorts = reorders_.begin(around_.inserted().depth, edit, output_.captured().mark());
}

void ElementEdits::end_reorder(const Scope& scope, const Closed& closed) {
  give_up_large();
  // Sorted elements inside that have not ended were moved or lost.
  while (reorders_.is_open(scope.sorts)) {
    const bool own = reorders_.id() == scope.sorts;
    const bool guarded = selectors_.index().guards_payment(edits_[reorders_.edit()].slot);
    Skip skip = closed.lost ? Skip::too_deep : guarded && reorders_.has_payment() ? Skip::payment : Skip::none;
    if (skip == Skip::none && (judge_.truncated() || closed.cut_off)) skip = Skip::truncated;
    if (skip == Skip::none && (!own || !closed.safe || reorders_.spoiled())) skip = Skip::unsafe_region;
    if (skip == Skip::none && !reorders_.has_keys()) skip = Skip::no_key;
    edits_.note(reorders_.edit(), skip);
    reorders_.finish(output_.captured(), skip == Skip::none);
  }
  release();
}

}  // namespace personalize::html
