#include "html/edits/payment_scan.h"

#include <algorithm>
#include <utility>

namespace personalize::html {

PaymentScan::PaymentScan(const Tree& tree, const PaymentForms::Form* form, std::uint64_t begin,
                         std::size_t max_held_token)
    : tree_(tree, {tree.size(), 0}, *this), forms_(SIZE_MAX), reader_(*this, max_held_token), offset_(begin) {
  if (form != nullptr) forms_.go_on_with(*form);
  if (tree.text_mode() != TextMode::markup) reader_.tokenizer().enter_text(tree.text_mode(), tree.text_element());
}

std::optional<Skip> PaymentScan::answer(const PaymentQuestion& question, std::size_t budget) const {
  const std::uint64_t last = question.at + budget;
  const PaymentForms::Form* form = forms_.beginning_at(question.form_begin);
  const std::uint64_t field =
      std::min({form != nullptr ? form->field : PaymentForms::never, forms_.first_field_of(question.form_id),
                forms_.first_field_of(question.own_form)});
  if (field <= last) return Skip::payment;
  const bool ended = form == nullptr || form->end <= last;
  if (offset_ > last) return ended ? Skip::none : Skip::held_too_long;
  if (at_end_) return Skip::none;
  const bool may_be_named = !question.form_id.empty() || !question.own_form.empty();
  return ended && !may_be_named ? std::optional(Skip::none) : std::nullopt;
}

void PaymentScan::text(std::string_view bytes) {
  if (tree_.wants_text()) tree_.text(bytes);
  offset_ += bytes.size();
}

void PaymentScan::tag(const PageTag& tag) {
  feed(tree_, tag);
  const TagName name = tag.token.name;
  long_start_tag_ = tag.too_long && tag.token.kind == TokenKind::start_tag;
  if (tag.token.kind == TokenKind::end_tag) {
    if (name.id == TagId::form) forms_.end_tag(tree_, offset_);
  } else if (name.id == TagId::form || is_field(name.id)) {
    forms_.start_tag(tree_, offset_, name, FormAttributes(attributes_of(tag)));
  }
  offset_ += tag.bytes.size();
}

void PaymentScan::long_tag_ends(bool self_closing) {
  if (std::exchange(long_start_tag_, false)) tree_.long_tag_ends(self_closing);
}

void PaymentScan::comment(std::string_view bytes, bool) {
  tree_.comment();
  offset_ += bytes.size();
}

}  // namespace personalize::html
