#include "html/place.h"

#include <algorithm>

#include "html/ascii.h"
#include "html/page_tree.h"
#include "html/surroundings.h"

namespace personalize::html {
namespace {

class Trial : private TreeListener {
 public:
  Trial(const Tree& tree, std::size_t open) : tree_(tree, open, *this), open_(open), depth_(tree_.depth()) {}

  bool run(std::string_view content) {
    Reader<Trial> reader(*this, content.size() + 1);
    reader.write(content);
    return fits_ && reader.tokenizer().at_data() && tree_.size() == open_ && !tree_.lost();
  }

  void text(std::string_view bytes) {
    if (tree_.text_mode() != TextMode::markup || std::all_of(bytes.begin(), bytes.end(), is_space)) return;
    const std::size_t before = tree_.size();
    fits_ = fits_ && tree_.takes_text();
    tree_.text(bytes);
    fits_ = fits_ && tree_.size() == before;
  }

  void tag(const PageTag& tag) {
    const bool at_top = tree_.size() == open_;
    feed(tree_, tag);
    if (tag.token.kind != TokenKind::start_tag) return;
    const Inserted& inserted = tree_.inserted();
    fits_ = fits_ && inserted.inserted && inserted.safe && !inserted.moved && (!at_top || inserted.depth == depth_);
  }

  void rest(std::string_view) {}
  void comment(std::string_view, bool) {}
  void cdata(std::string_view, bool) {}
  void doctype(std::string_view, bool) { fits_ = false; }
  TextMode text_mode() const { return tree_.text_mode(); }
  TagId text_element() const { return tree_.text_element(); }
  bool cdata_allowed() const { return tree_.in_foreign(); }

 private:
  // Only elements of the page are watched.
  void closed(const Closed&) override { fits_ = false; }

  Tree tree_;
  const std::size_t open_;
  const std::uint16_t depth_;
  bool fits_ = true;
};

}  // namespace

bool fits(const Tree& tree, std::size_t open, std::string_view content) {
  if (content.empty()) return true;
  if (open == 0) return false;
  return Trial(tree, open).run(content);
}

bool TreeSurroundings::takes(Level level, std::string_view content) const {
  return fits(tree_, open_in(level), content);
}

}  // namespace personalize::html
