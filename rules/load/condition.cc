#include "rules/load/condition.h"

#include <algorithm>

namespace personalize::rules::load {
namespace {

class Composer {
 public:
  Composer(const yaml::Document& document, Reports& reports) : document_(document), reports_(reports) {}

  void add(const yaml::Node& node) {
    switch (node.kind) {
      case yaml::Node::Kind::scalar:
        condition_.pieces.push_back({condition_.source.size(), &node});
        condition_.source += node.text;
        return;
      case yaml::Node::Kind::list: return add_list(node, " && ");
      case yaml::Node::Kind::map: return add_map(node);
      case yaml::Node::Kind::null: return reports_.add(document_.at(node, "a condition is missing"));
    }
  }

  Condition take() { return std::move(condition_); }

 private:
  /// In parentheses, and on its own lines because an expression may end in a comment.
  void add_in_parentheses(const yaml::Node& node) {
    condition_.source += '(';
    add(node);
    condition_.source += "\n)";
  }

  void add_list(const yaml::Node& list, std::string_view operation) {
    if (list.items.empty()) return reports_.add(document_.at(list, "a condition is missing in this list"));
    for (std::size_t i = 0; i < list.items.size(); ++i) {
      if (i > 0) condition_.source += operation;
      add_in_parentheses(*list.items[i]);
    }
  }

  void add_map(const yaml::Node& map) {
    const Fields fields(document_, map, condition_object, reports_);
    bool first = true;
    for (std::string_view key : {"all", "any", "not"}) {
      const yaml::Node* node = fields.find(key);
      if (!node) continue;
      if (!first) condition_.source += " && ";
      first = false;
      if (key == "not") {
        condition_.source += '!';
        add_in_parentheses(*node);
      } else {
        condition_.source += '(';
        if (node->is_list()) {
          add_list(*node, key == "any" ? " || " : " && ");
        } else {
          add(*node);
        }
        condition_.source += "\n)";
      }
    }
    if (map.entries.empty()) reports_.add(document_.at(map, "a condition is missing: `all`, `any` or `not`"));
  }

  const yaml::Document& document_;
  Reports& reports_;
  Condition condition_;
};

}  // namespace

Diagnostic Condition::at(const yaml::Document& document, std::size_t offset, std::string message) const {
  const auto next = std::upper_bound(pieces.begin(), pieces.end(), offset,
                                     [](std::size_t o, const Piece& piece) { return o < piece.begin; });
  const Piece& piece = next == pieces.begin() ? *next : *(next - 1);
  return document.at(*piece.node, offset - std::min(offset, piece.begin), std::move(message));
}

Condition read_condition(const yaml::Document& document, const yaml::Node& node, Reports& reports) {
  Composer composer(document, reports);
  const std::size_t before = reports.size();
  composer.add(node);
  Condition condition = composer.take();
  condition.complete = reports.size() == before;
  return condition;
}

}  // namespace personalize::rules::load
