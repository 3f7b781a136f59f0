#include <gtest/gtest.h>

#include "html/rewriter.h"

namespace personalize::html {
namespace {

TEST(ContentCheck, AcceptsCompleteContent) {
  for (const char* content : {"",
                              "text",
                              "a &amp; b",
                              "<b>bold</b>",
                              "<img src=x>",
                              "<br/>",
                              "<p>one</p><p>two</p>",
                              "<ul><li>a<li>b</ul>",
                              "<table><tr><td>1<td>2<tr><td>3</table>",
                              "<table><caption>c</caption><tbody><tr><th>a</th></tr></tbody></table>",
                              "<dl><dt>a<dd>b</dl>",
                              "<select><option>a<option>b</select>",
                              "<!-- c -->",
                              "<script>if (a < b) c();</script>",
                              "<style>a > b { }</style>",
                              "<svg viewBox=\"0 0 1 1\"><path d=\"\"/><title>t</title></svg>",
                              "<svg><foreignObject><div>a</div></foreignObject></svg>",
                              "<math><mi>x</mi></math>",
                              "<textarea><b></textarea>",
                              "<template><tr><td>1</td></tr></template>",
                              "<div><p>a<div>b</div></div>",
                              "<li>a</li><li>b</li>",
                              "<td>1</td>",
                              "<my-card><slot></slot></my-card>",
                              "<a href=\"/x?a=1&b=2\">x</a>",
                              "<p>one<ul><li>x</ul>",
                              "<ruby>a<rt>b</ruby>",
                              "<svg><![CDATA[ </svg> ]]></svg>"}) {
    EXPECT_EQ(check_content(content), std::nullopt) << content;
  }
}

TEST(ContentCheck, RefusesContentThatIsNotComplete) {
  for (const char* content : {"<div>",
                              "<li>a",
                              "<p>a",
                              "</div>",
                              "<b>a</i>",
                              "<b><i></b></i>",
                              "<div",
                              "<div class=\"a",
                              "<",
                              "<!-- c",
                              "<!--",
                              "<script>a",
                              "<script><!--<script></script>",
                              "<title>a",
                              "</p>",
                              "<svg><path>",
                              "<p><b><div></div></b></p>",
                              "<plaintext>",
                              "<span><p>a</span>",
                              "<svg><foreignObject><p>a</foreignObject></svg>",
                              "<div/>text",
                              "</",
                              "<!doc"}) {
    EXPECT_NE(check_content(content), std::nullopt) << content;
  }
}

TEST(ContentCheck, RefusesWhatTheBrowserPutsElsewhere) {
  for (const char* content :
       {"<!doctype html>", "<html></html>", "<body class=a></body>", "<head></head>", "<table>text</table>",
        "<table><div></div></table>", "<table><tr>x</tr></table>", "<div><tr><td>1</td></tr></div>",
        "<a><b><a></a></b></a>", "<button><button></button></button>", "<form><form></form></form>",
        "<svg><div></div></svg>", "<h1><h2></h2></h1>"}) {
    EXPECT_NE(check_content(content), std::nullopt) << content;
  }
}

TEST(ContentCheck, RefusesInASelectWhatOlderBrowsersDrop) {
  EXPECT_EQ(check_content("<select><optgroup label=a><option>1</optgroup><hr><option>2</select>"), std::nullopt);
  EXPECT_EQ(check_content("<select><template><style><b></style></template><script>1</script></select>"), std::nullopt);
  for (const char* content :
       {// A style to one parser, a template that never ends to the other.
        "<select><style><template></style></select>", "<select><option><title><template></title></select>",
        "<select><svg><style><template></style></svg></select>",
        "<select><option><svg><![CDATA[<template>]]></svg></select>", "<select><input></select>",
        "<select><span>a</span></select>"}) {
    EXPECT_NE(check_content(content), std::nullopt) << content;
  }
}

TEST(ContentCheck, RefusesWhatChangesTheReadingOfWhatFollows) {
  std::string formatting, ends;
  for (int i = 0; i < 80; ++i) {  // more than is kept track of
    formatting += "<font size=" + std::to_string(i) + ">";
    ends += "</font>";
  }
  EXPECT_NE(check_content(formatting + ends), std::nullopt);
}

TEST(ContentCheck, RefusesNulBytes) { EXPECT_NE(check_content(std::string_view("a\0b", 3)), std::nullopt); }

}  // namespace
}  // namespace personalize::html
