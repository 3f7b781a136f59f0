// Explains in words why a condition has its value.
#include <algorithm>
#include <string>
#include <vector>

#include "rules/cel/plan.h"

namespace personalize::rules::cel {
namespace {

constexpr std::size_t max_source_size = 160;
constexpr std::size_t max_value_size = 80;
constexpr std::size_t max_reasons = 8;

class Explainer {
 public:
  explicit Explainer(Frame& frame) : frame_(frame) {}

  std::string explain(const Program::Impl& program) {
    const std::string_view outer = source_;
    source_ = program.source;
    std::string text = explain(*program.root);
    source_ = outer;
    return text;
  }

 private:
  std::string explain(const Node& node) {
    const Value value = evaluate(node, frame_);
    switch (node.op) {
      case Op::logical_and: return explain_operands(node, value, false);
      case Op::logical_or: return explain_operands(node, value, true);
      case Op::logical_not: return is_leaf(*node.args[0]) ? leaf(node, value) : explain(*node.args[0]);
      case Op::segment: return std::string(text_of(node)) + ": " + explain(node.segment->impl());
      default: return leaf(node, value);
    }
  }

  static bool is_leaf(const Node& node) {
    return node.op != Op::logical_and && node.op != Op::logical_or && node.op != Op::segment;
  }

  // Of the operands, those that made the value what it is: one that decides or failed, or all.
  std::string explain_operands(const Node& node, const Value& value, bool decisive) {
    const bool all = value.is(Kind::boolean) && value.as_bool() != decisive;
    std::string text;
    std::size_t count = 0;
    for (const Node* arg : node.args) {
      const Value v = evaluate(*arg, frame_);
      if (!all && !same_outcome(v, value)) continue;
      if (++count > max_reasons) return text + "; …";
      text += (text.empty() ? "" : "; ") + explain(*arg);
      if (!all) break;
    }
    return text;
  }

  static bool same_outcome(const Value& a, const Value& b) {
    if (b.is(Kind::boolean)) return a.is(Kind::boolean) && a.as_bool() == b.as_bool();
    if (a.is(Kind::error)) return a.text() == b.text();
    return !a.is(Kind::boolean);
  }

  std::string leaf(const Node& node, const Value& value) {
    if (value.is_missing_attribute()) {
      return std::string(value.text().substr(missing_prefix.size())) + " is not known";
    }
    std::string text = text_of(node);
    if (value.is(Kind::error))
      text += " failed: " + std::string(value.text());
    else
      text += (node.op == Op::constant ? " is always " : " is ") + to_source(value, max_value_size);
    const bool is_name = node.op == Op::attribute || node.op == Op::has_attribute;
    const std::string values = is_name ? std::string() : attribute_values(node);
    return values.empty() ? text : text + ": " + values;
  }

  // The expression's text in one line, without parentheses around the whole.
  std::string text_of(const Node& node) const {
    std::string text;
    for (const char c : source_.substr(node.begin, node.end - node.begin)) {
      const bool space = c == ' ' || (c >= '\t' && c <= '\r');
      if (!space)
        text += c;
      else if (!text.ends_with(' '))
        text += ' ';
    }
    if (text.size() > max_source_size) {
      std::size_t end = max_source_size;
      while (end > 0 && (static_cast<unsigned char>(text[end]) & 0xc0) == 0x80) --end;
      text.resize(end);
      text += "…";
    }
    return text;
  }

  std::string attribute_values(const Node& node) const {
    std::vector<const Node*> attributes;
    collect(node, attributes);
    std::string text;
    for (const Node* attribute : attributes) {
      const Value& v = (*frame_.context)[attribute->index];
      text += (text.empty() ? "" : ", ") + std::string(attribute->value.text().substr(missing_prefix.size()));
      text += v.missing() ? " is not known" : " = " + to_source(v, max_value_size);
    }
    return text;
  }

  static void collect(const Node& node, std::vector<const Node*>& attributes) {
    if (node.op == Op::attribute || node.op == Op::has_attribute || node.op == Op::optional_attribute) {
      const bool known = std::any_of(attributes.begin(), attributes.end(),
                                     [&](const Node* other) { return other->index == node.index; });
      if (!known && attributes.size() < max_reasons) attributes.push_back(&node);
    }
    for (const Node* arg : node.args) collect(*arg, attributes);
  }

  Frame& frame_;
  std::string_view source_;
};

}  // namespace

std::string Program::explain(const Context& context, Arena& arena) const {
  Value variables[max_variables];
  // Every level evaluates its operands again, so the budget is for many evaluations.
  Scope scope{arena, max_cost * 100};
  Frame frame{&context, scope, {}, variables};
  return Explainer(frame).explain(*impl_);
}

}  // namespace personalize::rules::cel
