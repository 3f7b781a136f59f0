#include "learn/events/facts/facts_graph.h"

#include <simdjson.h>

#include <algorithm>
#include <string>

#include "learn/events/facts/json_repair.h"

namespace personalize::learn::events {
namespace {

namespace dom = simdjson::dom;

char lower_ascii(char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c; }

bool equals_without_case(std::string_view a, std::string_view b) {
  return std::ranges::equal(a, b, [](char one, char other) { return lower_ascii(one) == lower_ascii(other); });
}

/// "Product" of "https://schema.org/Product", "schema:Product" and "http://data-vocabulary.org/#Product".
std::string_view local_name(std::string_view name) {
  const std::size_t end = name.find_last_not_of(" /#");
  name = name.substr(0, end == std::string_view::npos ? 0 : end + 1);
  if (name.find("schema.org") != std::string_view::npos || name.starts_with("http"))
    return name.substr(name.find_last_of("/#") + 1);  // all of it, if there is none
  return name.starts_with("schema:") ? name.substr(7) : name;
}

}  // namespace

/// A script's own memory: nodes point into it.
class FactsGraph::Json {
 public:
  /// The values of the script; none if they cannot be read.
  simdjson::simdjson_result<dom::element> read(std::string_view text) {
    if (text.empty()) return simdjson::EMPTY;
    const auto parsed = parser_.parse(text.data(), text.size());
    if (parsed.error() == simdjson::SUCCESS) return parsed;
    repaired_ = repaired_json(text);
    return parser_.parse(repaired_);
  }

  void add(FactsGraph& graph, dom::element element) {
    if (dom::array array; element.get_array().get(array) == simdjson::SUCCESS) {
      for (const dom::element each : array) add(graph, each);
    } else if (dom::object object; element.get_object().get(object) == simdjson::SUCCESS) {
      if (const NodeId node = add_node(graph, object, 0); node != no_node && !is_graph(graph, node))
        graph.roots_.push_back(node);
    }
  }

 private:
  /// An object around `@graph` says nothing itself; its members are roots.
  static bool is_graph(const FactsGraph& graph, NodeId node) { return graph.nodes_[node].first == no_node; }

  NodeId add_node(FactsGraph& graph, dom::object object, std::size_t depth) {
    const NodeId node = graph.add_node();
    if (node == no_node || depth > limits::max_json_depth) return no_node;
    for (const auto [key, value] : object) {
      if (key == "@context") continue;
      if (key == "@id") {
        if (std::string_view id; value.get_string().get(id) == simdjson::SUCCESS) graph.set_id(node, id);
      } else if (key == "@graph" && depth == 0) {
        add(graph, value);
      } else {
        add_values(graph, node, key == "@type" ? "@type" : local_name(key), value, depth);
      }
    }
    return node;
  }

  void add_values(FactsGraph& graph, NodeId node, std::string_view name, dom::element element, std::size_t depth) {
    if (depth > limits::max_json_depth) return;
    if (dom::array array; element.get_array().get(array) == simdjson::SUCCESS) {
      for (const dom::element each : array) add_values(graph, node, name, each, depth + 1);
    } else if (dom::object object; element.get_object().get(object) == simdjson::SUCCESS) {
      add_object(graph, node, name, object, depth);
    } else if (std::string_view text; element.get_string().get(text) == simdjson::SUCCESS) {
      graph.add_property(node, name, {.text = decoded(text)});
    } else if (bool truth = false; element.get_bool().get(truth) == simdjson::SUCCESS) {
      graph.add_property(node, name, {.text = truth ? "true" : "false"});
    } else if (double number = 0; element.get_double().get(number) == simdjson::SUCCESS) {
      graph.add_property(node, name, {.text = number_text(element), .number = number, .is_number = true});
    }
  }

  void add_object(FactsGraph& graph, NodeId node, std::string_view name, dom::object object, std::size_t depth) {
    for (const char* wrapper : {"@value", "@list", "@set"}) {
      if (dom::element inner; object.at_key(wrapper).get(inner) == simdjson::SUCCESS)
        return add_values(graph, node, name, inner, depth + 1);
    }
    const NodeId child = add_node(graph, object, depth + 1);
    if (child != no_node) graph.add_property(node, name, {.node = child});
  }

  /// Many shops escape what they print, whether it is HTML or not.
  std::string_view decoded(std::string_view text) {
    if (text.find('&') == std::string_view::npos) return text;
    auto& own = texts_.emplace_back(std::make_unique<std::string>());
    append_without_references(*own, text);
    return *own;
  }

  /// Of integers, as ids are: other numbers have none.
  std::string_view number_text(dom::element element) {
    if (!element.is_int64() && !element.is_uint64()) return {};
    auto& own = texts_.emplace_back(std::make_unique<std::string>());
    *own = simdjson::minify(element);
    return *own;
  }

  dom::parser parser_;
  std::string repaired_;
  std::vector<std::unique_ptr<std::string>> texts_;
};

FactsGraph::FactsGraph() = default;
FactsGraph::~FactsGraph() = default;

void FactsGraph::add_json(std::string_view text) {
  Json& script = *scripts_.emplace_back(std::make_unique<Json>());
  if (dom::element element; script.read(text).get(element) == simdjson::SUCCESS) script.add(*this, element);
}

void FactsGraph::add_microdata(std::span<const DataItem> items, std::span<const DataProperty> properties) {
  std::vector<NodeId> nodes;
  // A property may have several names, an item several types: words with spaces between them.
  const auto add_words = [this](NodeId node, std::string_view names, const Value& value) {
    for (std::size_t at = 0; at < names.size();) {
      const std::size_t end = std::min(names.find_first_of(" \t\n\f\r", at), names.size());
      if (end != at) add_property(node, local_name(names.substr(at, end - at)), value);
      at = end + 1;
    }
  };
  for (const DataItem& item : items) {
    const NodeId node = nodes.emplace_back(add_node());
    if (node == no_node) return;
    for (std::size_t at = 0; at < item.type.size();) {
      const std::size_t end = std::min(item.type.find_first_of(" \t\n\f\r", at), item.type.size());
      if (end != at) add_property(node, "@type", {.text = item.type.substr(at, end - at)});
      at = end + 1;
    }
    if (!item.id.empty()) set_id(node, item.id);
    if (item.parent >= items.size()) roots_.push_back(node);
  }
  for (std::size_t i = 0; i < items.size(); ++i) {
    if (items[i].parent < items.size()) add_words(nodes[items[i].parent], items[i].property, {.node = nodes[i]});
  }
  for (const DataProperty& property : properties) {
    if (property.item < nodes.size())
      add_words(nodes[property.item], property.name, {.text = property.text, .shown = property.shown});
  }
}

FactsGraph::NodeId FactsGraph::add_node() {
  if (nodes_.size() == limits::max_graph_nodes) return no_node;
  nodes_.emplace_back();
  return static_cast<NodeId>(nodes_.size() - 1);
}

void FactsGraph::add_property(NodeId node, std::string_view name, const Value& value) {
  if (properties_.size() == limits::max_graph_properties) return;
  const auto index = static_cast<std::uint32_t>(properties_.size());
  properties_.push_back({name, value, no_node});
  Node& owner = nodes_[node];
  if (owner.last == no_node)
    owner.first = index;
  else
    properties_[owner.last].next = index;
  owner.last = index;
  if (!owner.id.empty()) by_id_.try_emplace(owner.id, Value{.node = node});
}

void FactsGraph::set_id(NodeId node, std::string_view id) {
  nodes_[node].id = id;
  if (nodes_[node].first != no_node && !id.empty()) by_id_.try_emplace(id, Value{.node = node});
}

const FactsGraph::Value& FactsGraph::resolved(const Value& value) const {
  if (value.node == no_node || nodes_[value.node].first != no_node) return value;
  const auto found = by_id_.find(nodes_[value.node].id);
  return found == by_id_.end() ? value : found->second;
}

bool FactsGraph::has_type(NodeId node, std::string_view type) const {
  bool has = false;
  for_each(node, [&](std::string_view name, const Value& value) {
    has = has || (name == "@type" && equals_without_case(local_name(value.text), type));
  });
  return has;
}

const FactsGraph::Value* FactsGraph::find(NodeId node, std::string_view name) const {
  for (std::uint32_t at = nodes_[node].first; at != no_node; at = properties_[at].next) {
    if (equals_without_case(properties_[at].name, name)) return &resolved(properties_[at].value);
  }
  return nullptr;
}

}  // namespace personalize::learn::events
