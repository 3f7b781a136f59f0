// Which elements of a page are open, as a browser's parser would have it.
//
// Follows the tree construction stage of the HTML standard (§13.2.6) with scripting on, but builds no tree. At every
// tag it knows which elements are open, where those without an end tag end, and which parts of the page must not be
// edited because parsers move nodes there (adoption agency, foster parenting) or because old and new parsers disagree
// (`select`, `search`). Where no nodes are built, little is left of these algorithms: a moved or cloned element is only
// marked (`unsafe`, `was_moved`, `is_orphan`), text matters by whether it is blank, comments by where they stand,
// attributes not at all but for `font`, `input` and `annotation-xml`. Scripts do not run, so nothing is written to the
// page while it is parsed; fragments are not parsed.
//
// In the order in which a tag meets them:
//
//   page_tree.h         hands the reader's tags to the tree
//   fast_path.h         most tags of most pages: what needs only the current element
//   tree.{h,cc}         class Tree: the current token, the insertion mode, and what is reported to its `TreeListener`
//   modes.cc            the insertion modes as a table: what each does with start tags, end tags and text
//   head.cc, template.cc, body.cc, table.cc, select.cc, frameset.cc, after_body.cc, foreign.cc, text.cc
//                       the rules of these modes
//   insertion.cc        elements put on the stack and taken off it
//   formatting.cc       reconstruction of formatting elements, and the adoption agency
//
// A Tree owns the stack (`OpenElements`), the list of active formatting elements (`FormattingList`) and a note of what
// the current token has ended (`EndedElements`); these three know nothing of each other or of modes. tags.{h,cc} has
// the standard's rules for tags in the body as tables, on top of html/elements.h. snapshot.cc and state.cc copy, save
// and compare trees, to try what content would do in some place. extents.{h,cc} is for tests.
//
// Memory is fixed. A page that is deeper than `max_depth` (browsers stop nesting there, too) is `lost` from that point
// on: nothing is known about the rest of it.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "html/limits.h"
#include "html/tokens/tag.h"
#include "html/tokens/tokenizer.h"
#include "html/tree/ended_elements.h"
#include "html/tree/formatting_list.h"
#include "html/tree/open_elements.h"
#include "html/tree/tags.h"
#include "html/tree/tree_events.h"

namespace personalize::html {

class Tree {
 public:
  static constexpr std::size_t max_depth = OpenElements::max_depth;
  static constexpr std::uint16_t not_watched = OpenElements::not_watched;

  explicit Tree(TreeListener& listener);
  /// Copies another tree as it is at that place, to try what content would do there. The current element is left out if
  /// it is not among `open`; what is reopened is open; every element is watched (as 0).
  Tree(const Tree& other, TreePlace place, TreeListener& listener);
  /// The same in two steps, to try it later. Tag names without an id have different hashes in every process, so the
  /// bytes can only be used in this process and its forks. `restore` is for a new tree; it returns false for bytes that
  /// `save` cannot have written.
  void save(TreePlace place, std::string& bytes) const;
  bool restore(std::string_view bytes);
  /// In such a copy: goes back to where the reopened elements were not open yet. Returns how many they are.
  std::size_t go_in_front();
  /// The place before the current start tag, which has made an element.
  TreePlace in_front() const;

  void doctype(std::string_view bytes);
  /// Text of the page, in any pieces. Need not be called while `wants_text()` is false.
  void text(std::string_view bytes);
  bool wants_text() const;
  void start_tag(const TreeTag& tag);
  void end_tag(const TreeTag& tag);
  /// The start tag that was `cut_short` is over.
  void long_tag_ends(bool self_closing);
  /// The page is over: every open element ends.
  void end();
  /// The name of a tag is not known: from here on the page is `lost`.
  void give_up();

  /// Does what `start_tag` does if the tag makes an element in the body and nothing else, as most tags do. Otherwise it
  /// does nothing and returns false. `inserted()` is only valid after `note_quick_start`.
  bool start_quickly(TagName name, bool has_attributes);
  void note_quick_start(TagName name);
  /// Does what `end_tag` does if the tag closes the current element, which is not watched and whose parent has at least
  /// this depth. `inserted()` and what else describes the last token is not valid then.
  bool end_quickly(TagName name, std::int32_t depth);
  /// The same if the page continues with `name` (at least eight bytes can be read there) after `</`. Returns the end of
  /// the end tag, or null.
  const char* end_quickly(const char* name, std::int32_t depth);

  /// What the last `start_tag` made.
  const Inserted& inserted() const { return inserted_; }
  /// Elements without a tag that the last token made before that (html, head, body, tbody, …), outermost first.
  std::span<const Inserted> implied() const { return {implied_.data(), implied_count_}; }

  /// `closed` will be called with `watch` when the element that was just inserted (and is open) ends.
  void watch(std::uint16_t watch);
  /// The same for a head or body that is in the page without a tag. False if it is not open any more.
  bool watch_implied(TagId id, std::uint16_t watch);

  /// How the content of the element that was just inserted is read, and the name of its end tag.
  TextMode text_mode() const { return text_mode_; }
  TagId text_element() const { return text_element_; }
  /// Text may stand here (in tables it would be put before them).
  bool takes_text() const;
  /// The form whose tag is the current one may stand here. False in another form, even if that has ended or is around
  /// a template: parsers put the form there, the DOM does not.
  bool takes_form() const;
  /// Fields that stand here belong to a form: one has begun, and its end tag has not come. It need not be open.
  bool in_form() const { return has_form_; }
  /// Comments belong to the page, not to the body.
  bool after_body() const { return mode_ == Mode::after_body || mode_ == Mode::after_after_body || back_in_body_; }
  void comment() {
    if (mode_ != Mode::after_body && mode_ != Mode::after_after_body) return;
    root_tag_came_ ? back_to_body() : comment_after_body();
  }
  /// Of the elements without end tag that the current token has ended so far; see `EndedElements`.
  const Inserted& outermost_ended() const { return ended_.outermost(); }
  void forget_ended() { ended_.forget(); }
  /// The element that was just inserted may still be moved, by the end of a formatting element around it.
  bool may_move() const;
  /// A hash of what surrounds the element that was just inserted, or that `TreeListener::closed` is reporting. If both
  /// hashes are equal, what follows the element is parsed as if the element were empty. At the end of the page nothing
  /// follows.
  std::uint64_t outside() const;
  bool at_end() const { return at_end_; }
  /// For `TreeListener::closed`: the element's end tag, written here, would end it.
  bool end_tag_would_do() const;
  /// For `TreeListener::closed`, too: its end tag would do more than end it.
  bool end_tag_says_more() const { return end_tag_does_more(open_.top()); }
  /// For `TreeListener::closed`: the element was given an end tag after all.
  void end_tag_written() { ended_.end_tag_written(); }
  /// CDATA sections are markup here.
  bool in_foreign() const { return !open_.empty() && open_.top().name_space() != Namespace::html; }
  /// The depth that the next element will have.
  std::uint16_t depth() const { return open_.empty() ? 0 : static_cast<std::uint16_t>(open_.top().depth + 1); }
  bool lost() const { return lost_; }
  /// A frameset has taken the place of the body.
  bool replaced_body() const { return replaced_body_; }
  /// The open elements, innermost last, to decide what may be inserted here.
  std::size_t size() const { return open_.size(); }
  /// Trees with equal hashes behave alike from here on. Watches, and how many children the innermost element has, do
  /// not count.
  std::uint64_t state_hash() const;
  TagName name_at(std::size_t index) const { return open_[index].name(); }
  Namespace namespace_at(std::size_t index) const { return open_[index].name_space(); }

 private:
  enum class Mode : std::uint8_t {
    initial,
    before_html,
    before_head,
    in_head,
    after_head,
    in_body,
    in_table,
    in_caption,
    in_column_group,
    in_table_body,
    in_row,
    in_cell,
    in_select,
    in_select_in_table,
    in_template,
    after_body,
    in_frameset,
    after_frameset,
    after_after_body,
    after_after_frameset,
  };

  using enum OpenElement::Flag;
  using enum OpenElement::Fate;
  using enum OpenElement::Scope;

  /// What an insertion mode does.
  struct ModeRules {
    Mode mode;
    void (Tree::*start_tag)(const TreeTag& tag);
    void (Tree::*end_tag)(const TreeTag& tag);
    void (Tree::*text)(bool space);
  };

  /// The answer of a tag's attributes, not all of which may be known.
  enum class Known : std::uint8_t { no, yes, unknown };

  static constexpr std::uint16_t no_frame = FormattingList::no_frame;

  // fast_path.h
  bool can_format_quickly(TagName name) const;
  bool closes_quickly(std::int32_t depth) const;
  void close_quickly();
  /// To be called when a token may have changed what `start_quickly` relies on.
  void set_quick();

  // tree.cc
  void forget_token();
  void lose();
  void lost_start_tag(const TreeTag& tag);
  void enter_raw(const TreeTag& tag);

  // modes.cc
  const ModeRules& rules() const;
  void start_in_mode(const TreeTag& tag) { (this->*rules().start_tag)(tag); }
  void end_in_mode(const TreeTag& tag) { (this->*rules().end_tag)(tag); }
  void text_in_mode(bool space) { (this->*rules().text)(space); }
  void reset_mode();

  // insertion.cc
  OpenElement* push(TagName name, Namespace name_space = Namespace::html);
  void insert(const TreeTag& tag);
  void insert_void(const TreeTag& tag);
  void insert_implied(TagId id);
  void note_inserted(Inserted& note, TagName name, Namespace name_space, bool open);
  void pop();
  void pop_to(std::size_t size);
  void pop_through(TagId id);
  void close_frame(std::size_t index);
  void remove_frame(std::size_t index);
  void frames_moved(std::size_t from, int by);
  Closed closed_of(std::size_t index) const;
  void report_closed(std::size_t index, const Closed& closed);
  void implied_end_tags(TagId except = TagId::unknown);
  void implied_end_tags_thoroughly();
  void close_p();
  bool end_tag_does_more(const OpenElement& element) const;

  // formatting.cc: the list of active formatting elements
  void reconstruct() {
    if (formatting_.closed() != 0) reconstruct_formatting();
  }
  void reconstruct_formatting();
  void push_formatting(const TreeTag& tag);
  void push_marker();
  void clear_to_marker();
  void remove_formatting(std::size_t index);
  void formatting_closed(std::size_t index);
  void doubt_closed();
  std::size_t formatting_without(std::size_t open) const;
  bool has_form_without(std::size_t open) const { return has_form_ && (form_frame_ == no_frame || form_frame_ < open); }
  /// It is that of the current element, which is not among the outermost `open` ones.
  bool is_own(const FormattingList::Entry& entry, std::size_t open) const {
    return open < open_.size() && entry.frame == open;
  }
  std::size_t templates_in(std::size_t open) const;
  void adoption_agency(TagName subject);
  void adopt(std::size_t entry, std::size_t furthest);
  void retire_frame(std::size_t index);
  void start_anchor(const TreeTag& tag);

  // head.cc: before the body
  void imply_next_mode();
  void start_in_next_mode(const TreeTag& tag);
  void end_in_next_mode(const TreeTag& tag);
  void start_before_html(const TreeTag& tag);
  void end_before_html(const TreeTag& tag);
  void start_before_head(const TreeTag& tag);
  void end_before_head(const TreeTag& tag);
  void start_in_head(const TreeTag& tag);
  void end_in_head(const TreeTag& tag);
  void start_after_head(const TreeTag& tag);
  void end_after_head(const TreeTag& tag);
  void start_head_content(const TreeTag& tag);
  void start_late_head_content(const TreeTag& tag);
  void end_head();
  void head_is_complete(bool by_text = false);

  // template.cc
  void start_template(const TreeTag& tag);
  void end_template();
  void start_in_template(const TreeTag& tag);
  void end_in_template(const TreeTag& tag);

  // frameset.cc
  void start_frameset(const TreeTag& tag);
  void start_in_frameset(const TreeTag& tag);
  void end_in_frameset(const TreeTag& tag);

  // body.cc
  void start_in_body(const TreeTag& tag);
  void end_in_body(const TreeTag& tag);
  void start_nobr(const TreeTag& tag);
  void start_item(const TreeTag& tag);
  void start_definition(const TreeTag& tag);
  void end_form();
  void end_other(TagName name);
  template <class Wanted>
  void doubt_search(std::size_t index, Wanted wanted);
  static Known is_hidden_input(const TreeTag& tag);

  // after_body.cc
  void start_after_body(const TreeTag& tag);
  void end_after_body(const TreeTag& tag);
  void end_after_after_body(const TreeTag& tag);
  void end_body();
  void end_html();
  void report_ended(std::size_t index, TagId root_tag = TagId::unknown);
  void back_to_body();
  void add_to_root(const TreeTag& tag);
  void comment_after_body();

  // text.cc
  void text_before_body(bool space);
  void text_in_body(bool space);
  void text_in_table(bool space);
  void text_in_column_group(bool space);
  void text_after_body(bool space);
  void ignore_text(bool) {}

  // table.cc
  template <class Wanted>
  void clear_to(Wanted wanted);
  void foster_start(const TreeTag& tag);
  void foster_end(const TreeTag& tag);
  void start_in_table(const TreeTag& tag);
  void end_in_table(const TreeTag& tag);
  bool close_caption();
  void start_in_caption(const TreeTag& tag);
  void end_in_caption(const TreeTag& tag);
  void start_in_column_group(const TreeTag& tag);
  void end_in_column_group(const TreeTag& tag);
  void close_section();
  void start_in_table_body(const TreeTag& tag);
  void end_in_table_body(const TreeTag& tag);
  bool close_row();
  void start_in_row(const TreeTag& tag);
  void end_in_row(const TreeTag& tag);
  void close_cell();
  void start_in_cell(const TreeTag& tag);
  void end_in_cell(const TreeTag& tag);

  // select.cc
  void start_select(const TreeTag& tag);
  void close_select();
  void ignored_in_select(const TreeTag& tag);
  void start_in_select(const TreeTag& tag);
  void end_in_select(const TreeTag& tag);

  // foreign.cc: SVG and MathML
  bool start_is_foreign(const TreeTag& tag) const;
  bool in_foreign_text() const;
  void start_foreign(const TreeTag& tag);
  void end_foreign(const TreeTag& tag);
  void leave_foreign();
  void insert_foreign(const TreeTag& tag, Namespace name_space);
  void close_at_once();
  static Known font_breaks_out(const TreeTag& tag);
  static Known is_html_annotation(const TreeTag& tag);

  TreeListener& listener_;
  Mode mode_ = Mode::initial;
  TextMode text_mode_ = TextMode::markup;
  TagId text_element_ = TagId::unknown;
  bool quick_ = false;  // in the body or a cell, and nothing out of the ordinary
  bool in_end_tag_ = false;
  bool at_end_ = false;            // of the page
  bool root_tag_came_ = false;     // after </body>, and with it the body goes on: what comes next belongs there
  bool back_in_body_ = false;      // the current token is the first one after </body> that belongs there
  bool body_ended_ = false;        // there was a </body>
  bool body_was_watched_ = false;  // at that time; false if that </body> also began it
  bool html_ended_ = false;
  bool frameset_ok_ = true;
  bool frameset_doubtful_ = false;  // whether it is ok depends on unknown attributes
  bool quirks_ = false;
  bool foster_ = false;
  bool lost_ = false;
  bool replaced_body_ = false;
  bool has_head_ = false;
  bool has_form_ = false;
  std::uint16_t closing_ = no_frame;  // the listener is being told that it ends …
  bool closing_by_end_tag_ = false;
  std::uint16_t form_frame_ = no_frame;
  std::uint16_t template_count_ = 0;
  std::uint16_t implied_count_ = 0;
  std::uint16_t reopened_from_ = no_frame;  // frames that the current token has opened again
  std::uint16_t ended_head_ = not_watched;  // the watch of the head that `</head>` has ended
  TagName end_tag_;                         // while `in_end_tag_`
  Inserted inserted_;
  EndedElements ended_;
  std::array<Inserted, 6> implied_;
  FormattingList formatting_;
  std::array<Mode, limits::max_templates> template_modes_;
  OpenElements open_;
};

}  // namespace personalize::html

#include "html/tree/fast_path.h"  // IWYU pragma: export
