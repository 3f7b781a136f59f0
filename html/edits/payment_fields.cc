#include "html/edits/payment_fields.h"

#include "html/tokens/ascii.h"
#include "html/tokens/entities.h"

namespace personalize::html {
namespace {

bool names_card_data(std::string_view words) {
  constexpr std::string_view prefix = "cc-";
  for (std::size_t at = 0; at < words.size(); ++at) {
    const bool begins_word = at == 0 || is_space(words[at - 1]);
    if (begins_word && equals_ignoring_case(words.substr(at, prefix.size()), prefix)) return true;
  }
  return false;
}

}  // namespace

FormAttributes::FormAttributes(std::string_view attributes) {
  AttributeCursor cursor(attributes);
  for (AttributePlace place; cursor.next(place);) add(place.attribute);
}

void FormAttributes::add(const RawAttribute& attribute) {
  const auto is = [&](std::string_view name, const RawAttribute& known) {
    return attribute.name.size() == name.size() && known.name.empty() && equals_ignoring_case(attribute.name, name);
  };
  if (is("id", id_)) id_ = attribute;
  if (is("form", form_)) form_ = attribute;
  if (!is("autocomplete", autocomplete_)) return;
  autocomplete_ = attribute;
  std::string scratch;
  payment_ = names_card_data(decode_attribute(attribute.value, scratch));
}

std::string FormAttributes::decoded(const RawAttribute& attribute) {
  std::string scratch;
  return std::string(decode_attribute(attribute.value, scratch));
}

}  // namespace personalize::html
