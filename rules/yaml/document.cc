#include "rules/yaml/document.h"

#include <yaml-cpp/eventhandler.h>
#include <yaml-cpp/exceptions.h>
#include <yaml-cpp/parser.h>

#include <algorithm>
#include <istream>
#include <streambuf>
#include <unordered_map>
#include <unordered_set>

#include "rules/rule_set.h"
#include "rules/text/utf8.h"
#include "rules/yaml/scalar_source.h"

namespace personalize::rules::yaml {
namespace {

/// Ends parsing from within a yaml-cpp event.
struct Refused {
  std::size_t offset;
  std::string message;
};

/// A string as a stream without copying it.
class ViewBuffer : public std::streambuf {
 public:
  explicit ViewBuffer(std::string_view text) {
    char* begin = const_cast<char*>(text.data());  // only read from
    setg(begin, begin, begin + text.size());
  }
};

std::string lower_first(std::string message) {
  if (!message.empty() && message[0] >= 'A' && message[0] <= 'Z') message[0] += 'a' - 'A';
  return message;
}

constexpr std::string_view byte_order_mark = "\xEF\xBB\xBF";

/// Depth of nested flow collections at its deepest, counted over everything that could be one. Ignores quotes and
/// comments: only used to refuse what would make the parser recurse or remember without end.
std::size_t longest_run_of_openings(std::string_view text) {
  std::size_t longest = 0;
  std::size_t run = 0;
  for (char c : text) {
    if (c == '[' || c == '{') {
      longest = std::max(longest, ++run);
    } else if (c != ' ' && c != '\n' && c != '\r' && c != '\t' && c != '-' && c != '?' && c != ':') {
      run = 0;
    }
  }
  return longest;
}

}  // namespace

/// Turns yaml-cpp's events into the tree.
class TreeBuilder : public YAML::EventHandler {
 public:
  TreeBuilder(Document& document, std::size_t skipped) : document_(document), skipped_(skipped) {}

  void OnDocumentStart(const YAML::Mark&) override {}
  void OnDocumentEnd() override {}

  void OnNull(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    // The mark is where the next thing begins: say where the value is missing.
    const bool after_key = !open_.empty() && open_.back().key;
    add(Node::Kind::null, mark, anchor, [&](Node& n) {
      if (after_key) n.offset = open_.back().key->offset;
      const std::size_t before = document_.text_.find_last_not_of(" \t\r\n", n.offset ? n.offset - 1 : 0);
      if (!after_key && before != std::string_view::npos && document_.text_[before] == '-')
        n.offset = static_cast<std::uint32_t>(before);
    });
  }

  void OnAlias(const YAML::Mark& mark, YAML::anchor_t anchor) override {
    const auto found = anchors_.find(anchor);
    if (found == anchors_.end()) throw Refused{offset(mark), "an alias cannot stand inside what it stands for"};
    count(found->second.size, mark);
    place(found->second.node);
  }

  void OnScalar(const YAML::Mark& mark, const std::string& tag, YAML::anchor_t anchor,
                const std::string& value) override {
    add(Node::Kind::scalar, mark, anchor, [&](Node& n) {
      n.text = value;
      n.quoted = tag == "!" || tag == "tag:yaml.org,2002:str";
    });
  }

  void OnSequenceStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                       YAML::EmitterStyle::value) override {
    open(Node::Kind::list, mark, anchor);
  }
  void OnSequenceEnd() override { close(); }

  void OnMapStart(const YAML::Mark& mark, const std::string&, YAML::anchor_t anchor,
                  YAML::EmitterStyle::value) override {
    open(Node::Kind::map, mark, anchor);
  }
  void OnMapEnd() override { close(); }

 private:
  struct Open {
    Node* node;
    YAML::anchor_t anchor;
    std::size_t first;          // value of `counted_` before it
    const Node* key = nullptr;  // of a map: waits for its value
  };
  struct Anchored {
    const Node* node;
    std::size_t size;
  };

  std::size_t offset(const YAML::Mark& mark) const {
    return std::min(skipped_ + static_cast<std::size_t>(std::max(mark.pos, 0)), document_.text_.size());
  }

  void count(std::size_t nodes, const YAML::Mark& mark) {
    counted_ += nodes;
    if (counted_ > max_nodes) {
      throw Refused{offset(mark), "too much in one file: more than " + std::to_string(max_nodes) +
                                      " values, with every alias counted as what it stands for"};
    }
  }

  Node& make(Node::Kind kind, const YAML::Mark& mark) {
    count(1, mark);
    Node& node = document_.nodes_.emplace_back();
    node.kind = kind;
    node.offset = static_cast<std::uint32_t>(offset(mark));
    return node;
  }

  template <typename Fill>
  void add(Node::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor, Fill fill) {
    Node& node = make(kind, mark);
    fill(node);
    if (anchor) anchors_[anchor] = {&node, 1};
    place(&node);
  }

  void open(Node::Kind kind, const YAML::Mark& mark, YAML::anchor_t anchor) {
    if (open_.size() >= max_depth)
      throw Refused{offset(mark), "nested more than " + std::to_string(max_depth) + " deep"};
    const std::size_t first = counted_;
    open_.push_back({&make(kind, mark), anchor, first});
  }

  void close() {
    const Open closed = open_.back();
    open_.pop_back();
    if (closed.node->is_map()) merge(*closed.node);
    if (closed.anchor) anchors_[closed.anchor] = {closed.node, counted_ - closed.first};
    place(closed.node);
  }

  static bool is_merge(const std::pair<const Node*, const Node*>& entry) {
    return entry.first->is_scalar() && !entry.first->quoted && entry.first->text == "<<";
  }

  /// YAML 1.1's merge key: `<<: *base` stands for the entries of that map, or of the maps in a list, whose keys the
  /// map does not have itself; of several maps with a key the first counts. What an alias stands for was counted where
  /// it stands.
  void merge(Node& map) {
    const auto merge_key = std::find_if(map.entries.begin(), map.entries.end(), is_merge);
    if (merge_key == map.entries.end()) return;
    const auto [key, value] = *merge_key;
    map.entries.erase(merge_key);
    if (const auto other = std::find_if(map.entries.begin(), map.entries.end(), is_merge); other != map.entries.end())
      throw Refused{other->first->offset, "`<<` is there twice; several maps are a list: `<<: [*a, *b]`"};
    std::unordered_set<std::string_view> present;
    for (const auto& [own, ignored] : map.entries) present.insert(own->text);
    if (!value->is_list()) return merge_one(*value, *key, present, map);
    for (const Node* item : value->items) merge_one(*item, *key, present, map);
  }

  static void merge_one(const Node& from, const Node& key, std::unordered_set<std::string_view>& present, Node& map) {
    if (!from.is_map())
      throw Refused{key.offset, "`<<` takes a map that has an anchor, or a list of them: `<<: *name`, not " +
                                    std::string(describe(from)) + "; `blocks` and `use` share operations without it"};
    for (const auto& entry : from.entries)
      if (present.insert(entry.first->text).second) map.entries.push_back(entry);
  }

  void place(const Node* node) {
    if (open_.empty()) {
      document_.root_ = node;
      return;
    }
    Open& parent = open_.back();
    if (parent.node->is_list()) {
      parent.node->items.push_back(node);
    } else if (!parent.key) {
      parent.key = node;
    } else {
      parent.node->entries.emplace_back(parent.key, node);
      parent.key = nullptr;
    }
  }

  Document& document_;
  std::size_t skipped_;  // bytes of a byte order mark, which yaml-cpp does not count
  std::size_t counted_ = 0;
  std::vector<Open> open_;
  std::unordered_map<YAML::anchor_t, Anchored> anchors_;
};

Document::Document(std::string_view file, std::string_view text) : file_(file), text_(text) {
  lines_.push_back(0);
  for (std::size_t i = 0; i < text.size(); ++i)
    if (text[i] == '\n') lines_.push_back(static_cast<std::uint32_t>(i + 1));
}

std::unique_ptr<Document> Document::parse(std::string_view file, std::string_view text, Diagnostics& diagnostics) {
  if (text.size() > rules::max_source_bytes) {
    diagnostics.push_back(
        {std::string(file), 1, 1,
         "file larger than " + std::to_string(rules::max_source_bytes / 1024 / 1024) + " MB; split it up"});
    return nullptr;
  }
  std::unique_ptr<Document> document(new Document(file, text));
  const auto refuse = [&](std::size_t offset, std::string message) {
    diagnostics.push_back(document->at_offset(offset, std::move(message)));
    return nullptr;
  };
  if (const std::size_t bad = text::first_invalid_utf8(text); bad != std::string_view::npos)
    return refuse(bad, "not UTF-8: save the file as UTF-8");
  const std::size_t control = text::first_control(text);
  if (control != std::string_view::npos) return refuse(control, "control characters are not allowed");
  if (longest_run_of_openings(text) > 2 * max_depth)
    return refuse(0, "nested more than " + std::to_string(max_depth) + " deep");

  const std::size_t skipped = text.substr(0, 3) == byte_order_mark ? 3 : 0;
  TreeBuilder builder(*document, skipped);
  try {
    ViewBuffer buffer(text.substr(skipped));
    std::istream stream(&buffer);
    YAML::Parser parser(stream);
    parser.HandleNextDocument(builder);
    const std::size_t nodes = document->nodes_.size();
    const Node* first = document->root_;
    parser.HandleNextDocument(builder);
    if (document->nodes_.size() != nodes) {
      const Node* second = document->root_;
      document->root_ = first;
      return refuse(second->offset, "a rule file holds one document; put the second one into a file of its own");
    }
  } catch (const Refused& refused) {
    return refuse(refused.offset, refused.message);
  } catch (const YAML::Exception& error) {
    const std::size_t offset = error.mark.is_null() ? 0 : skipped + static_cast<std::size_t>(error.mark.pos);
    return refuse(std::min(offset, text.size()), "not YAML: " + lower_first(error.msg));
  }
  if (!document->root_) document->root_ = &document->nodes_.emplace_back();
  return document;
}

Diagnostic Document::at_offset(std::size_t offset, std::string message, Diagnostic::Severity severity) const {
  offset = std::min(offset, text_.size());
  const auto line = std::upper_bound(lines_.begin(), lines_.end(), offset) - 1;
  std::size_t start = *line;
  if (start == 0 && text_.starts_with(byte_order_mark)) start = byte_order_mark.size();
  offset = std::max(offset, start);
  // Mistakes mostly come in order: on a very long line, count on from the last one.
  if (counted_to_ < start || counted_to_ > offset) {
    counted_to_ = start;
    column_ = 1;
  }
  column_ += text::code_points(text_.substr(counted_to_, offset - counted_to_));
  counted_to_ = offset;
  return {std::string(file_), static_cast<std::uint32_t>(line - lines_.begin() + 1),
          static_cast<std::uint32_t>(column_), std::move(message), severity};
}

Diagnostic Document::at(const Node& node, std::string message, Diagnostic::Severity severity) const {
  return at_offset(node.offset, std::move(message), severity);
}

Diagnostic Document::at(const Node& scalar, std::size_t position, std::string message,
                        Diagnostic::Severity severity) const {
  return at_offset(source_offset(text_, scalar.offset, scalar.text, position), std::move(message), severity);
}

std::string_view describe(const Node& node) {
  switch (node.kind) {
    case Node::Kind::null: return "nothing";
    case Node::Kind::scalar: return "text";
    case Node::Kind::list: return "a list";
    case Node::Kind::map: return "a map";
  }
  return "nothing";
}

}  // namespace personalize::rules::yaml
