#include "html/edits/tag_edit.h"

#include <gtest/gtest.h>

namespace personalize::html {
namespace {

std::string edited(std::string tag, Operation operation, std::string_view name, std::string_view value = {}) {
  Edit edit;
  edit.operation = operation;
  edit.name = name;
  edit.value = value;
  edit_tag(tag, edit, Encoding::utf8);
  return tag;
}

TEST(TagEdit, ReplacesAValueWithAQuotedOne) {
  EXPECT_EQ(edited("<a href=/x/>", Operation::set_attribute, "href", "/y"), "<a href=\"/y\">");
  EXPECT_EQ(edited("<a HREF='/x' id=b>", Operation::set_attribute, "href", "a\"b'<&>"),
            "<a HREF=\"a&quot;b&#39;&lt;&amp;&gt;\" id=b>");
  EXPECT_EQ(edited("<input disabled>", Operation::set_attribute, "disabled", ""), "<input disabled=\"\">");
}

TEST(TagEdit, AddsAnAttributeBehindTheLastOne) {
  EXPECT_EQ(edited("<a>", Operation::set_attribute, "id", "x"), "<a id=\"x\">");
  EXPECT_EQ(edited("<path d=\"m\"/>", Operation::set_attribute, "id", "x"), "<path d=\"m\" id=\"x\"/>");
  EXPECT_EQ(edited("<a href=b/>", Operation::set_attribute, "id", "x"), "<a href=b/ id=\"x\">");
}

TEST(TagEdit, OfEqualNamesTheFirstCounts) {
  EXPECT_EQ(edited("<a id=1 id=2>", Operation::set_attribute, "id", "x"), "<a id=\"x\" id=2>");
  EXPECT_EQ(edited("<a id=1 x ID=2>", Operation::remove_attribute, "id"), "<a x>");
}

TEST(TagEdit, RemovesAnAttributeAndNothingElse) {
  EXPECT_EQ(edited("<a  b='1'  c>", Operation::remove_attribute, "b"), "<a  c>");
  EXPECT_EQ(edited("<a b=1>", Operation::remove_attribute, "b"), "<a>");
  EXPECT_EQ(edited("<a b=1>", Operation::remove_attribute, "c"), "<a b=1>");
  EXPECT_EQ(edited("<a b=\"1\"c=\"2\">", Operation::remove_attribute, "b"), "<a c=\"2\">");
}

TEST(TagEdit, ClassNamesAreAddedWhereTheyAreMissing) {
  EXPECT_EQ(edited("<a>", Operation::add_class, "", "x y"), "<a class=\"x y\">");
  EXPECT_EQ(edited("<a class='x  z'>", Operation::add_class, "", "x y"), "<a class=\"x  z y\">");
  EXPECT_EQ(edited("<a class=x>", Operation::add_class, "", "x"), "<a class=x>");
  EXPECT_EQ(edited("<a class='x z x'>", Operation::add_class, "", "x"), "<a class='x z x'>");
  EXPECT_EQ(edited("<a class='x  z x'>", Operation::add_class, "", "y z"), "<a class=\"x z y\">");
  EXPECT_EQ(edited("<a class='&#120;'>", Operation::add_class, "", "x"), "<a class='&#120;'>");
}

TEST(TagEdit, ClassNamesAreTakenAway) {
  EXPECT_EQ(edited("<a class='x y z'>", Operation::remove_class, "", "y x"), "<a class=\"z\">");
  EXPECT_EQ(edited("<a class='x  y'>", Operation::remove_class, "", "z"), "<a class='x  y'>");
  EXPECT_EQ(edited("<a class='x y x'>", Operation::remove_class, "", "y"), "<a class=\"x\">");
  EXPECT_EQ(edited("<a>", Operation::remove_class, "", "z"), "<a>");
}

TEST(TagEdit, KnowsWhichNamesCanStandInATag) {
  EXPECT_TRUE(is_attribute_name("data-x:y"));
  for (const char* name : {"", "a b", "a>b", "a/b", "a=b", "a\"b", "a'b", "a<b", "a\nb"})
    EXPECT_FALSE(is_attribute_name(name));
  EXPECT_TRUE(is_writable_attribute_name("data-x:y"));
  EXPECT_TRUE(is_attribute_name("größe"));
  EXPECT_FALSE(is_writable_attribute_name("größe")) << "which bytes that is depends on the page's encoding";
}

}  // namespace
}  // namespace personalize::html
