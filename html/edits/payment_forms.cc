#include "html/edits/payment_forms.h"

#include <algorithm>

namespace personalize::html {

bool PaymentForms::start_tag(const Tree& tree, std::uint64_t offset, TagName name, const FormAttributes& attributes) {
  const bool in_form = !forms_.empty() && forms_.back().end == never;
  if (name.id == TagId::form) {
    if (tree.in_form() && !in_form) forms_.push_back({.begin = offset, .id = attributes.id()});
    return false;
  }
  if (!attributes.payment()) return false;
  if (in_form) {
    forms_.back().field = std::min(forms_.back().field, offset);
    note_id(forms_.back().id, offset);
  }
  note_id(attributes.form(), offset);
  return true;
}

void PaymentForms::end_tag(const Tree& tree, std::uint64_t offset) {
  if (!tree.in_form() && !forms_.empty() && forms_.back().end == never) forms_.back().end = offset;
}

void PaymentForms::forget_earlier() {
  if (forms_.size() > 1) forms_.erase(forms_.begin(), forms_.end() - 1);
}

const PaymentForms::Form* PaymentForms::beginning_at(std::uint64_t begin) const {
  const auto found = std::lower_bound(forms_.begin(), forms_.end(), begin,
                                      [](const Form& form, std::uint64_t place) { return form.begin < place; });
  return found != forms_.end() && found->begin == begin ? &*found : nullptr;
}

std::uint64_t PaymentForms::first_field_of(const std::string& id) const {
  if (id.empty()) return never;
  const auto found = field_of_.find(id);
  return found != field_of_.end() ? found->second : more_from_;
}

void PaymentForms::note_id(const std::string& id, std::uint64_t offset) {
  if (id.empty() || field_of_.contains(id)) return;
  if (field_of_.size() < max_ids_)
    field_of_.emplace(id, offset);
  else
    more_from_ = std::min(more_from_, offset);
}

std::size_t PaymentForms::memory() const {
  std::size_t bytes = forms_.capacity() * sizeof(Form);
  for (const Form& form : forms_) bytes += form.id.size();
  for (const auto& [id, offset] : field_of_)
    bytes += sizeof(std::string) + sizeof offset + 4 * sizeof(void*) + id.size();
  return bytes;
}

}  // namespace personalize::html
