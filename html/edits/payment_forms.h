// The forms of a page that take the data of payment cards, as far as the page has been read.
#pragma once

#include <cstdint>
#include <string>
#include <unordered_map>
#include <vector>

#include "html/edits/payment_fields.h"
#include "html/tree/tree.h"

namespace personalize::html {

class PaymentForms {
 public:
  static constexpr std::uint64_t never = UINT64_MAX;

  /// A form ends with its end tag, also where that closes no element: until then fields belong to it. Places are
  /// offsets in the page.
  struct Form {
    std::uint64_t begin = never;
    std::string id = {};
    std::uint64_t field = never;  ///< the first that is one of a card
    std::uint64_t end = never;
  };

  /// Of more than `max_ids` forms that are named by a field, all count as payment forms. Bounds the memory, unless the
  /// part of the page that is read does.
  explicit PaymentForms(std::size_t max_ids = 256) : max_ids_(max_ids) {}

  /// The tag of a form or field, which the tree has taken. True if it is a field of a card.
  bool start_tag(const Tree& tree, std::uint64_t offset, TagName name, const FormAttributes& attributes);
  void end_tag(const Tree& tree, std::uint64_t offset);
  /// Those before the latest do not matter any more.
  void forget_earlier();

  /// The latest one; null if there was none.
  const Form* latest() const { return forms_.empty() ? nullptr : &forms_.back(); }
  /// The one that begins there; null if it is not known.
  const Form* beginning_at(std::uint64_t begin) const;
  /// Begins with a copy of that form.
  void go_on_with(const Form& form) { forms_.push_back(form); }
  /// The first field of a card that belongs to a form with that id, inside or outside.
  std::uint64_t first_field_of(const std::string& id) const;
  std::size_t memory() const;

 private:
  void note_id(const std::string& id, std::uint64_t offset);

  std::size_t max_ids_;
  std::vector<Form> forms_;
  std::unordered_map<std::string, std::uint64_t> field_of_;  // by the form's id
  std::uint64_t more_from_ = never;                          // there, more ids would be than are kept
};

}  // namespace personalize::html
