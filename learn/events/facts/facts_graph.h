// What a page says of things, in schema.org's words: JSON-LD and microdata in one form.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "learn/events/facts/page_data.h"

namespace personalize::learn::events {

namespace limits {
inline constexpr std::size_t max_graph_nodes = 4096;        ///< of a page
inline constexpr std::size_t max_graph_properties = 32768;  ///< of all of them together
}  // namespace limits

class FactsGraph {
 public:
  using NodeId = std::uint32_t;
  static constexpr NodeId no_node = 0xFFFFFFFF;

  /// A text, a number or a node. Lists are several properties of one name.
  struct Value {
    std::string_view text = {};
    double number = 0;
    NodeId node = no_node;
    bool is_number = false;
    bool shown = false;  ///< text that people see
  };
  struct Property {
    std::string_view name;  ///< without schema.org's address
    Value value;
    std::uint32_t next = no_node;
  };

  FactsGraph();
  ~FactsGraph();
  FactsGraph(const FactsGraph&) = delete;
  FactsGraph& operator=(const FactsGraph&) = delete;

  /// Adds what a script says, broken or not.
  void add_json(std::string_view text);
  /// Must outlive the graph.
  void add_microdata(std::span<const DataItem> items, std::span<const DataProperty> properties);

  /// Nodes that are in no other, in the order of the page.
  std::span<const NodeId> roots() const { return roots_; }
  /// The names, without case, of a node's type is `type`.
  bool has_type(NodeId node, std::string_view type) const;
  /// Calls `visit(name, value)` for each property; a node that only names another one is replaced by that.
  template <class Visit>
  void for_each(NodeId node, Visit visit) const {
    for (std::uint32_t at = nodes_[node].first; at != no_node; at = properties_[at].next)
      visit(properties_[at].name, resolved(properties_[at].value));
  }
  /// The first property of that name, without case; nothing if there is none.
  const Value* find(NodeId node, std::string_view name) const;
  std::string_view id(NodeId node) const { return nodes_[node].id; }

 private:
  class Json;
  struct Node {
    std::uint32_t first = no_node;
    std::uint32_t last = no_node;
    std::string_view id = {};
  };

  NodeId add_node();
  void add_property(NodeId node, std::string_view name, const Value& value);
  void set_id(NodeId node, std::string_view id);
  const Value& resolved(const Value& value) const;

  std::vector<Node> nodes_;
  std::vector<Property> properties_;
  std::vector<NodeId> roots_;
  std::unordered_map<std::string_view, Value> by_id_;  // the first node that says more than its id
  std::vector<std::unique_ptr<Json>> scripts_;
};

}  // namespace personalize::learn::events
