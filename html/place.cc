#include "html/place.h"

#include <algorithm>

#include "html/surroundings.h"
#include "html/tokens/ascii.h"
#include "html/tree/page_tree.h"

namespace personalize::html {
namespace {

/// Reads content on a copy of the tree.
class Trial : private TreeListener {
 public:
  Trial(const Tree& tree, TreePlace place, std::string_view content) : tree_(tree, place, *this) { run(content); }
  Trial(std::string_view saved, std::string_view content) : tree_(*this) {
    if (tree_.restore(saved)) run(content);
  }

  bool fits(std::string_view content) const { return content.empty() ? removable_ : stays_ && same_behind_; }
  bool same_behind() const { return same_behind_; }

  void run(std::string_view content) {
    open_ = tree_.size();
    depth_ = tree_.depth();
    const std::uint64_t before = tree_.state_hash();
    removable_ = !tree_.go_in_front();
    Reader<Trial> reader(*this, content.size() + 1);
    reader.write(content);
    same_behind_ = !closed_ && reader.tokenizer().at_data() && !tree_.lost() && tree_.state_hash() == before;
  }

  void text(std::string_view bytes) {
    const bool blank = tree_.text_mode() != TextMode::markup || std::all_of(bytes.begin(), bytes.end(), is_space);
    const bool in_front = tree_.size() < open_;
    const std::size_t expected = std::max(open_, tree_.size());
    stays_ = stays_ && (blank || in_front || tree_.takes_text());
    tree_.text(bytes);
    stays_ = stays_ && (blank || tree_.size() == expected);
  }

  void tag(const PageTag& tag) {
    const bool at_top = tree_.size() <= open_;
    feed(tree_, tag);
    if (tag.token.kind != TokenKind::start_tag) return;
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
  bool closed_ = false;
  bool stays_ = true;         // all tags make elements, all text becomes text, and both in their places
  bool same_behind_ = false;  // what is behind it is read as it would be without it
  bool removable_ = false;    // … and does not need what the tag in hand has opened again
};

class NoListener : public TreeListener {
 public:
  void closed(const Closed&) override {}
};

}  // namespace

bool fits(const Tree& tree, TreePlace place, std::string_view content) {
  if (place.open == 0) return false;
  return Trial(tree, place, content).fits(content);
}

bool fits(std::string_view saved, std::string_view content) { return Trial(saved, content).fits(content); }

bool leaves_no_trace(std::string_view content) {
  NoListener listener;
  Tree tree(listener);
  tree.doctype("<!doctype html>");
  for (TagId tag : {TagId::html, TagId::body, TagId::section}) tree.start_tag({{tag, 0}});
  return Trial(tree, {tree.size(), 0}, content).same_behind();
}

bool TreeSurroundings::takes(Level level, std::string_view content) const { return fits(tree_, place(level), content); }

}  // namespace personalize::html
