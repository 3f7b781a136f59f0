#include "html/edits/insertion_safety.h"

#include <algorithm>

#include "html/edits/insertion_context.h"
#include "html/tokens/ascii.h"
#include "html/tree/page_tree.h"

namespace personalize::html {
namespace {

/// Reads content on a copy of the tree.
class Trial : private TreeListener {
 public:
  Trial(const Tree& tree, TreePlace place, std::string_view content) : tree_(tree, place, *this) { run(content); }
  /// Content that goes into an element that is not open.
  Trial(const Tree& tree, std::uint16_t depth, std::string_view content) : tree_(tree, {tree.size(), 0}, *this) {
    extra_depth_ = static_cast<std::uint16_t>(depth - tree_.depth());
    run(content);
  }
  Trial(std::string_view saved, std::string_view content) : tree_(*this) {
    if (tree_.restore(saved)) run(content);
  }

  /// What follows is parsed as it would be without the content.
  bool same_behind() const { return same_behind_; }
  /// All tags make elements, all text becomes text, and none of it is moved.
  bool stays() const { return stays_; }

  void run(std::string_view content) {
    open_ = tree_.size();
    depth_ = static_cast<std::uint16_t>(tree_.depth() + extra_depth_);
    const std::uint64_t before = tree_.state_hash();
    tree_.go_in_front();
    Reader<Trial> reader(*this, content.size() + 1);
    reader.write(content);
    same_behind_ = !closed_ && reader.tokenizer().at_data() && !tree_.lost() && tree_.state_hash() == before;
  }

  void text(std::string_view bytes) {
    const bool blank = tree_.text_mode() != TextMode::markup || std::all_of(bytes.begin(), bytes.end(), is_space);
    if (extra_depth_ != 0 && tree_.size() == open_) stays_ = false;  // it would not stay with its neighbours
    const std::size_t expected = std::max(open_, tree_.size());
    stays_ = stays_ && (blank || tree_.takes_text());
    tree_.text(bytes);
    stays_ = stays_ && (blank || tree_.size() == expected);
  }

  void tag(const PageTag& tag) {
    const bool at_top = tree_.size() <= open_;
    feed(tree_, tag);
    if (tag.token.kind != TokenKind::start_tag) return;
    if (tag.token.name.id == TagId::form && !tree_.takes_form()) stays_ = false;
    const Inserted& inserted = tree_.inserted();
    stays_ = stays_ && inserted.inserted && inserted.safe && !inserted.moved && (!at_top || inserted.depth == depth_);
  }

  void rest(std::string_view) {}
  void comment(std::string_view, bool) { stays_ = stays_ && tree_.size() >= open_; }
  void cdata(std::string_view, bool) {}
  void doctype(std::string_view, bool) { stays_ = false; }
  TextMode text_mode() const { return tree_.text_mode(); }
  TagId text_element() const { return tree_.text_element(); }
  bool cdata_allowed() const { return tree_.in_foreign(); }

 private:
  // Only elements of the page are watched.
  void closed(const Closed&) override { closed_ = true; }

  Tree tree_;
  std::size_t open_ = 0;
  std::uint16_t depth_ = 0;
  std::uint16_t extra_depth_ = 0;
  bool closed_ = false;
  bool stays_ = true;
  bool same_behind_ = false;
};

/// What content begins with.
struct Beginning {
  bool text = false;           ///< not blank
  TagId tag = TagId::unknown;  ///< of a start tag that has an id
};

Beginning beginning_of(std::string_view content) {
  if (content.empty() || is_space(content[0])) return {};
  if (content[0] != '<') return {true, TagId::unknown};
  std::size_t end = 1;
  while (end < content.size() && !is_space(content[end]) && content[end] != '>' && content[end] != '/') ++end;
  return {false, tag_name(content.substr(1, end - 1)).id};
}

class NoListener : public TreeListener {
 public:
  void closed(const Closed&) override {}
};

}  // namespace

bool is_safe_insertion(const Tree& tree, TreePlace place, std::string_view content) {
  if (place.open == 0) return false;
  const Trial trial(tree, place, content);
  return trial.stays() && trial.same_behind();
}

bool is_safe_insertion(std::string_view saved, std::string_view content) {
  const Trial trial(saved, content);
  return trial.stays() && trial.same_behind();
}

bool drops_line_end(TagId id) { return id == TagId::pre || id == TagId::listing; }

bool begins_with_line_end(std::string_view content) { return content.starts_with('\n') || content.starts_with('\r'); }

bool begins_with_comment(std::string_view content) {
  while (!content.empty() && is_space(content[0])) content.remove_prefix(1);
  return content.starts_with("<!--");
}

bool implies_too(std::uint8_t implied, std::string_view content) {
  const Beginning beginning = beginning_of(content);
  const TagId tag = beginning.tag;
  const bool in_head = has_trait(tag, trait_head_content) || tag == TagId::noscript;
  if ((implied & implied_body) != 0) return beginning.text || (tag != TagId::unknown && !in_head);
  if ((implied & implied_head) != 0) return in_head;
  if ((implied & implied_tr) != 0) return tag == TagId::td || tag == TagId::th;
  if ((implied & implied_tbody) != 0) return tag == TagId::tr;
  if ((implied & implied_colgroup) != 0) return tag == TagId::col;
  return implied == 0;
}

StartEffects TreeInsertionContext::start_effects() const {
  StartEffects effects;
  for (const Inserted& implied : tree_.implied()) {
    switch (implied.name.id) {
      case TagId::html: effects.implied |= implied_html; break;
      case TagId::head: effects.implied |= implied_head; break;
      case TagId::body: effects.implied |= implied_body; break;
      case TagId::colgroup: effects.implied |= implied_colgroup; break;
      case TagId::tbody: effects.implied |= implied_tbody; break;
      case TagId::tr: effects.implied |= implied_tr; break;
      default: break;
    }
  }
  effects.may_move = tree_.inserted().open && tree_.may_move();
  const std::size_t around = tree_.size() - (tree_.inserted().open ? 1u : 0u);
  if (tree_.inserted().child_index == 1 && around != 0 && around <= tree_.size())
    effects.begins_pre =
        tree_.namespace_at(around - 1) == Namespace::html && drops_line_end(tree_.name_at(around - 1).id);
  return effects;
}

bool is_self_contained(std::string_view content) {
  NoListener listener;
  Tree tree(listener);
  tree.doctype("<!doctype html>");
  for (TagId tag : {TagId::html, TagId::body, TagId::section}) tree.start_tag({{tag, 0}});
  return Trial(tree, {tree.size(), 0}, content).same_behind();
}

bool fits_closed_head(std::string_view content) {
  if (content.find("<!") != std::string_view::npos) return false;
  NoListener listener;
  Tree tree(listener);
  tree.doctype("<!doctype html>");
  for (TagId tag : {TagId::html, TagId::head}) tree.start_tag({{tag, 0}});
  tree.end_tag({{TagId::head, 0}});
  const Trial trial(tree, 2, content);
  return trial.stays() && trial.same_behind();
}

bool TreeInsertionContext::takes(Level level, std::string_view content) const {
  return is_safe_insertion(tree_, place(level), content);
}

}  // namespace personalize::html
