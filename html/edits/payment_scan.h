// Whether an element is part of a payment form, where the rest of the form has not been read yet: reads the page ahead
// of the rewriter, which waits.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "html/edits/edit.h"
#include "html/edits/payment_forms.h"
#include "html/tree/page_tree.h"

namespace personalize::html {

/// What decides whether an element belongs to a payment form.
struct PaymentQuestion {
  std::uint64_t at = 0;                            ///< where its tag begins
  std::uint64_t form_begin = PaymentForms::never;  ///< of the form that it is in
  std::string form_id = {};                        ///< of that form
  std::string own_form = {};                       ///< the form that it names itself

  /// Something that comes later can matter.
  bool is_open() const { return form_begin != PaymentForms::never || !own_form.empty(); }
};

class PaymentScan : private TreeListener {
 public:
  /// Begins after a start tag that `tree` has taken, at the offset `begin`. `form`: the one that is open, or null.
  PaymentScan(const Tree& tree, const PaymentForms::Form* form, std::uint64_t begin, std::size_t max_held_token);

  void write(std::string_view bytes) { reader_.write(bytes); }
  /// The page is over.
  void end() {
    reader_.end();
    at_end_ = true;
  }
  /// `Skip::none`: it is not part of one. No answer: what has been read is not enough. What comes more than `budget`
  /// bytes after the element does not count, so that the answer does not depend on how much has been read; if its form
  /// is longer, that is `Skip::held_too_long`.
  std::optional<Skip> answer(const PaymentQuestion& question, std::size_t budget) const;
  std::size_t memory() const { return sizeof *this + reader_.memory() + forms_.memory(); }

  // For Reader.
  void text(std::string_view bytes);
  void tag(const PageTag& tag);
  void rest(std::string_view bytes) { offset_ += bytes.size(); }
  void long_tag_ends(bool self_closing);
  void comment(std::string_view bytes, bool last);
  void cdata(std::string_view bytes, bool) { offset_ += bytes.size(); }
  void doctype(std::string_view bytes, bool) { offset_ += bytes.size(); }
  TextMode text_mode() const { return tree_.text_mode(); }
  TagId text_element() const { return tree_.text_element(); }
  bool cdata_allowed() const { return tree_.in_foreign(); }

 private:
  void closed(const Closed&) override {}

  Tree tree_;
  PaymentForms forms_;
  Reader<PaymentScan> reader_;
  std::uint64_t offset_;         // in the page, of the current token
  bool long_start_tag_ = false;  // more of it is to come
  bool at_end_ = false;
};

}  // namespace personalize::html
