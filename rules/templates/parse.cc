#include "rules/templates/parse.h"

#include <utility>

#include "rules/text/ascii.h"

namespace personalize::rules::templates {
namespace {

constexpr std::string_view white_space = " \t\r\n";

std::string_view trim(std::string_view text) { return text::trim(text, white_space); }

class Parser {
 public:
  Parser(std::string_view source, std::vector<Error>& errors) : source_(source), errors_(errors) {}

  std::vector<Node> parse() {
    std::size_t text_begin = 0;
    while (true) {
      const std::size_t begin = source_.find(open_, text_begin);
      Tag tag;
      if (begin == std::string_view::npos || !read_tag(begin, tag)) break;
      const Line line = may_stand_alone(tag.type) ? line_around(tag) : Line{};
      add_text(text_begin, line.alone ? line.begin : tag.begin, !line.alone);
      add_tag(tag, line);
      text_begin = line.alone ? line.end : tag.end;
    }
    add_text(text_begin, source_.size(), false);
    for (const Open& open : open_sections_)
      error(open.offset,
            "section `" + std::string(open.name) + "` is not closed: {{/" + std::string(open.name) + "}} is missing");
    while (!open_sections_.empty()) close_section();
    return std::move(nodes_);
  }

 private:
  struct Tag {
    char type = 0;  // one of !=#^/>&{$< or 0: a variable
    std::size_t begin = 0, end = 0;
    std::string_view content;  // between the delimiters, without the type, trimmed
  };
  struct Line {
    bool alone = false;
    std::size_t begin = 0, end = 0;
  };
  struct Open {
    std::string_view name;
    std::size_t offset;
    Node node;
    std::vector<Node> outer;  // what came before it
  };

  void error(std::size_t offset, std::string message) { errors_.push_back({offset, std::move(message)}); }
  std::size_t offset_of(std::string_view part) const { return static_cast<std::size_t>(part.data() - source_.data()); }

  static bool may_stand_alone(char type) { return type != 0 && type != '&' && type != '{'; }

  /// The tag whose opening delimiter is at `begin`. False if it does not end: the rest is lost.
  bool read_tag(std::size_t begin, Tag& tag) {
    tag.begin = begin;
    std::size_t at = begin + open_.size();
    const std::size_t first = source_.find_first_not_of(white_space, at);
    const char type = first == std::string_view::npos ? '\0' : source_[first];
    if (type != '\0' && std::string_view("!=#^/>&$<").find(type) != std::string_view::npos) {
      tag.type = type;
      at = first + 1;
    } else if (type == '{' && open_ == "{{") {
      tag.type = type;
      at = first + 1;
    }
    std::string closing;
    if (tag.type == '{') closing = "}";
    if (tag.type == '=') closing = "=";
    closing += close_;
    const std::size_t end = source_.find(closing, at);
    if (end == std::string_view::npos) {
      error(begin, "`" + std::string(open_) + "` without `" + closing + "`");
      return false;
    }
    tag.content = trim(source_.substr(at, end - at));
    tag.end = end + closing.size();
    return true;
  }

  /// Mustache takes away the whole line of a tag that stands alone on it.
  Line line_around(const Tag& tag) const {
    std::size_t begin = tag.begin;
    while (begin > 0 && (source_[begin - 1] == ' ' || source_[begin - 1] == '\t')) --begin;
    if (begin > 0 && source_[begin - 1] != '\n') return {};
    std::size_t end = tag.end;
    while (end < source_.size() && (source_[end] == ' ' || source_[end] == '\t')) ++end;
    if (source_.substr(end, 2) == "\r\n") return {true, begin, end + 2};
    if (end == source_.size()) return {true, begin, end};
    if (source_[end] == '\n') return {true, begin, end + 1};
    return {};
  }

  void add_text(std::size_t begin, std::size_t end, bool tag_follows) {
    while (begin < end) {
      const std::size_t line_end = std::min(source_.find('\n', begin), end - 1) + 1;
      const bool blank = source_.substr(begin, line_end - begin).find_first_not_of("\r\n") == std::string_view::npos;
      if (!blank) start_line(begin);
      add({Node::Kind::text, false, source_.substr(begin, line_end - begin), begin, {}, {}, {}});
      begin = line_end;
    }
    if (tag_follows) start_line(end);
  }

  void start_line(std::size_t at) {
    if ((at == 0 || source_[at - 1] == '\n') && at != last_line_start_) {
      add({Node::Kind::line_start, false, {}, at, {}, {}, {}});
      last_line_start_ = at;
    }
  }

  void add(Node node) {
    // Text divided only by its line breaks is one piece to the reader.
    nodes_.push_back(std::move(node));
  }

  void add_tag(const Tag& tag, const Line& line) {
    const std::size_t offset = offset_of(tag.content);
    switch (tag.type) {
      case '!': return;
      case '=': return set_delimiters(tag);
      case '$':
      case '<': return error(tag.begin, "blocks and parents are not supported; use a partial: {{> name}}");
      case '/': return end_section(tag);
      case '#':
      case '^': {
        check_name(tag.content, offset);
        const auto kind = tag.type == '#' ? Node::Kind::section : Node::Kind::inverted;
        open_sections_.push_back(
            {tag.content, offset, {kind, false, tag.content, offset, {}, {}, {}}, std::move(nodes_)});
        nodes_.clear();
        if (open_sections_.size() == max_sections_deep + 1)
          error(offset, "sections nested more than " + std::to_string(max_sections_deep) + " deep");
        return;
      }
      case '>': {
        if (!check_name(tag.content, offset)) return;
        const std::string_view indent =
            line.alone ? source_.substr(line.begin, tag.begin - line.begin) : std::string_view();
        return add({Node::Kind::partial, false, tag.content, offset, indent, {}, {}});
      }
      default: return add_variable(tag, offset);
    }
  }

  bool check_name(std::string_view name, std::size_t offset) {
    if (name.empty()) {
      error(offset, "a name is missing between the braces");
      return false;
    }
    const std::size_t space = name.find_first_of(white_space);
    if (space != std::string_view::npos) {
      error(offset + space, "a name cannot contain spaces: `" + std::string(name) + "`");
      return false;
    }
    return true;
  }

  void add_variable(const Tag& tag, std::size_t offset) {
    Node node{Node::Kind::variable, tag.type == '{' || tag.type == '&', {}, offset, {}, {}, {}};
    const std::size_t bar = tag.content.find('|');
    node.text = trim(tag.content.substr(0, bar));
    if (!check_name(node.text, offset)) return;
    if (bar != std::string_view::npos && !read_filters(tag.content.substr(bar), node.filters)) return;
    add(std::move(node));
  }

  /// `| name: argument, argument | name`: arguments are numbers, words or "quoted".
  bool read_filters(std::string_view text, std::vector<FilterCall>& filters) {
    std::size_t at = 0;
    const auto skip = [&] {
      while (at < text.size() && white_space.find(text[at]) != std::string_view::npos) ++at;
    };
    const auto word = [&] {
      const std::size_t begin = at;
      while (at < text.size() && white_space.find(text[at]) == std::string_view::npos && text[at] != '|' &&
             text[at] != ':' && text[at] != ',')
        ++at;
      return text.substr(begin, at - begin);
    };
    while (at < text.size()) {
      ++at;  // the bar
      skip();
      FilterCall call{word(), {}, offset_of(text) + at};
      call.offset = offset_of(text) + at - call.name.size();
      if (call.name.empty()) return error(offset_of(text) + at, "the name of a filter is missing after `|`"), false;
      skip();
      for (char before = ':'; at < text.size() && text[at] == before; before = ',') {
        ++at;
        skip();
        if (at < text.size() && (text[at] == '"' || text[at] == '\'')) {
          const std::size_t end = text.find(text[at], at + 1);
          if (end == std::string_view::npos) return error(offset_of(text) + at, "the quote is not closed"), false;
          call.arguments.emplace_back(text.substr(at + 1, end - at - 1));
          at = end + 1;
        } else {
          call.arguments.emplace_back(word());
        }
        skip();
      }
      if (at < text.size() && text[at] != '|')
        return error(offset_of(text) + at, "expected `|`, `,` or the end of the tag"), false;
      filters.push_back(std::move(call));
    }
    return true;
  }

  void set_delimiters(const Tag& tag) {
    const std::size_t space = tag.content.find_first_of(white_space);
    const std::string_view open = tag.content.substr(0, space);
    const std::string_view close = space == std::string_view::npos ? "" : trim(tag.content.substr(space));
    if (open.empty() || close.empty() || close.find_first_of(white_space) != std::string_view::npos ||
        tag.content.find('=') != std::string_view::npos)
      return error(tag.begin, "delimiters are set like this: {{=<% %>=}}");
    open_ = open;
    close_ = close;
  }

  void end_section(const Tag& tag) {
    const std::size_t offset = offset_of(tag.content);
    const std::string name(tag.content);
    if (open_sections_.empty()) return error(offset, "{{/" + name + "}} closes a section that was never opened");
    if (open_sections_.back().name != tag.content)
      error(offset, "{{/" + name + "}} stands where {{/" + std::string(open_sections_.back().name) + "}} is expected");
    close_section();
  }

  void close_section() {
    Open open = std::move(open_sections_.back());
    open_sections_.pop_back();
    open.node.children = std::move(nodes_);
    nodes_ = std::move(open.outer);
    if (open_sections_.size() < max_sections_deep) nodes_.push_back(std::move(open.node));
  }

  std::string_view source_;
  std::vector<Error>& errors_;
  std::string_view open_ = "{{";
  std::string_view close_ = "}}";
  std::vector<Node> nodes_;
  std::vector<Open> open_sections_;
  std::size_t last_line_start_ = std::string_view::npos;
};

}  // namespace

std::vector<Node> parse(std::string_view source, std::vector<Error>& errors) { return Parser(source, errors).parse(); }

}  // namespace personalize::rules::templates
