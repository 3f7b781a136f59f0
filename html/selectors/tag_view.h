// The tag that is being matched. Its attributes are found and decoded when a selector needs them.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "html/selectors/ast.h"
#include "html/selectors/matcher.h"

namespace personalize::html {

class TagView {
 public:
  /// Looks at `element` from now on; it must stay.
  void set(const OpenedElement& element);

  const OpenedElement& element() const { return *element_; }
  bool has_id() const { return has_id_; }
  /// Decoded values, empty if there is no such attribute.
  std::string_view id() const { return id_; }
  std::string_view classes() const { return classes_; }

  bool has_type(const Name& type) const;
  bool has_class(std::string_view name) const;
  bool passes(const AttributeTest& test);
  /// The value of the attribute that tells its language; false if there is none.
  bool language(std::string_view& value);

 private:
  bool has_name(std::string_view attribute, const AttributeTest& test) const;

  const OpenedElement* element_ = nullptr;
  bool has_id_ = false;
  std::string_view id_, classes_;
  std::string id_scratch_, class_scratch_, scratch_;
};

}  // namespace personalize::html
