// The stack of open elements, as a browser would have it.
//
// Follows the tree construction stage of the HTML standard (§13.2.6) with scripting on, but builds no tree: it knows at
// every tag which elements are open, where those without end tag end, and which parts of the page must not be edited
// because nodes are moved there (adoption agency, foster parenting) or because old and new parsers differ (`select`).
// Memory is fixed. A page that is deeper than `max_depth` (browsers stop nesting there, too) is `lost` from that
// point on: nothing is known about the rest of it.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "html/tokens/tag.h"
#include "html/tokens/tokenizer.h"
#include "html/tree/formatting_list.h"
#include "html/tree/tags.h"

namespace personalize::html {

/// A tag, as the tree wants it.
struct TreeTag {
  TagName name;
  bool self_closing = false;
  bool cut_short = false;            ///< longer than what is held: there may be more attributes, and `/>`
  std::string_view attributes = {};  ///< the bytes between name and `>`, as far as they are known
};

/// Why an open element stops being one.
struct Closed {
  std::uint16_t watch;  ///< what the element was watched as
  bool by_end_tag;      ///< the tag in hand is its end tag; else it ends in front of the token in hand
  bool safe;            ///< false: it was moved, cloned or is of a part where parsers may disagree
  bool lost;            ///< it is not known where it ends
  bool final;           ///< false: `</head>`, `</body>` or `</html>`, after which more may come; it is told again then
  bool may_reopen;      ///< a formatting element that was not closed by its end tag: it may be opened again elsewhere
  bool cut_off;  ///< the page ended where only an end tag could have ended the element: in its text, in a template
  bool again = false;     ///< it was told before, with `final` false
  bool moved = false;     ///< it has been put elsewhere, with its content, since its start tag
  bool orphaned = false;  ///< the element that it is in has ended before it
  bool leaks = false;     ///< something in it went elsewhere: in front of a table, to the attributes of html or body
  /// After `</body>`, the tag in hand is a second `<html>` or `<body>`, whose attributes that element gets.
  TagId root_tag = TagId::unknown;
};

class TreeListener {
 public:
  virtual ~TreeListener() = default;
  virtual void closed(const Closed& closed) = 0;
  /// An element that was closed with `may_reopen` has got a second place in the page.
  virtual void reopened(std::uint16_t watch) { (void)watch; }
  /// More of the head, body or html comes, which was told as closed with `final` false.
  virtual void goes_on(std::uint16_t watch) { (void)watch; }
};

/// An element that has just been put into the tree.
struct Inserted {
  TagName name;
  Namespace name_space = Namespace::html;
  bool inserted = false;  ///< false: the tag makes no element
  bool open = false;      ///< it can have content and is on the stack
  bool safe = true;
  bool moved = false;  ///< it is put in front of the table that it stands in
  bool in_template = false;
  std::uint16_t depth = 0;        ///< how many elements it is in
  bool in_closed_head = false;    ///< it goes into the head although that has ended
  bool displaces = false;         ///< its tag took another one off the list of active formatting elements
  std::uint32_t child_index = 0;  ///< which of its parent's element children it is, from 1
};

/// Where content could be put, by the elements it would be in.
struct TreePlace {
  std::size_t open = 0;  ///< the outermost ones of those that are open
  /// Of these, the innermost ones that only the start tag in hand has opened again (formatting elements): what is put
  /// in front of the tag has to do so itself.
  std::size_t reopened = 0;
};

class Tree {
 public:
  static constexpr std::size_t max_depth = 512;
  static constexpr std::uint16_t not_watched = FormattingList::not_watched;

  explicit Tree(TreeListener& listener);
  /// Another tree as it is at that place, without the element in hand if that is not among `open`; all watched (as 0):
  /// for trying what something would do there. What is reopened is open.
  Tree(const Tree& other, TreePlace place, TreeListener& listener);
  /// The same in two steps, the bytes for whoever wants to try it later: tag names without id have other numbers in
  /// every process, so they are of use only in this one and those that are forked from it. `restore` is for a new tree;
  /// false for bytes that are none of a tree.
  void save(TreePlace place, std::string& bytes) const;
  bool restore(std::string_view bytes);
  /// In such a copy: goes back to where what is reopened was not open yet. Returns how many elements that are.
  std::size_t go_in_front();
  /// In front of the start tag in hand, which has made an element.
  TreePlace in_front() const;

  void doctype(std::string_view bytes);
  /// Text of the page, in any pieces. Needs not be called while `wants_text()` is false.
  void text(std::string_view bytes);
  bool wants_text() const;
  void start_tag(const TreeTag& tag);
  void end_tag(const TreeTag& tag);
  /// The start tag that was `cut_short` is over.
  void long_tag_ends(bool self_closing);
  /// The page is over: every open element ends.
  void end();
  /// A tag came whose name is not known: from here on the page is `lost`.
  void give_up();

  /// Does what `start_tag` does where a tag in the body makes an element and nothing else: most of a page. False if
  /// this is no such place; nothing has been done then. `inserted()` is only right after `note_quick_start`.
  bool start_quickly(TagName name, bool has_attributes);
  void note_quick_start(TagName name);
  /// Does what `end_tag` does where it closes the current element, which is not watched and in one of at least this
  /// depth. `inserted()` and what else is told of the last token is not right then.
  bool end_quickly(TagName name, std::int32_t depth);
  /// The same where the page goes on with `name`, eight bytes at least, behind `</`. Returns what is behind the end
  /// tag, or null.
  const char* end_quickly(const char* name, std::int32_t depth);

  /// What the last `start_tag` made.
  const Inserted& inserted() const { return inserted_; }
  /// Elements without tag that the last token made before that (html, head, body, tbody, …), outermost first.
  std::span<const Inserted> implied() const { return {implied_.data(), implied_count_}; }

  /// Has `closed` called with `watch` when the element that was just inserted (and is open) ends.
  void watch(std::uint16_t watch);
  /// The same for a head or body that is in the page without a tag. False if it is not open any more.
  bool watch_implied(TagId id, std::uint16_t watch);

  /// How the content of the element that was just inserted is read, and the name of its end tag.
  TextMode text_mode() const { return text_mode_; }
  TagId text_element() const { return text_element_; }
  /// Text may stand here (in tables it would be put in front of them).
  bool takes_text() const;
  /// The form whose tag is in hand may stand here. False in another one, even if that has ended or is around a
  /// template: parsers put the form there, the DOM does not.
  bool takes_form() const;
  /// Comments belong to the page, not to the body.
  bool after_body() const { return mode_ == Mode::after_body || mode_ == Mode::after_after_body || back_in_body_; }
  void comment() {
    if (mode_ == Mode::after_body || mode_ == Mode::after_after_body) comment_after_body();
  }
  /// Outermost element without end tag that the token in hand has ended so far; if it is `safe`, `</name>` would have
  /// ended it with all that is in it just as well. `inserted` is false if there is none.
  const Inserted& outermost_ended() const { return outermost_ended_; }
  void forget_ended() { outermost_ended_.inserted = false; }
  /// The element that was just inserted may yet be put elsewhere, by the end of a formatting element around it.
  bool may_move() const;
  /// What there is around the element that was just inserted, or that `TreeListener::closed` is being told of, as a
  /// number: what comes after the element is read as if there was nothing in it if the two are equal. At the end of the
  /// page nothing comes.
  std::uint64_t outside() const;
  bool at_end() const { return at_end_; }
  /// To be asked from `TreeListener::closed`: whether the element's end tag, written here, would end it.
  bool end_tag_would_do() const;
  /// To be asked there, too: its end tag would do more than end it.
  bool end_tag_says_more() const { return end_tag_does_more(top()); }
  /// To be called from `TreeListener::closed`: the element was given an end tag after all.
  void end_tag_written() { end_tag_written_ = true; }
  /// CDATA sections are markup here.
  bool in_foreign() const { return size_ != 0 && top().name_space() != Namespace::html; }
  /// Elements that are open, as depth of the next element.
  std::uint16_t depth() const { return size_ == 0 ? 0 : static_cast<std::uint16_t>(top().depth + 1); }
  bool lost() const { return lost_; }
  /// A frameset has taken the place of the body.
  bool replaced_body() const { return replaced_body_; }
  /// Names of the open elements, innermost last: for deciding what may be put here.
  std::size_t size() const { return size_; }
  /// Equal numbers, equal behaviour from here on, whatever is watched and however many children the innermost element
  /// has.
  std::uint64_t state_hash() const;
  TagName name_at(std::size_t index) const { return frames_[index].name(); }
  Namespace namespace_at(std::size_t index) const { return frames_[index].name_space(); }

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

  enum FrameFlag : std::uint8_t {
    namespace_bits = 3,
    watched = 1 << 2,
    formatting = 1 << 3,   // has an entry in `formatting_`
    unsafe = 1 << 4,       // inherited by what is put inside
    integration = 1 << 5,  // HTML integration point
    synthetic = 1 << 6,    // stands in the page under no tag of its own
  };
  /// What has become of an element since its start tag.
  enum Fate : std::uint8_t { was_moved = 1 << 0, has_leaked = 1 << 1, is_orphan = 1 << 2 };
  enum ScopeFlag : std::uint8_t {
    p_in_button_scope = around_p,
    button_in_scope = around_button,
    in_template_contents = around_template,
  };

  /// Not initialized unless it is in use: there are many, and a tree is made for every page and trial.
  struct Frame {
    std::uint32_t hash;
    std::uint32_t children;
    std::uint16_t watch;
    std::uint16_t depth;
    TagId id;
    std::uint8_t flags;
    std::uint8_t scope;
    std::uint8_t fate;

    TagName name() const { return {id, hash}; }
    Namespace name_space() const { return static_cast<Namespace>(flags & namespace_bits); }
    bool html() const { return (flags & namespace_bits) == 0; }
    bool is(TagId wanted) const { return id == wanted && html(); }
    bool is(TagName wanted) const { return id == wanted.id && hash == wanted.hash && html(); }
    bool has(std::uint32_t trait) const { return html() && has_trait(id, trait); }
  };

  /// Elements that ended together with the one that they are in.
  struct EndedInside {
    std::uint8_t count = 0;  // more than there is room for: too many to tell
    std::array<TagId, 8> ids{};
  };

  /// What attributes tell, which may stand where a tag is not known.
  enum class Known : std::uint8_t { no, yes, unknown };

  static constexpr std::uint16_t no_frame = FormattingList::no_frame;
  static constexpr std::size_t max_templates = 64;

  Frame& top() { return frames_[size_ - 1]; }
  const Frame& top() const { return frames_[size_ - 1]; }

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
  void enter_raw(const TreeTag& tag, TextMode mode);
  void reset_mode();
  void start_in_mode(const TreeTag& tag);
  void end_in_mode(const TreeTag& tag);

  // stack.cc
  Frame* push(TagName name, Namespace name_space = Namespace::html);
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
  void mark_unsafe_from(std::size_t index);
  void mark_leak_from(std::size_t index);
  Closed closed_of(std::size_t index) const;
  void tell_closed(std::size_t index, const Closed& closed);
  static bool is_scope_boundary(const Frame& frame);
  static bool is_special(const Frame& frame);
  std::size_t find_open(TagId id) const;
  bool in_scope(TagId id, TagId boundary1 = TagId::unknown, TagId boundary2 = TagId::unknown) const;
  bool frame_in_scope(std::size_t index) const;
  bool any_in_scope(std::uint32_t trait) const { return any_in_scope(trait, size_); }
  bool any_in_scope(std::uint32_t trait, std::size_t open) const;
  template <class Wanted>
  bool find_in_table_scope(Wanted wanted);
  bool in_table_scope(TagId id);
  bool any_in_table_scope(std::uint32_t trait);
  bool in_template() const { return size_ != 0 && (top().scope & in_template_contents) != 0; }
  void implied_end_tags(TagId except = TagId::unknown);
  void implied_end_tags_thoroughly();
  void close_p();

  // implied_ends.cc: elements without end tag
  void note_ended(const Frame& frame);
  EndedInside ended_so_far() const;
  static bool end_tag_reaches(const Frame& frame, const EndedInside& inside);
  bool end_tag_does_more(const Frame& frame) const;

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
  static bool has_marker(const Frame& frame);
  bool has_form_without(std::size_t open) const { return has_form_ && (form_frame_ == no_frame || form_frame_ < open); }
  /// It is that of the element in hand, which is not among the outermost `open` ones.
  bool is_own(const FormattingList::Entry& entry, std::size_t open) const {
    return open < size_ && entry.frame == open;
  }
  std::size_t templates_in(std::size_t open) const;
  void adoption_agency(TagName subject);
  void adopt(std::size_t entry, std::size_t furthest);
  void retire_frame(std::size_t index);
  void start_anchor(const TreeTag& tag);

  // head.cc: before the body, templates, framesets
  bool start_before_body(const TreeTag& tag);
  bool end_before_body(const TreeTag& tag);
  void start_late_head_content(const TreeTag& tag);
  void end_head();
  void head_is_complete(bool by_text = false);
  void start_in_head(const TreeTag& tag);
  void start_template(const TreeTag& tag);
  void end_template();
  void start_in_template(const TreeTag& tag);
  void start_frameset(const TreeTag& tag);
  void start_in_frameset(const TreeTag& tag);
  void end_in_frameset(const TreeTag& tag);
  void end_body();
  void end_html();
  void tell_ended(std::size_t index, TagId root_tag = TagId::unknown);
  void back_to_body();
  void add_to_root(const TreeTag& tag);
  void comment_after_body();

  // body.cc: in body, and text everywhere
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
  void text_in_mode(bool space);
  void text_in_body(bool space);

  // table.cc
  void clear_to(std::uint32_t trait);
  void clear_to_table();
  void clear_to_row();
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
  bool in_select_scope() const;
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
  std::size_t size_ = 0;
  Mode mode_ = Mode::initial;
  TextMode text_mode_ = TextMode::markup;
  TagId text_element_ = TagId::unknown;
  bool quick_ = false;  // in the body or a cell, and nothing out of the ordinary
  bool in_end_tag_ = false;
  bool at_end_ = false;  // of the page
  bool end_tag_written_ = false;
  bool back_in_body_ = false;      // the token in hand is the first one after </body> that belongs there
  bool body_ended_ = false;        // there was a </body>
  bool body_was_watched_ = false;  // then; not if that </body> has begun it, too
  bool html_ended_ = false;
  bool frameset_ok_ = true;
  bool frameset_doubtful_ = false;  // whether it is ok depends on attributes that are not known
  bool quirks_ = false;
  bool foster_ = false;
  bool lost_ = false;
  bool replaced_body_ = false;
  bool has_head_ = false;
  bool has_form_ = false;
  std::uint16_t closing_ = no_frame;  // the listener is being told of its end …
  bool closing_by_end_tag_ = false;
  std::uint16_t form_frame_ = no_frame;
  std::uint16_t template_count_ = 0;
  std::uint16_t implied_count_ = 0;
  std::uint16_t reopened_from_ = no_frame;  // frames that the token in hand has opened again
  std::uint16_t ended_head_ = not_watched;  // what the head was watched as that `</head>` has ended
  TagName end_tag_;                         // while `in_end_tag_`
  Inserted inserted_;
  Inserted outermost_ended_;
  EndedInside ended_inside_;  // of `outermost_ended_`
  std::array<Inserted, 6> implied_;
  FormattingList formatting_;
  std::array<Mode, max_templates> template_modes_;
  std::array<Frame, max_depth> frames_;
};

}  // namespace personalize::html

#include "html/tree/fast_path.h"  // IWYU pragma: export
