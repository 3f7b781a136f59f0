#include "rules/load/constants.h"

#include <charconv>
#include <memory>
#include <vector>

namespace personalize::rules::load {
namespace {

class ConstantReader {
 public:
  ConstantReader(const yaml::Document& document, Arena& arena, Reports& reports)
      : document_(document), arena_(arena), reports_(reports) {}

  Value read(const yaml::Node& node, std::size_t depth) {
    if (++values_ > max_constant_values) {
      if (values_ == max_constant_values + 1)
        reports_.add(document_.at(node, "more than " + std::to_string(max_constant_values) + " values"));
      return {};
    }
    if (depth > max_constant_depth) {
      reports_.add(
          document_.at(node, "more than " + std::to_string(max_constant_depth) + " lists and maps in each other"));
      return {};
    }
    switch (node.kind) {
      case yaml::Node::Kind::null: reports_.add(document_.at(node, "a value is missing")); return {};
      case yaml::Node::Kind::scalar: return scalar(node);
      case yaml::Node::Kind::list: return list(node, depth);
      case yaml::Node::Kind::map: return map(node, depth);
    }
    return {};
  }

  Value map(const yaml::Node& node, std::size_t depth) {
    std::vector<MapEntry> entries;
    for (const auto& [name, value] : named_entries(document_, node, false, reports_)) {
      if (value->kind == yaml::Node::Kind::null)
        reports_.add(document_.at(*name, in_quotes(name->text) + " needs a value"));
      else
        entries.push_back({Value::string(copy(arena_, name->text)), read(*value, depth + 1)});
    }
    return Value::map({kept(entries), entries.size()});
  }

 private:
  Value scalar(const yaml::Node& node) {
    if (!node.quoted) {
      if (const auto flag = parse_boolean(node)) return Value::boolean(*flag);
      std::string_view digits = node.text;
      if (digits.starts_with('+')) digits.remove_prefix(1);
      std::int64_t whole = 0;
      const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), whole);
      if (error == std::errc() && end == digits.data() + digits.size()) return Value::int64(whole);
      if (const auto number = parse_number(node)) return Value::real(*number);
    }
    return Value::string(copy(arena_, node.text));
  }

  Value list(const yaml::Node& node, std::size_t depth) {
    std::vector<Value> elements;
    elements.reserve(node.items.size());
    for (const yaml::Node* item : node.items) elements.push_back(read(*item, depth + 1));
    return Value::list({kept(elements), elements.size()});
  }

  template <typename T>
  const T* kept(const std::vector<T>& values) {
    auto* copied = static_cast<T*>(arena_.allocate((values.size() + 1) * sizeof(T), alignof(T)));
    std::uninitialized_copy(values.begin(), values.end(), copied);
    return copied;
  }

  const yaml::Document& document_;
  Arena& arena_;
  Reports& reports_;
  std::size_t values_ = 0;
};

}  // namespace

Value read_constants(const yaml::Document& document, const yaml::Node& map, Arena& arena, Reports& reports) {
  return ConstantReader(document, arena, reports).map(map, 0);
}

}  // namespace personalize::rules::load
