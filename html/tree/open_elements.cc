#include "html/tree/open_elements.h"

namespace personalize::html {

bool OpenElement::is_scope_boundary() const {
  switch (name_space()) {
    case Namespace::html: return has_trait(id, trait_scope);
    case Namespace::svg: return is_svg_integration_point(id);
    default: return is_mathml_text_integration_point(id) || id == TagId::annotation_xml;
  }
}

OpenElement& OpenElements::push(TagName name, Namespace name_space) {
  assert(!full());
  OpenElement& element = elements_[size_];
  element = {.hash = name.hash,
             .children = 0,
             .watch = not_watched,
             .depth = 0,
             .id = name.id,
             .flags = static_cast<std::uint8_t>(name_space),
             .scope = 0,
             .fate = 0};
  std::uint8_t around = 0;
  if (size_ != 0) {
    const OpenElement& parent = top();
    element.depth = static_cast<std::uint16_t>(parent.depth + 1);
    element.flags |= parent.flags & OpenElement::unsafe;
    around = parent.scope;
  }
  if (name_space == Namespace::html) {
    element.scope = content_of(name.id).of(around);
  } else {
    element.scope = element.is_scope_boundary() ? around & OpenElement::in_template_contents : around;
  }
  ++size_;
  return element;
}

OpenElement& OpenElements::insert(std::size_t index) {
  assert(!full() && index <= size_);
  OpenElement* const place = elements_.data() + index;
  std::move_backward(place, elements_.data() + size_, elements_.data() + size_ + 1);
  ++size_;
  return *place;
}

void OpenElements::erase(std::size_t index) {
  assert(index < size_);
  OpenElement* const place = elements_.data() + index;
  std::move(place + 1, elements_.data() + size_, place);
  --size_;
}

std::size_t OpenElements::find(TagId id) const {
  for (std::size_t i = size_; i-- > 0;) {
    if (elements_[i].is(id)) return i;
  }
  return size_;
}

bool OpenElements::in_scope(TagId id, TagId boundary1, TagId boundary2) const {
  for (std::size_t i = size_; i-- > 0;) {
    const OpenElement& element = elements_[i];
    if (element.is(id)) return true;
    if (element.is_scope_boundary() || (boundary1 != TagId::unknown && element.is(boundary1)) ||
        (boundary2 != TagId::unknown && element.is(boundary2))) {
      return false;
    }
  }
  return false;
}

bool OpenElements::index_in_scope(std::size_t index) const {
  for (std::size_t i = size_; i-- > index + 1;) {
    if (elements_[i].is_scope_boundary()) return false;
  }
  return index < size_;
}

bool OpenElements::any_in_scope(std::uint32_t trait, std::size_t open) const {
  assert(open <= size_);
  for (std::size_t i = open; i-- > 0;) {
    if (elements_[i].has(trait)) return true;
    if (elements_[i].is_scope_boundary()) return false;
  }
  return false;
}

template <class Wanted>
bool OpenElements::find_in_table_scope(Wanted wanted) {
  bool past_template = false;
  for (std::size_t i = size_; i-- > 0;) {
    if (wanted(elements_[i])) {
      if (past_template) mark_unsafe_from(i);
      return !past_template;
    }
    if (elements_[i].is(TagId::table) || elements_[i].is(TagId::html)) return false;
    past_template |= elements_[i].is(TagId::template_);
  }
  return false;
}

bool OpenElements::in_table_scope(TagId id) {
  return find_in_table_scope([id](const OpenElement& element) { return element.is(id); });
}

bool OpenElements::any_in_table_scope(std::uint32_t trait) {
  return find_in_table_scope([trait](const OpenElement& element) { return element.has(trait); });
}

bool OpenElements::in_select_scope() const {
  for (std::size_t i = size_; i-- > 0;) {
    if (elements_[i].is(TagId::select)) return true;
    if (!elements_[i].is(TagId::option) && !elements_[i].is(TagId::optgroup)) return false;
  }
  return false;
}

std::size_t OpenElements::count_templates(std::size_t open) const {
  assert(open <= size_);
  const auto is_template = [](const OpenElement& element) { return element.is(TagId::template_); };
  return static_cast<std::size_t>(std::count_if(begin(), begin() + open, is_template));
}

void OpenElements::mark_unsafe_from(std::size_t index) {
  for (; index < size_; ++index) elements_[index].flags |= OpenElement::unsafe;
}

void OpenElements::mark_leak_from(std::size_t index) {
  for (; index < size_; ++index) elements_[index].fate |= OpenElement::has_leaked;
}

}  // namespace personalize::html
