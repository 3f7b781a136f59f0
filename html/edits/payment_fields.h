// Fields for the data of payment cards: those whose `autocomplete` says so, and what names the forms they belong to.
#pragma once

#include <string>
#include <string_view>

#include "html/tokens/attributes.h"
#include "html/tokens/tag.h"

namespace personalize::html {

/// Elements for which `autocomplete` names what is entered.
constexpr bool is_field(TagId id) { return id == TagId::input || id == TagId::select || id == TagId::textarea; }

/// What the attributes of one tag say about forms.
class FormAttributes {
 public:
  FormAttributes() = default;
  /// The bytes after the tag's name.
  explicit FormAttributes(std::string_view attributes);

  /// The next attribute of the tag: of equal names the first counts.
  void add(const RawAttribute& attribute);

  /// `autocomplete` has a word that begins with `cc-`, as in `section-x billing cc-number`.
  bool payment() const { return payment_; }
  std::string id() const { return decoded(id_); }
  /// The id of the form that the element belongs to, wherever it stands; empty: that in which it is.
  std::string form() const { return decoded(form_); }

 private:
  static std::string decoded(const RawAttribute& attribute);

  RawAttribute autocomplete_, id_, form_;  // without name: it has none
  bool payment_ = false;
};

}  // namespace personalize::html
