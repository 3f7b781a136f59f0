#include "html/tokens/encoding.h"

#include <gtest/gtest.h>

namespace personalize::html {
namespace {

using namespace std::string_view_literals;

Encoding whole_page(std::string_view page, std::string_view content_type = {}) {
  PageEncoding encoding(content_type);
  encoding.feed(page);
  return encoding.at(page.size());
}

TEST(Encoding, KnowsLabels) {
  EXPECT_EQ(encoding_of_label(" UTF-8 "), Encoding::utf8);
  EXPECT_EQ(encoding_of_label("latin1"), Encoding::ascii_compatible);
  EXPECT_EQ(encoding_of_label("Shift_JIS"), Encoding::ascii_compatible);
  EXPECT_EQ(encoding_of_label("utf-16"), Encoding::unsupported);
  EXPECT_EQ(encoding_of_label("iso-2022-jp"), Encoding::unsupported);
  EXPECT_EQ(encoding_of_label("klingon"), Encoding::unknown);
  EXPECT_EQ(encoding_of_label(""), Encoding::unknown);
}

TEST(Encoding, ReadsContentTypes) {
  EXPECT_EQ(encoding_of_content_type("text/html"), Encoding::unknown);
  EXPECT_EQ(encoding_of_content_type("text/html; charset=utf-8"), Encoding::utf8);
  EXPECT_EQ(encoding_of_content_type("text/html;level=1; Charset=\"ISO-8859-1\"; x=y"), Encoding::ascii_compatible);
  EXPECT_EQ(encoding_of_content_type("text/html; charset="), Encoding::unknown);
  EXPECT_EQ(encoding_of_content_type(";"), Encoding::unknown);
}

TEST(Encoding, AsksByteOrderMarkThenHeaderThenMeta) {
  EXPECT_EQ(whole_page("\xEF\xBB\xBF<meta charset=koi8-r>", "text/html; charset=latin1"), Encoding::utf8);
  EXPECT_EQ(whole_page("\xFF\xFE<\0p\0"sv), Encoding::unsupported);
  EXPECT_EQ(whole_page("\xFE\xFF\0<\0p"sv, "text/html; charset=utf-8"), Encoding::unsupported);
  EXPECT_EQ(whole_page("<meta charset=koi8-r>", "text/html; charset=utf-8"), Encoding::utf8);
  EXPECT_EQ(whole_page("<meta charset=koi8-r>", "text/html; charset=bogus"), Encoding::ascii_compatible);
  EXPECT_EQ(whole_page("<p>nothing said</p>"), Encoding::unknown);
}

TEST(Encoding, FindsTheMetaAsBrowsersDo) {
  EXPECT_EQ(prescan("<!doctype html><html><head><meta charset='utf-8'>").encoding, Encoding::utf8);
  EXPECT_EQ(prescan("<META HTTP-EQUIV=Content-Type CONTENT='text/html; charset=utf-8'>").encoding, Encoding::utf8);
  EXPECT_EQ(prescan("<meta content='text/html; charset=utf-8'>").encoding, Encoding::unknown);
  EXPECT_EQ(prescan("<meta content='text/html; charset=utf-8' http-equiv=refresh>").encoding, Encoding::unknown);
  EXPECT_EQ(prescan("<!-- <meta charset=utf-8> --><meta charset=latin1>").encoding, Encoding::ascii_compatible);
  EXPECT_EQ(prescan("<!--><meta charset=utf-8>").encoding, Encoding::utf8);
  EXPECT_EQ(prescan("<a title='<meta charset=utf-8>'>x<meta charset=latin1>").encoding, Encoding::ascii_compatible);
  EXPECT_EQ(prescan("<metadata charset=utf-8>").encoding, Encoding::unknown);
  EXPECT_EQ(prescan("<meta charset=utf-16le>").encoding, Encoding::utf8);
  EXPECT_EQ(prescan("<meta charset=bogus><meta charset=utf-8>").encoding, Encoding::utf8);
  EXPECT_EQ(prescan("<meta charset=\"\"><meta/charset=utf-8/>").encoding, Encoding::unknown);
  EXPECT_EQ(prescan("<?xml version='1.0' encoding='koi8-r'?><p>").encoding, Encoding::ascii_compatible);
  EXPECT_EQ(prescan("<\0?\0x\0m\0"sv).encoding, Encoding::unsupported);
}

TEST(Encoding, KnowsWhatADeclarationSaysAndWhereItEnds) {
  const auto said = [](std::string_view page) {
    const Declaration found = prescan(page);
    return std::string(found.label) + " " + std::string(page.substr(0, found.end));
  };
  EXPECT_EQ(said("<title>x</title><meta charset = ' CP1251 ' /><p>"),
            "cp1251 <title>x</title><meta charset = ' CP1251 ' />");
  EXPECT_EQ(said("<meta http-equiv=content-type content='text/html; charset=Big5'>x"),
            "big5 <meta http-equiv=content-type content='text/html; charset=Big5'>");
  EXPECT_EQ(said("<?xml version='1.0' encoding='koi8-r'?><p>"), "koi8-r <?xml version='1.0' encoding='koi8-r'?>");
  EXPECT_EQ(said("<meta charset=utf-16le>"), "utf-8 <meta charset=utf-16le>");
  EXPECT_EQ(said("<meta charset=x-user-defined>"), "windows-1252 <meta charset=x-user-defined>");
  EXPECT_EQ(said("<meta charset=klingon><p>"), " ");
}

TEST(Encoding, DoesNotTakeACutOffMetaForWhole) {
  const std::string_view page = "<meta http-equiv=content-type content='text/html; charset=iso-8859-1'>";
  for (std::size_t cut = 0; cut < page.size(); ++cut) {
    EXPECT_EQ(prescan(page.substr(0, cut)).encoding, Encoding::unknown) << cut;
  }
  EXPECT_EQ(prescan("<meta charset=utf-8").encoding, Encoding::unknown);
}

TEST(Encoding, AtAnOffsetDoesNotDependOnHowThePageWasCut) {
  const std::string page =
      "<html><head>" + std::string(100, ' ') + "<meta charset=latin1><title>x</title>" + std::string(2000, 'x');
  for (const std::size_t size : {1u, 7u, 4000u}) {
    PageEncoding encoding("");
    for (std::size_t at = 0; at < page.size(); at += size) {
      encoding.feed(std::string_view(page).substr(at, size));
      if (at == 20) {
        EXPECT_EQ(encoding.at(20), Encoding::unknown);
      }
    }
    PageEncoding whole("");
    whole.feed(page);
    EXPECT_EQ(whole.at(20), Encoding::unknown);
    EXPECT_EQ(encoding.at(200), Encoding::ascii_compatible) << size;
    EXPECT_EQ(whole.at(200), Encoding::ascii_compatible);
  }
}

TEST(Encoding, LooksAtTheFirst1024BytesOnly) {
  const std::string page = std::string(1024, ' ') + "<meta charset=utf-8>";
  EXPECT_EQ(whole_page(page), Encoding::unknown);
}

TEST(Encoding, WritesReferencesIntoPagesThatAreNotUtf8) {
  std::string scratch;
  EXPECT_EQ(encoded("größe", Encoding::utf8, scratch), "größe");
  EXPECT_EQ(encoded("size", Encoding::unknown, scratch), "size");
  EXPECT_EQ(encoded("größe € 😀", Encoding::ascii_compatible, scratch), "gr&#246;&#223;e &#8364; &#128512;");
  EXPECT_EQ(encoded("a\xFFz\xE2\x82", Encoding::unknown, scratch), "a&#65533;z&#65533;");
}

TEST(Encoding, RefusesWhereReferencesMeanNothing) {
  EXPECT_TRUE(can_be_encoded("<script>'ö'</script>", Encoding::utf8));
  EXPECT_FALSE(can_be_encoded("<SCRIPT>'ö'</SCRIPT>", Encoding::ascii_compatible));
  EXPECT_FALSE(can_be_encoded("<a ö=x>", Encoding::unknown));
  EXPECT_TRUE(can_be_encoded("<a title=\"ö>\">ö</a>", Encoding::ascii_compatible));
  EXPECT_TRUE(can_be_encoded("<style>a{}</style>", Encoding::ascii_compatible));
}

}  // namespace
}  // namespace personalize::html
