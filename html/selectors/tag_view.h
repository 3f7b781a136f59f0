// The tag that is being matched. Its attributes are found and decoded when a selector needs them.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "html/selectors/ast.h"
#include "html/selectors/conditions.h"
#include "html/selectors/matcher.h"

namespace personalize::html {

class TagView {
 public:
  /// Looks at `element` from now on, which must stay in memory.
  void set(const OpenedElement& element);

  const OpenedElement& element() const { return *element_; }
  bool has_id() const { return has_id_; }
  /// Decoded values, empty if there is no such attribute.
  std::string_view id() const { return id_; }
  std::string_view classes() const { return classes_; }

  bool has_type(const Name& type) const;
  Truth matches_id(std::string_view id) const { return has_id_ ? truth(id_ == id) : missing(); }
  Truth has_class(std::string_view name) const;
  Truth passes(const AttributeTest& test);
  /// The value of the attribute with its language; `known_false` if there is none.
  Truth language(std::string_view& value);

 private:
  static Truth truth(bool known) { return known ? known_true : known_false; }
  /// The truth of a test for an attribute that is not among the known ones.
  Truth missing() const { return element_->complete ? known_false : not_known; }
  bool has_name(std::string_view attribute, const AttributeTest& test) const;

  const OpenedElement* element_ = nullptr;
  bool has_id_ = false;
  bool has_class_ = false;
  std::string_view id_, classes_;
  std::string id_scratch_, class_scratch_, scratch_;
};

}  // namespace personalize::html
