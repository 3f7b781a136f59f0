// Payment forms are not edited, unless a slot says so. Whether a form is one may show only after the element that a
// slot matches: then the rewriter waits before that element, and a `PaymentScan` reads ahead.
#include <algorithm>
#include <cassert>

#include "html/page_rewriter.h"

namespace personalize::html {

/// The current tag is that of a form or field.
void PageRewriter::note_form_tag(const PageTag& tag) {
  const TagName name = tag.token.name;
  const FormAttributes attributes(attributes_of(tag));
  if (forms_.start_tag(tree_, offset_, name, attributes)) note_payment();
  if (name.id == TagId::select) in_payment_select_ = attributes.payment();
  if (name.id != TagId::form) return;
  forms_.forget_earlier();
  if (forms_.first_field_of(attributes.id()) != PaymentForms::never) note_payment();
}

void PageRewriter::note_payment() {
  if (recorder_ != nullptr)
    recorder_->payment(offset_);
  else
    edits_.note_payment();
}

/// What is known already of the element of the current tag. Asks what is not.
bool PageRewriter::belongs_to_payment(PaymentQuestion& question) const {
  FormAttributes own;
  for (const RawAttribute& attribute : attributes_) own.add(attribute);
  if (own.payment() || in_payment_select()) return true;
  question.own_form = own.form();
  if (forms_.first_field_of(question.own_form) != PaymentForms::never) return true;
  const PaymentForms::Form* form = forms_.latest();
  if (form == nullptr || form->end != PaymentForms::never) return false;
  question.form_begin = form->begin;
  question.form_id = form->id;
  return form->field != PaymentForms::never || forms_.first_field_of(form->id) != PaymentForms::never;
}

bool PageRewriter::in_payment_select() const {
  if (!in_payment_select_) return false;
  for (std::size_t i = 0; i < tree_.size(); ++i) {
    if (tree_.name_at(i).id == TagId::select) return true;
  }
  return false;
}

/// Guarded slots match the current tag. False if it has to wait.
bool PageRewriter::match_guarded(const PageTag& tag) {
  PaymentQuestion question{.at = offset_};
  std::optional<Skip> answer;
  if (belongs_to_payment(question))
    answer = Skip::payment;
  else if (!question.is_open())
    answer = Skip::none;
  else if (wait_ != nullptr && wait_->scan != nullptr && !tag.too_long)
    answer = wait_->scan->answer(question, max_held_element_);
  if (answer) {
    for (SlotId slot : guarded_) match(slot, *answer);
    return true;
  }
  if (wait_ == nullptr) wait_ = std::make_unique<Wait>();
  wait_->tag = tag.bytes;
  wait_->known = tag.bytes.size();
  wait_->too_long = tag.too_long;
  wait_->question = std::move(question);
  wait_->for_answer = true;
  return false;
}

/// It need not wait any more. Of a tag that is too long there may be more to come.
void PageRewriter::edit_waiting_tag(Skip refusal) {
  Wait& wait = *wait_;
  for (SlotId slot : guarded_) match(slot, refusal);
  const std::string_view tag = wait.tag, known = tag.substr(0, wait.known), more = tag.substr(wait.known);
  const std::string_view attributes = known.substr(attributes_begin(known));
  edit_start_tag(known, wait.too_long ? complete_attributes(attributes) : attributes.substr(0, attributes.size() - 1),
                 true, wait.too_long);
  if (!edits_.skips_token()) edits_.put(more, true);
  offset_ += more.size();
  wait.for_answer = false;
}

/// More of a tag that is too long.
void PageRewriter::wait_in_tag(std::string_view bytes) {
  wait_->tag += bytes;
  if (wait_->tag.size() > max_held_element_) edit_waiting_tag(Skip::held_too_long);
}

/// The reader has stopped before this rest of the chunk, or has read all of it and is in the waiting tag, or past it.
void PageRewriter::wait_with(std::string_view chunk) {
  wait_->scan = nullptr;
  if (!waits()) {
    wait_ = nullptr;
  } else if (stops()) {
    const PaymentForms::Form* form = wait_->question.form_begin != PaymentForms::never ? forms_.latest() : nullptr;
    wait_->bytes_at = offset_ + wait_->tag.size();
    wait_->scan = std::make_unique<PaymentScan>(tree_, form, wait_->bytes_at, max_held_token_);
    go_on_waiting(chunk);
  }
}

void PageRewriter::go_on_waiting(std::string_view chunk) {
  wait_->scan->write(chunk);
  wait_->bytes += chunk;
  read_waiting();
}

/// Reads what is held, up to the next tag that has to wait.
void PageRewriter::read_waiting() {
  Wait& wait = *wait_;
  while (stops()) {
    const std::optional<Skip> answer = wait.scan->answer(wait.question, max_held_element_);
    if (!answer) return;
    edit_waiting_tag(*answer);
    if (wait.too_long) {
      long_tag_ = LongTag::start;
      finish_long_tag();
    } else {
      finish_tag();
    }
    output_.set_foreign(true);
    wait.begin += reader_.write(std::string_view(wait.bytes).substr(wait.begin));
    edits_.keep_text();
    output_.set_foreign(false);
    if (2 * wait.begin < wait.bytes.size()) continue;
    wait.bytes.erase(0, wait.begin);
    wait.bytes_at += wait.begin;
    wait.begin = 0;
  }
  assert(wait.begin == wait.bytes.size());
  wait.scan = nullptr;
  if (!wait.for_answer) wait_ = nullptr;
}

/// The page is over.
void PageRewriter::end_waiting() {
  if (!stops()) return edit_waiting_tag(Skip::none);  // in the tag
  wait_->scan->end();
  read_waiting();
}

/// After an exception: writes out the next bytes of what is held.
void PageRewriter::pass_waiting(std::size_t size) noexcept {
  const Wait& wait = *wait_;
  std::uint64_t at = offset_;
  const std::uint64_t tag_end = wait.question.at + wait.tag.size();
  if (at < tag_end) {
    const std::string_view tag =
        std::string_view(wait.tag).substr(static_cast<std::size_t>(at - wait.question.at), size);
    output_.copy(tag);
    size -= tag.size();
    at = tag_end;
  }
  if (size != 0) output_.copy(std::string_view(wait.bytes).substr(static_cast<std::size_t>(at - wait.bytes_at), size));
}

}  // namespace personalize::html
