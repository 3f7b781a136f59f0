// Turns a page that arrives in pieces into whole tags.
//
// Text, comments and the like are passed on in whatever pieces they arrive; tags and doctypes that are cut are held
// until they are complete, up to a limit. A longer tag, cut or not (so that cuts make no difference), is announced by
// as many of its first bytes as may be held, and its other bytes pass through.
#pragma once

#include <algorithm>
#include <cassert>
#include <cstddef>
#include <string>
#include <string_view>
#include <utility>

#include "html/tokens/strip.h"
#include "html/tokens/tag_scan.h"
#include "html/tokens/tokenizer.h"

namespace personalize::html {

/// A tag in the page.
struct PageTag {
  Token token;
  std::string_view bytes;               ///< from `<` to `>`; if the tag is too long, as many as may be held
  bool too_long = false;                ///< the rest of it follows as `rest`; until then `self_closing` is not known
  bool name_too_long = false;           ///< … and the name is not, either
  const ScannedTag* scanned = nullptr;  ///< what is known of it already, if anything
};

/// The longest tag that is reported as a whole if `limit` bytes may be held.
inline std::size_t max_held_tag(std::size_t limit) { return std::max(limit, static_cast<std::size_t>(scan_room)); }

/// `Handler` must have the following functions, which are called in the order of the page:
///
///     void text(std::string_view bytes);
///     void tag(const PageTag& tag);
///     void rest(std::string_view bytes);  // means nothing: `</>`, more of a tag that is too long, an unfinished token
///                                         // at the end of the page, a byte order mark
///     void comment(std::string_view bytes, bool last);
///     void cdata(std::string_view bytes, bool last);
///     void doctype(std::string_view bytes, bool too_long);
///     TextMode text_mode();                   // asked after start tags: how the content is read …
///     TagId text_element();                   // … and what ends it
///     bool cdata_allowed();                   // asked before `<!`
///
/// and may have, for tags that are too long:
///
///     void long_tag_ends(bool self_closing);  // after its last `rest`, unless the page ends in it
///
/// and, for pages most of which does not matter:
///
///     bool tag_quickly(const ScannedTag&);           // true if the tag only has to be passed on and its content is
///                                                    // read as markup
///     const char* end_quickly(const char* name);     // the end of the end tag with this name if it only has to be
///                                                    // passed on, otherwise null; eight bytes can be read at `name`
///     bool wants_text();                             // between tags: false if text is only to be passed on
///     void pass(std::string_view bytes);             // text and tags that do not matter
///
/// and, to stop after a tag:
///
///     bool stops();                                  // asked after tags that were not passed on quickly
///
/// Bytes that were held are not part of the caller's chunk; `held()` says which they are.
template <class Handler>
class Reader {
 public:
  /// At most `max_held_tag(limit)` bytes are held.
  Reader(Handler& handler, std::size_t limit, const Scanner& scanner = html::scanner())
      : handler_(handler), limit_(max_held_tag(limit)), scanner_(scanner) {}

  /// Returns how much of the chunk has been read: all of it, unless the handler stops.
  std::size_t write(std::string_view chunk) {
    const char* const start = chunk.data();
    if (!begun_) begin(chunk);
    Strip strip;
    const char* p = chunk.data();
    const char* const end = p + chunk.size();
    while (p != end) {
      if (tokenizer_.at_data() && read_quickly(p, end, strip)) {
        if (stops()) break;
        continue;
      }
      const char* const begin = p;
      tokenizer_.allow_cdata(handler_.cdata_allowed());
      const Token token = tokenizer_.next(p, end);
      take(token, {begin, static_cast<std::size_t>(p - begin)});
      if (stops()) break;
    }
    return static_cast<std::size_t>(p - start);
  }

  void end() {
    const TokenKind kind = tokenizer_.end();
    holding_ = true;
    if (passing_) {
      passing_ = false;
    } else if (kind == TokenKind::doctype) {
      handler_.doctype(held_, false);
    } else if (kind == TokenKind::comment) {
      handler_.comment(held_, true);
    } else if (kind == TokenKind::cdata) {
      handler_.cdata(held_, true);
    } else if (!held_.empty() && (kind == TokenKind::text || !begun_)) {
      handler_.text(held_);
    } else if (!held_.empty()) {
      handler_.rest(held_);
    }
    holding_ = false;
    held_.clear();
  }

  /// The bytes just passed to the handler are held ones.
  bool held() const { return holding_; }
  std::string_view pending() const { return held_; }
  std::size_t memory() const { return held_.capacity(); }
  Tokenizer& tokenizer() { return tokenizer_; }
  /// Sets which attributes `ScannedTag::listed` tells of.
  void list_attributes(const ScannedTag::NameList& names) { scanned_.list = &names; }

 private:
  static constexpr bool may_pass = requires(Handler & handler) { handler.pass(std::string_view()); };

  /// Passes on a byte order mark, which is not text: with it in front, `<head>` would already be in the body.
  void begin(std::string_view& chunk) {
    constexpr std::string_view mark = "\xEF\xBB\xBF";
    const std::string_view missing = mark.substr(held_.size());
    std::size_t size = 0;
    while (size < missing.size() && size < chunk.size() && chunk[size] == missing[size]) ++size;
    const bool complete = size == missing.size();
    if (!complete && size == chunk.size()) {
      held_.append(std::exchange(chunk, {}));
      return;
    }
    begun_ = true;
    holding_ = true;
    if (!held_.empty()) complete ? handler_.rest(held_) : handler_.text(held_);
    holding_ = false;
    held_.clear();
    if (!complete) return;
    handler_.rest(chunk.substr(0, size));
    chunk.remove_prefix(size);
  }

  /// Reads text, comments and whole tags up to the end, or up to something that may be another token; then it returns
  /// false.
  bool read_quickly(const char*& p, const char* end, Strip& strip) {
    return scanner_.bmi ? read_with_bmi(p, end, strip) : read_marks(p, end, strip);
  }
  PERSONALIZE_BMI bool read_with_bmi(const char*& p, const char* end, Strip& strip) {
    return read_marks(p, end, strip);
  }
  /// `read_quickly`, compiled for the caller's CPU.
  [[gnu::always_inline]] bool read_marks(const char*& at, const char* end, Strip& strip) {
    const char* p = at;
    const char* passed = p;  // what is between here and `p` does not matter
    bool all = true;
    for (;;) {
      if (!strip.covers(p)) {
        if (p == end) break;
        strip.read(scanner_, p, end);
      }
      const char* const text = p;
      p = strip.next_less(p);
      if (p != text && wants_text()) {
        pass(passed, text);
        handler_.text({text, static_cast<std::size_t>(p - text)});
        passed = p;
      }
      if (p == strip.end()) continue;
      const bool room = strip.end() - p >= scan_room;
      if (room && pass_quickly(strip, p)) continue;
      if (!room || !scan_tag(strip, p, scanned_)) {
        if (strip.half_used(p) && strip.end() != end) {  // it may have been cut by the end of the strip
          strip.read(scanner_, p, end);
          continue;
        }
        all = false;
        break;
      }
      const std::string_view bytes(p, static_cast<std::size_t>(scanned_.end - p));
      p = scanned_.end;
      if (is_quick(bytes.size())) continue;
      pass(passed, bytes.data());
      passed = p;
      handle(bytes);
      if (!tokenizer_.at_data() || stops()) break;
    }
    pass(passed, p);
    at = p;
    return all;
  }

  /// A whole tag that has been scanned.
  void handle(std::string_view bytes) {
    const TokenKind kind = scanned_.end_tag ? TokenKind::end_tag : TokenKind::start_tag;
    const Token token{kind, true, scanned_.self_closing, scanned_.name};
    if (bytes.size() > limit_) return long_tag(token, bytes, false);
    handler_.tag({token, bytes, false, false, &scanned_});
    if (!scanned_.end_tag) enter_content();
  }

  bool stops() {
    if constexpr (requires { handler_.stops(); })
      return handler_.stops();
    else
      return false;
  }
  bool wants_text() {
    if constexpr (may_pass)
      return handler_.wants_text();
    else
      return true;
  }
  /// Skips the end tag or comment at `p`, if that is all there is to do.
  [[gnu::always_inline]] bool pass_quickly(const Strip& strip, const char*& p) {
    const char* behind = nullptr;
    if constexpr (may_pass) {
      if (p[1] == '/') behind = handler_.end_quickly(p + 2);
      if (p[1] == '!' && !handler_.wants_text()) behind = scan_comment(strip, p);
    }
    if (behind == nullptr) return false;
    p = behind;
    return true;
  }
  bool is_quick(std::size_t size) {
    if constexpr (may_pass)
      return size <= limit_ && handler_.tag_quickly(scanned_);
    else
      return false;
  }
  void pass(const char* begin, const char* end) {
    if constexpr (may_pass) {
      if (begin != end) handler_.pass({begin, static_cast<std::size_t>(end - begin)});
    }
  }

  void take(const Token& token, std::string_view bytes) {
    if (token.kind == TokenKind::unfinished) return hold(bytes);
    if (token.kind == TokenKind::none) return;
    if (passing_) return finish_passing(token, bytes);
    if (!held_.empty()) return take_held(token, bytes);
    dispatch(token, bytes);
  }

  /// The token began in an earlier chunk.
  void take_held(const Token& token, std::string_view bytes) {
    const bool whole =
        token.kind == TokenKind::start_tag || token.kind == TokenKind::end_tag || token.kind == TokenKind::doctype;
    holding_ = true;
    if (whole && held_.size() + bytes.size() <= limit_) {
      held_.append(bytes);
      dispatch(token, held_);
      holding_ = false;
    } else if (whole) {
      announce_too_long(bytes);
      finish_passing(token, bytes);
    } else {
      Token first = token;
      first.last = first.last && bytes.empty();
      dispatch(first, held_);
      holding_ = false;
      if (!bytes.empty()) dispatch(token, bytes);
    }
    held_.clear();
  }

  void dispatch(const Token& token, std::string_view bytes) {
    switch (token.kind) {
      case TokenKind::text: return handler_.text(bytes);
      case TokenKind::start_tag:
      case TokenKind::end_tag:
        if (bytes.size() > limit_) return long_tag(token, bytes, name_too_long());
        handler_.tag({token, bytes, false, false, nullptr});
        if (token.kind == TokenKind::start_tag) enter_content();
        return;
      case TokenKind::comment: return handler_.comment(bytes, token.last);
      case TokenKind::nothing: return handler_.rest(bytes);
      case TokenKind::cdata: return handler_.cdata(bytes, token.last);
      case TokenKind::doctype: return handler_.doctype(bytes, bytes.size() > limit_);
      default: return;
    }
  }

  void enter_content() {
    const TextMode mode = handler_.text_mode();
    if (mode != TextMode::markup) tokenizer_.enter_text(mode, handler_.text_element());
  }

  void hold(std::string_view bytes) {
    if (passing_) return handler_.rest(bytes);
    if (held_.size() + bytes.size() < limit_) {
      held_.append(bytes);
      return;
    }
    passing_ = true;
    announce_too_long(bytes);
    if (!bytes.empty()) handler_.rest(bytes);
  }

  /// The current token begins with what is held and continues with `bytes`: takes from these what completes the
  /// announcement.
  void announce_too_long(std::string_view& bytes) {
    assert(held_.size() <= limit_ && bytes.size() >= limit_ - held_.size());
    const std::size_t missing = limit_ - held_.size();
    held_.append(bytes.substr(0, missing));
    bytes.remove_prefix(missing);
    holding_ = true;
    if (held_[1] == '!') {
      handler_.doctype(held_, true);
    } else {
      handler_.tag({tokenizer_.tag(), held_, true, name_too_long(), nullptr});
    }
    holding_ = false;
    held_.clear();
  }

  /// A whole tag that is too long, in one piece.
  void long_tag(const Token& token, std::string_view bytes, bool name_too_long) {
    handler_.tag({token, bytes.substr(0, limit_), true, name_too_long, nullptr});
    finish_passing(token, bytes.substr(limit_));
  }

  void finish_passing(const Token& token, std::string_view bytes) {
    passing_ = false;
    if (!bytes.empty()) handler_.rest(bytes);
    if (token.kind == TokenKind::doctype) return;
    if constexpr (requires { handler_.long_tag_ends(false); }) handler_.long_tag_ends(token.self_closing);
    if (token.kind == TokenKind::start_tag) enter_content();
  }

  /// The name has not ended within the limit.
  bool name_too_long() const { return tokenizer_.name_length() + 2 >= limit_; }

  Handler& handler_;
  const std::size_t limit_;
  const Scanner& scanner_;
  Tokenizer tokenizer_;
  bool begun_ = false;  // what may be a byte order mark has been read; until then it is held
  bool holding_ = false;
  bool passing_ = false;  // the current token is too long to be held
  std::string held_;
  ScannedTag scanned_;
};

}  // namespace personalize::html
