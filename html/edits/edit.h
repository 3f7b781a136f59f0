// What can be done to an element of a page, and what became of it.
#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace personalize::html {

/// Number of a slot: the position in which its selector was added to `Selectors`, from 0.
using SlotId = std::uint32_t;

/// The DOM's operations. Where several edits meet on one element they compose in the order given in
/// `rewriter.h`.
enum class Operation : std::uint8_t {
  before,            ///< content before the start tag
  prepend,           ///< content after the start tag
  append,            ///< content before the end tag (or where the element implicitly ends)
  after,             ///< content after the element
  inner,             ///< content in place of what the element contains
  replace,           ///< content in place of the element
  remove,            ///< nothing in place of the element
  set_attribute,     ///< `name` gets `value`
  remove_attribute,  ///< `name` is removed
  add_class,         ///< those of `value`'s class names that are missing are added
  remove_class,      ///< `value`'s class names are removed
  reorder,           ///< children sorted by `order` of the value of their attribute `name`
};

/// What an operation does: everything that code outside this folder needs to know about it.
struct OperationTraits {
  Operation operation;
  std::string_view name;          ///< "before", "set_attribute", …
  bool takes_content = false;     ///< `Edit::content`
  bool adds = false;              ///< what was there stays: without content it does nothing
  bool in_element = false;        ///< it affects what the element contains
  bool replaces_element = false;  ///< the element goes
  bool changes_tag = false;       ///< only the start tag

  /// The element's content is no longer what the page's author wrote.
  constexpr bool changes_content() const { return in_element || replaces_element; }
};

/// All of them, in the order of `Operation`.
inline constexpr OperationTraits operations[] = {
    {.operation = Operation::before, .name = "before", .takes_content = true, .adds = true},
    {.operation = Operation::prepend, .name = "prepend", .takes_content = true, .adds = true, .in_element = true},
    {.operation = Operation::append, .name = "append", .takes_content = true, .adds = true, .in_element = true},
    {.operation = Operation::after, .name = "after", .takes_content = true, .adds = true},
    {.operation = Operation::inner, .name = "inner", .takes_content = true, .in_element = true},
    {.operation = Operation::replace, .name = "replace", .takes_content = true, .replaces_element = true},
    {.operation = Operation::remove, .name = "remove", .replaces_element = true},
    {.operation = Operation::set_attribute, .name = "set_attribute", .changes_tag = true},
    {.operation = Operation::remove_attribute, .name = "remove_attribute", .changes_tag = true},
    {.operation = Operation::add_class, .name = "add_class", .changes_tag = true},
    {.operation = Operation::remove_class, .name = "remove_class", .changes_tag = true},
    {.operation = Operation::reorder, .name = "reorder", .in_element = true},
};

constexpr const OperationTraits& traits_of(Operation operation) {
  return operations[static_cast<std::size_t>(operation)];
}

/// "before", "set_attribute", …
constexpr std::string_view to_string(Operation operation) { return traits_of(operation).name; }
std::optional<Operation> parse_operation(std::string_view name);

/// Sort key of a child for `Operation::reorder`: children with lower keys come first, equal keys keep the page's
/// order. Called during `Rewriter::write`.
class ChildOrder {
 public:
  virtual ~ChildOrder() = default;
  /// `value` is the decoded value of the child's attribute. Children without it are not asked about: they come last, in
  /// the page's order.
  virtual std::int64_t key(std::string_view value) const = 0;
  /// Appends a description; two orders have the same one only if they sort alike.
  virtual void describe(std::string& text) const = 0;
};

/// Edits of the same form can be done in the same places of a page. They have the same name and value, and their
/// contents are alike to a parser: the same tags in the same order, and text that agrees in whether it is blank and in
/// whether it begins and ends with a blank. Only the rest of the text, and attribute values that no parser acts on, may
/// differ.
struct EditForm {
  std::uint64_t id = 0;  ///< equal for edits of the same form, during the lifetime of its issuer; 0: not known
  bool ascii = true;     ///< the content is ASCII only

  friend bool operator==(const EditForm&, const EditForm&) = default;
};

/// One operation on every element that matches a slot's selector. All memory pointed to belongs to the caller and
/// must outlive the `Rewriter`.
struct Edit {
  SlotId slot = 0;
  Operation operation = Operation::inner;
  /// UTF-8 HTML, complete and already escaped, for before … replace. Must have passed `check_content`.
  std::string_view content = {};
  /// Attribute name, for the attribute operations and `reorder`.
  std::string_view name = {};
  /// Plain text, *not* escaped (the rewriter quotes and escapes it): attribute value or class names.
  std::string_view value = {};
  const ChildOrder* order = nullptr;
  /// `content` is the same on every page, and in the same memory.
  bool constant = false;
  EditForm form = {};
};

/// Why an edit was not applied to an element that its selector matched (or to any).
enum class Skip : std::uint8_t {
  none,           ///< it was applied
  no_match,       ///< no element matched
  unsafe_region,  ///< parsers may disagree about this part of the page
  void_element,   ///< the operation needs content, the element can have none
  raw_text,       ///< in script, style, iframe, noscript, …, where markup has no meaning
  foreign,        ///< in SVG or MathML, which HTML content would end
  inside_edit,    ///< the element is inside another one that was replaced, removed or got new content
  held_too_long,  ///< depends on more of a tag or element than the budget for held bytes allows
  encoding,       ///< the page's encoding is not supported
  too_deep,       ///< more open elements than are tracked
  truncated,      ///< the page ended before the place of the edit
  no_tag,         ///< a head or body that begins in the page without a tag can only be appended to
  no_key,         ///< no child of the element has the attribute that `reorder` sorts by
  payment,        ///< the element belongs to a payment form, or contains one and would lose it
};
/// "unsafe_region", … : stable names, for logs and probes.
std::string_view to_string(Skip skip);

/// What became of one `Edit`.
struct EditResult {
  std::uint32_t matches = 0;     ///< elements that matched the selector
  std::uint32_t applied = 0;     ///< of these, elements that were edited
  Skip reason = Skip::no_match;  ///< `none` if all matches were edited, else the first reason why one was not
};

}  // namespace personalize::html
