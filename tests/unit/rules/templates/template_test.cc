#include "rules/templates/template.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <map>
#include <optional>

namespace personalize::rules::templates {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

Schema schema() {
  Schema schema;
  schema.add("geo.city", {Kind::string});
  schema.add("profile.name", {Kind::string});
  schema.add("profile.vip", {Kind::boolean});
  schema.add("profile.count", {Kind::int64});
  schema.add("profile.spent", {Kind::real});
  schema.add("profile.interests", {Kind::list, Kind::string});
  schema.add("profile.orders", {Kind::list});
  schema.add("profile.settings", {Kind::map, Kind::string});
  schema.add("profile.note", {Kind::string, Kind::missing, true});
  return schema;
}

/// A template of a rule file, and what it gives to one visitor.
class Case {
 public:
  explicit Case(std::string_view source, Target target = Target::html,
                std::map<std::string, std::string, std::less<>> partials = {})
      : schema_(schema()), partials_(std::move(partials)), context_(schema_, arena_) {
    Environment environment;
    environment.schema = &schema_;
    environment.partial = [this](std::string_view name) -> std::optional<std::string_view> {
      const auto found = partials_.find(name);
      return found == partials_.end() ? std::nullopt : std::optional<std::string_view>(found->second);
    };
    template_ = Template::compile(source, target, environment, errors_);
  }

  Case& know(std::string_view name, Value value) {
    context_.set(schema_.find(name).value(), value);
    return *this;
  }
  Case& know(std::string_view name, const char* value) { return know(name, Value::string(value)); }

  std::string render() {
    if (!template_) return "not compiled: " + testing::PrintToString(errors());
    std::pmr::string out(&arena_);
    return template_->render(context_, out) ? std::string(out) : "refused";
  }

  /// "offset: message"
  std::vector<std::string> errors() const {
    std::vector<std::string> errors;
    for (const Error& e : errors_)
      errors.push_back((e.partial.empty() ? "" : e.partial + " ") + std::to_string(e.offset) + ": " + e.message);
    return errors;
  }

 private:
  std::pmr::monotonic_buffer_resource arena_;
  Schema schema_;
  std::map<std::string, std::string, std::less<>> partials_;
  Context context_;
  std::vector<Error> errors_;
  std::unique_ptr<Template> template_;
};

constexpr const char* nasty = "\"><script>alert('x')</script>&";

TEST(Template, EscapesTextByDefault) {
  EXPECT_EQ(Case("<b>{{geo.city}}</b>").know("geo.city", nasty).render(),
            "<b>&quot;&gt;&lt;script&gt;alert('x')&lt;/script&gt;&amp;</b>");
}

TEST(Template, EscapesBothQuotesInAttributes) {
  EXPECT_EQ(Case("<b title='{{geo.city}}'>x</b>").know("geo.city", "O'Hara \"Bob\"").render(),
            "<b title='O&#39;Hara &quot;Bob&quot;'>x</b>");
}

TEST(Template, LetsOnlyHarmlessSchemesBeginAnAddress) {
  Case link("<a href=\"{{geo.city}}\">x</a>");
  EXPECT_EQ(link.know("geo.city", "https://a.example/b?c=1&d=2").render(),
            "<a href=\"https://a.example/b?c=1&amp;d=2\">x</a>");
  EXPECT_EQ(link.know("geo.city", "/c/rain coats").render(), "<a href=\"/c/rain%20coats\">x</a>");
  EXPECT_EQ(link.know("geo.city", "MailTo:a@b.example").render(), "<a href=\"MailTo:a@b.example\">x</a>");
  for (const char* bad : {"javascript:alert(1)", " JaVaScRiPt:alert(1)", "java\nscript:alert(1)",
                          "\x01javascript:alert(1)", "data:text/html,x", "vbscript:x", "file:///etc/passwd", ":x"})
    EXPECT_EQ(link.know("geo.city", bad).render(), "<a href=\"#\">x</a>") << bad;
}

TEST(Template, EncodesValuesWithinAnAddress) {
  EXPECT_EQ(Case("<a href='/c/{{geo.city}}?q={{profile.name}}#x'>x</a>")
                .know("geo.city", "../a/b?c")
                .know("profile.name", "a&b=ü'")
                .render(),
            "<a href='/c/..%2Fa%2Fb%3Fc?q=a%26b%3D%C3%BC%27#x'>x</a>");
}

TEST(Template, DoesNotLetTwoValuesMakeAScheme) {
  Case both("<a href=\"{{geo.city}}{{profile.name}}\">x</a>");
  EXPECT_EQ(both.know("geo.city", "javascript").know("profile.name", ":alert(1)").render(),
            "<a href=\"javascript%3Aalert%281%29\">x</a>");
  EXPECT_THAT(Case("<a href=\"{{geo.city}}:x\">x</a>").errors(), ElementsAre(HasSubstr("21: only http")));
  EXPECT_THAT(Case("<a href=\"javascript:{{geo.city}}\">x</a>").errors(), ElementsAre(HasSubstr("19: only http")));
  EXPECT_THAT(Case("<a href=\"http\x17:x\">x</a>").errors(), ElementsAre(HasSubstr("14: only http")));
}

TEST(Template, ReadsScriptAndStyleInSvgAsMarkup) {
  // In HTML the style ends at its end tag; in SVG what follows is still the value of `onclick`.
  for (const char* source : {"<svg><style><a onclick='</style>{{geo.city}}'></a></svg>",
                             "<svg><g><script>'<b title='</script>{{geo.city}}</g></svg>",
                             "<math><style><a title='</style>{{geo.city}}</math>",
                             "<svg a='/'><svg/><xmp><b title='</xmp>{{geo.city}}</svg>",
                             "<svg><svg></svg><style><b title='</style>{{geo.city}}</svg>",
                             "{{#geo.city}}<svg>{{/geo.city}}<style><b title='</style>{{geo.city}}"})
    EXPECT_THAT(Case(source).errors(), Contains(HasSubstr("`<`"))) << source;
  EXPECT_EQ(Case("<svg><style>a{}</style><script>f(1)</script><title>{{geo.city}}</title></svg>")
                .know("geo.city", "'")
                .render(),
            "<svg><style>a{}</style><script>f(1)</script><title>&#39;</title></svg>");
  for (const char* source : {"<svg><path/></svg><script>if (1<2) f('x')</script>{{geo.city}}",
                             "<svg/><style>a{content:'<'}</style>{{geo.city}}"})
    EXPECT_THAT(Case(source).errors(), ElementsAre()) << source;
}

TEST(Template, RefusesValuesWhereNoEscapingHelps) {
  const std::map<std::string, std::string> refused = {
      {"<a href={{geo.city}}>x</a>", "10: put quotes around the value of `href`"},
      {"<a title=x{{geo.city}}>x</a>", "12: put quotes around the value of `title`"},
      {"<a onclick=\"{{geo.city}}\">x</a>", "no value can be put into `onclick`"},
      {"<p style='color:{{geo.city}}'>x</p>", "no value can be put into `style`"},
      {"<img srcset=\"{{geo.city}} 2x\">", "no value can be put into `srcset`"},
      {"<iframe srcdoc=\"{{geo.city}}\"></iframe>", "no value can be put into `srcdoc`"},
      {"<iframe src=\"{{geo.city}}\"></iframe>", "`src` of <iframe> must begin with an address of your own"},
      {"<script src=\"/{{geo.city}}\"></script>", "no value can be put into `src`"},
      {"<script>var x = \"{{geo.city}}\"</script>", "no value can be put inside a string of the script"},
      {"<script>var x = {{geo.city}}</script>", "no value can be put inside <script>"},
      {"<style>{{geo.city}}</style>", "no value can be put inside <style>"},
      {"<!-- {{geo.city}} -->", "no value can be put inside a comment"},
      {"<{{geo.city}}>", "a tag's name cannot be put together"},
      {"<p {{geo.city}}>x</p>", "no value can be put inside the tag `<p`"},
      {"<p da{{geo.city}}=\"\">x</p>", "no value can be put in the name of an attribute"},
      {"<meta http-equiv=refresh content=\"0;url={{geo.city}}\">", "no value can be put into `content`"},
  };
  for (const auto& [source, message] : refused)
    EXPECT_THAT(Case(source).errors(), ElementsAre(HasSubstr(message))) << source;
}

TEST(Template, WritesJsonIntoTheCodeOfScriptsOnly) {
  const auto with = [](const char* script) {
    return Case("<script>" + std::string(script) + "</script>").know("geo.city", "*/</script>\"'").render();
  };
  EXPECT_EQ(with("f(1 * 2, {{geo.city | json}}); // it's"),
            "<script>f(1 * 2, \"*/\\u003c/script\\u003e\\\"'\"); // it's</script>");
  EXPECT_EQ(with("/* it's */ x = 'a\\'b' + {{geo.city | json}}").substr(0, 8), "<script>");
  for (const char* bad : {"x = \"{{geo.city | json}}\"", "x = 'a {{geo.city | json}}'", "x = `{{geo.city | json}}`"})
    EXPECT_THAT(with(bad), HasSubstr("no value can be put inside a string of the script: without the quotes")) << bad;
  EXPECT_THAT(with("/* {{geo.city | json}} */"), HasSubstr("inside a comment of the script"));
  EXPECT_THAT(with("// {{geo.city | json}}"), HasSubstr("inside a comment of the script"));
  EXPECT_THAT(with("x = /{{geo.city | json}}/"), HasSubstr("after a slash of the script"));
  for (const char* bad : {"a<b; {{geo.city | json}}", "'<!' + {{geo.city | json}}", "a <{{geo.city | json}}",
                          "{{#profile.vip}}a<b;{{/profile.vip}} {{geo.city | json}}"})
    EXPECT_THAT(with(bad), HasSubstr("write a space between them")) << bad;
  EXPECT_THAT(with("a < b; {{geo.city | json}}; a<b"), HasSubstr("a < b; \""));
  EXPECT_THAT(with("{{#profile.vip}}'{{/profile.vip}} {{geo.city | json}}"), HasSubstr("would mean something else"));
}

TEST(Template, IsNotTakenInBySlashesInTags) {
  EXPECT_THAT(Case("<a href /=\"{{geo.city}}\">x</a>").errors(),
              testing::Contains(HasSubstr("no value can be put in the name of an attribute")));
}

TEST(Template, RefusesReferencesInFrontOfAScheme) {
  EXPECT_THAT(Case("<a href=\"javascript&colon;{{geo.city}}\">x</a>").errors(),
              ElementsAre(HasSubstr("cannot begin with a character reference")));
  EXPECT_EQ(Case("<a href=\"/?a=1&amp;b={{geo.city}}\">x</a>").know("geo.city", "c").render(),
            "<a href=\"/?a=1&amp;b=c\">x</a>");
}

TEST(Template, ReplacesNulBytes) {
  const Value nul = Value::string({"a\0b", 3});
  EXPECT_EQ(Case("<i title=\"{{geo.city}}\">{{geo.city}}</i>").know("geo.city", nul).render(),
            "<i title=\"a\uFFFDb\">a\uFFFDb</i>");
}

TEST(Template, EscapesInsideTitleAndTextarea) {
  EXPECT_EQ(Case("<textarea>{{geo.city}}</textarea>").know("geo.city", "</textarea>'").render(),
            "<textarea>&lt;/textarea&gt;&#39;</textarea>");
}

TEST(Template, MustEndWhereItBegan) {
  EXPECT_THAT(Case("<p>a</p><a href=\"/x").errors(), ElementsAre("8: the template ends inside the value of `href`"));
  EXPECT_THAT(Case("abc <p class='x'").errors(), ElementsAre("4: the template ends inside the tag `<p`"));
  EXPECT_THAT(Case("abc <!-- x").errors(), ElementsAre("4: the template ends inside a comment"));
  EXPECT_THAT(Case("<script>x").errors(), ElementsAre("0: the template ends inside <script>"));
}

TEST(Template, SectionsMustEndWhereTheyBegan) {
  EXPECT_EQ(
      Case("<p{{#profile.vip}} class=\"vip\"{{/profile.vip}}>x</p>").know("profile.vip", Value::boolean(true)).render(),
      "<p class=\"vip\">x</p>");
  EXPECT_EQ(Case("<p class=\"a{{#profile.vip}} vip{{/profile.vip}}\">x</p>").render(), "<p class=\"a\">x</p>");
  EXPECT_THAT(Case("{{#profile.vip}}<a title=\"{{/profile.vip}}x").errors(),
              ElementsAre(HasSubstr("3: section `profile.vip` begins in text and ends inside the value of `title`")));
}

TEST(Template, RendersSectionsOverListsMapsAndFlags) {
  const Value names[] = {Value::string("rain"), Value::string("<snow>")};
  EXPECT_EQ(Case("{{#profile.interests}}<i>{{.}}</i>{{/profile.interests}}{{^profile.vip}}no{{/profile.vip}}")
                .know("profile.interests", Value::list(names))
                .render(),
            "<i>rain</i><i>&lt;snow&gt;</i>no");
  const MapEntry order[] = {{Value::string("sku"), Value::string("a-1")}, {Value::string("n"), Value::int64(2)}};
  const Value orders[] = {Value::map(order)};
  EXPECT_EQ(Case("{{#profile.orders}}{{sku}} {{n}} {{geo.city}}{{/profile.orders}}")
                .know("profile.orders", Value::list(orders))
                .know("geo.city", "Cork")
                .render(),
            "a-1 2 Cork");
  EXPECT_EQ(
      Case("{{profile.orders.0.sku}}{{profile.orders.7.sku}}").know("profile.orders", Value::list(orders)).render(),
      "a-1");
  const MapEntry settings[] = {{Value::string("color"), Value::string("red")}};
  EXPECT_EQ(Case("{{profile.settings.color}}{{profile.settings.size}}")
                .know("profile.settings", Value::map(settings))
                .render(),
            "red");
}

TEST(Template, ShowsNothingForWhatIsNotKnown) {
  EXPECT_EQ(Case("[{{geo.city}}]").render(), "[]");
  EXPECT_EQ(Case("{{#geo.city}}in {{geo.city}}{{/geo.city}}{{^geo.city}}there{{/geo.city}}").render(), "there");
  EXPECT_EQ(Case("{{^geo.city}}there{{/geo.city}}").know("geo.city", "").render(), "there");
}

TEST(Template, WritesNumbersShortly) {
  EXPECT_EQ(Case("{{profile.count}} {{profile.spent}}")
                .know("profile.count", Value::int64(-3))
                .know("profile.spent", Value::real(12.5))
                .render(),
            "-3 12.5");
}

TEST(Template, SuggestsNamesForUnknownAttributes) {
  EXPECT_THAT(Case("a {{geo.citty}}").errors(),
              ElementsAre("4: unknown attribute `geo.citty`, did you mean geo.city?"));
  EXPECT_THAT(Case("{{#geo.city}}{{color}}{{/geo.city}}").errors(),
              ElementsAre(HasSubstr("unknown attribute `color`")));
  EXPECT_THAT(Case("{{geo.city.name}}").errors(), ElementsAre("11: `geo.city` is string and has no `name`"));
  EXPECT_THAT(Case("{{.}}").errors(), ElementsAre(HasSubstr("there is none around it")));
}

TEST(Template, ReportsEveryMistakeInSyntax) {
  EXPECT_THAT(Case("{{#geo.city}}a").errors(),
              ElementsAre("3: section `geo.city` is not closed: {{/geo.city}} is missing"));
  EXPECT_THAT(Case("a{{/geo.city}}").errors(), ElementsAre(HasSubstr("closes a section that was never opened")));
  EXPECT_THAT(Case("a {{geo.city").errors(), ElementsAre("2: `{{` without `}}`"));
  EXPECT_THAT(Case("a {{ }}").errors(), ElementsAre(HasSubstr("a name is missing")));
  EXPECT_THAT(Case("{{geo city}} {{geo.ciy}}").errors(), testing::SizeIs(2));
  EXPECT_THAT(Case("{{#geo.city}}{{/profile.vip}}").errors(),
              ElementsAre(HasSubstr("{{/profile.vip}} stands where {{/geo.city}} is expected")));
}

TEST(Template, InsertsRawOnlyWhatIsTypedAsHtml) {
  EXPECT_EQ(Case("{{{profile.note}}}").know("profile.note", "<b>x</b>").render(), "<b>x</b>");
  EXPECT_EQ(Case("{{profile.note}}").know("profile.note", "<b>x</b>").render(), "&lt;b&gt;x&lt;/b&gt;");
  EXPECT_THAT(Case("{{{geo.city}}}").errors(), ElementsAre(HasSubstr("3: `geo.city` is not of type html")));
  EXPECT_THAT(Case("<a title=\"{{&profile.note}}\">x</a>").errors(),
              ElementsAre(HasSubstr("only allowed between tags")));
}

TEST(Template, CompilesPartialsForThePlaceWhereTheyStand) {
  const std::map<std::string, std::string, std::less<>> partials = {{"city", "{{geo.city}}"}};
  EXPECT_EQ(Case("<b title='{{>city}}'>{{> city }}</b>", Target::html, partials).know("geo.city", "O'H").render(),
            "<b title='O&#39;H'>O'H</b>");
  EXPECT_THAT(Case("<b title={{>city}}>x</b>", Target::html, partials).errors(),
              testing::Contains(HasSubstr("city 2: put quotes around")));
  EXPECT_THAT(Case("{{>citty}}").errors(), ElementsAre(HasSubstr("unknown partial `citty`")));
}

TEST(Template, EndsWhenPartialsContainEachOther) {
  const std::map<std::string, std::string, std::less<>> partials = {{"a", "{{>b}}{{>b}}"}, {"b", "{{>a}}{{>a}}"}};
  EXPECT_EQ(Case("{{>a}}", Target::html, partials).render(), "refused");
}

TEST(Template, LeavesPlainTextAlone) {
  EXPECT_EQ(Case("tier--{{geo.city}}", Target::plain).know("geo.city", "<'\">").render(), "tier--<'\">");
}

TEST(Template, KeepsAttributesClosed) {
  EXPECT_EQ(Case("a {{geo.city}}", Target::attribute).know("geo.city", "\"'<>&").render(),
            "a &quot;&#39;&lt;&gt;&amp;");
  EXPECT_THAT(Case("a\" b", Target::attribute).errors(), ElementsAre(HasSubstr("1: a double quote would end")));
}

TEST(Template, IsConstantWithoutTags) {
  Schema s = schema();
  std::vector<Error> errors;
  const auto compiled = Template::compile("a\nb{{! no more }}", Target::plain, {&s, {}, {}, nullptr}, errors);
  ASSERT_TRUE(compiled);
  EXPECT_EQ(compiled->constant(), "a\nb");
}

}  // namespace
}  // namespace personalize::rules::templates
