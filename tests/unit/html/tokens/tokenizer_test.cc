#include "html/tokens/tokenizer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <random>
#include <string>

#include "html/tokens/reader.h"

namespace personalize::html {
namespace {

/// Writes down what it is handed, one letter and the bytes per token: adjacent text is one.
class Notes {
 public:
  void text(std::string_view bytes) { add('t', bytes, true); }
  void tag(const PageTag& tag) {
    add(tag.token.kind == TokenKind::end_tag ? 'e' : 's', tag.bytes, false);
    if (tag.too_long) notes_ += "(too long)";
  }
  void rest(std::string_view bytes) { add('-', bytes, true); }
  void comment(std::string_view bytes, bool) { add('c', bytes, true); }
  void cdata(std::string_view bytes, bool) { add('d', bytes, true); }
  void doctype(std::string_view bytes, bool) { add('!', bytes, false); }
  TextMode text_mode() const { return mode; }
  TagId text_element() const { return element; }
  bool cdata_allowed() const { return cdata_ok; }

  const std::string& notes() const { return notes_; }
  TextMode mode = TextMode::markup;
  TagId element = TagId::unknown;
  bool cdata_ok = false;

 private:
  void add(char kind, std::string_view bytes, bool joins) {
    if (bytes.empty()) return;
    if (!joins || kind != last_) (notes_ += '|') += kind;
    notes_ += bytes;
    last_ = kind;
  }
  std::string notes_;
  char last_ = 0;
};

std::string tokens(std::string_view page, std::size_t piece = 1 << 20, std::size_t limit = 1 << 20) {
  Notes notes;
  Reader<Notes> reader(notes, limit);
  for (std::size_t at = 0; at < page.size(); at += piece) reader.write(page.substr(at, piece));
  reader.end();
  return notes.notes();
}

/// Everything after the first tag is content of `element`.
std::string tokens_in(TextMode mode, TagId element, std::string_view page, std::size_t piece = 1 << 20) {
  Notes notes;
  notes.mode = mode;
  notes.element = element;
  Reader<Notes> reader(notes, 1 << 20);
  for (std::size_t at = 0; at < page.size(); at += piece) reader.write(page.substr(at, piece));
  reader.end();
  return notes.notes();
}

TEST(Tokenizer, EndsCommentsWhereTheStandardDoes) {
  EXPECT_EQ(tokens("<!-->a"), "|c<!-->|ta");
  EXPECT_EQ(tokens("<!--->a"), "|c<!--->|ta");
  EXPECT_EQ(tokens("<!--a--!>b"), "|c<!--a--!>|tb");
  EXPECT_EQ(tokens("<!--a-- >b-->c"), "|c<!--a-- >b-->|tc");
  EXPECT_EQ(tokens("<?x>a</ y>b</>c"), "|c<?x>|ta|c</ y>|tb|-</>|tc");
  EXPECT_EQ(tokens("<!-- <!-- -->a"), "|c<!-- <!-- -->|ta");
}

TEST(Tokenizer, TakesQuotesForWhatTheyAre) {
  EXPECT_EQ(tokens("<a b='>' c=\">\">x"), "|s<a b='>' c=\">\">|tx");
  EXPECT_EQ(tokens("<a =\">x"), "|s<a =\">|tx");
  EXPECT_EQ(tokens("<a b=c\">x"), "|s<a b=c\">|tx");
  EXPECT_EQ(tokens("<a b=\"1\"=\"2>x"), "|s<a b=\"1\"=\"2>|tx");
  EXPECT_EQ(tokens("a < b <3"), "|ta < b <3");
}

TEST(Tokenizer, RecognizesCdataOnlyWhereItIsAllowed) {
  EXPECT_EQ(tokens("<![CDATA[a>b]]>c"), "|c<![CDATA[a>|tb]]>c");
  Notes notes;
  notes.cdata_ok = true;
  Reader<Notes> reader(notes, 100);
  reader.write("<![CDATA[a>b]]]>c");
  EXPECT_EQ(notes.notes(), "|d<![CDATA[a>b]]]>|tc");
}

TEST(Tokenizer, EndsScriptsWhereTheStandardDoes) {
  const auto script = [](std::string_view page) { return tokens_in(TextMode::script, TagId::script, page); };
  EXPECT_EQ(script("<script>a</scriptx></script>b"), "|s<script>|ta</scriptx>|e</script>|tb");
  EXPECT_EQ(script("<script><!--<script></script>x--></script>"), "|s<script>|t<!--<script></script>x-->|e</script>");
  EXPECT_EQ(script("<script><!--></script>"), "|s<script>|t<!-->|e</script>");
  EXPECT_EQ(script("<script><!--<scripty></script>"), "|s<script>|t<!--<scripty>|e</script>");
  EXPECT_EQ(script("<script><!-- </SCRIPT >"), "|s<script>|t<!-- |e</SCRIPT >");
}

TEST(Tokenizer, EndsRawTextOnlyAtItsOwnEndTag) {
  EXPECT_EQ(tokens_in(TextMode::rcdata, TagId::title, "<title>a</b></titles></TITLE\n>c"),
            "|s<title>|ta</b></titles>|e</TITLE\n>|tc");
  EXPECT_EQ(tokens_in(TextMode::plaintext, TagId::plaintext, "<plaintext></plaintext>"), "|s<plaintext>|t</plaintext>");
}

TEST(Tokenizer, SaysTheSameHoweverThePageIsCut) {
  static constexpr const char* pieces[] = {
      "<div a=\"b>c\">",
      "</div>",
      "<!--x--!>",
      "<!-",
      "<",
      "/",
      "a",
      "-->",
      "<!doctype html>",
      "&amp;",
      "<p\n",
      "'",
      "\"",
      "=",
      ">",
      " ",
      "</",
      "<br/>",
      "text text text text text text text text text text text text text text text"};
  std::mt19937 random(7);
  for (int round = 0; round < 500; ++round) {
    std::string page;
    for (std::size_t i = random() % 20; i > 0; --i) page += pieces[random() % std::size(pieces)];
    const std::string whole = tokens(page);
    for (const std::size_t piece : {1, 2, 3, 7, 64}) ASSERT_EQ(tokens(page, piece), whole) << page;
  }
}

TEST(Tokenizer, AnnouncesATagThatIsTooLongByItsNameHoweverItIsCut) {
  const std::string page = "<div " + std::string(100, 'x') + ">y";
  for (const std::size_t piece : {1, 5, 64, 1000}) {
    Notes notes;
    Reader<Notes> reader(notes, 32);
    std::size_t most = 0;
    for (std::size_t at = 0; at < page.size(); at += piece) {
      reader.write(std::string_view(page).substr(at, piece));
      most = std::max(most, reader.pending().size());
    }
    reader.end();
    std::string bytes = notes.notes();
    EXPECT_NE(bytes.find("(too long)"), std::string::npos);
    EXPECT_EQ(bytes.substr(bytes.size() - 3), "|ty");
    EXPECT_LE(most, 32u);
  }
}

TEST(Tokenizer, PassesAnUnfinishedTagAtTheEndAsNothing) {
  EXPECT_EQ(tokens("a<b c=\"d"), "|ta|-<b c=\"d");
  EXPECT_EQ(tokens("a<b c=\"d", 1), "|ta|-<b c=\"d");
  EXPECT_EQ(tokens("a</"), "|ta</");
}

}  // namespace
}  // namespace personalize::html
