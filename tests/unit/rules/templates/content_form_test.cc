// Content of the same form is put into pages in the same way: what one visitor's page has shown, others rely on.
#include <gtest/gtest.h>

#include <iterator>
#include <memory>
#include <random>
#include <set>
#include <string>
#include <vector>

#include "html/splicing/splice_recipe.h"
#include "rules/templates/template.h"
#include "tests/unit/html/random_page.h"
#include "tests/unit/html/rewriting.h"

namespace personalize::rules::templates {
namespace {

using html::Edit;
using html::EditResult;
using html::Operation;
using html::SpliceRecipe;
using html::testing::SplicedString;

constexpr const char* sources[] = {"<em>in</em>",
                                   "",
                                   "<em>{{a}}</em>",
                                   "{{a}}",
                                   "<p>{{a}} {{b}}</p>",
                                   "<li>{{a}}</li>{{b}}",
                                   "<a href=\"/x?q={{a}}\">{{b}}</a>",
                                   "<b class=\"{{a}}\">x</b>",
                                   "<input type=\"{{a}}\">",
                                   "<td>{{a}}</td>{{b}}",
                                   "{{#list}}<li>{{.}}</li>{{/list}}",
                                   "{{#list}}{{.}}{{/list}}<i>{{a}}</i>",
                                   "<pre>{{a}}</pre>{{b}}",
                                   "{{#flag}}<i>{{a}}</i>{{/flag}}{{^flag}}<p>none</p>{{/flag}}",
                                   "<tr><td>{{a}}</td></tr>",
                                   "<option>{{a}}</option>",
                                   "<img src=\"/{{a}}.png\" alt=\"{{b}}\">",
                                   "<svg><title>{{a}}</title></svg>"};
constexpr const char* values[] = {"", " ", "one", " one", "one ", "hidden", "Zo\u00EB", "a<b>", "\n\nx", "text/html"};
constexpr const char* selector_list[] = {"#s",    ".b",   "li",     "p",       "div",  "td", "table",    "b",
                                         "svg *", "body", "option", "section", "span", "a",  "template", "select"};

class Rendering {
 public:
  Rendering() {
    for (const char* name : {"a", "b"}) schema_.add(name, {Kind::string});
    schema_.add("list", {Kind::list, Kind::string});
    schema_.add("flag", {Kind::boolean});
    Environment environment;
    environment.schema = &schema_;
    for (const char* source : sources) {
      std::vector<Error> errors;
      templates_.push_back(Template::compile(source, Target::html, environment, errors));
      EXPECT_TRUE(templates_.back()) << source << ": " << (errors.empty() ? "" : errors[0].message);
    }
  }

  /// For a visitor about whom random things are known.
  html::EditForm render(std::size_t number, std::mt19937& random, std::string& out) {
    std::pmr::monotonic_buffer_resource arena;
    Context context(schema_, arena);
    std::vector<Value> list;
    for (std::size_t i = random() % 3; i > 0; --i) list.push_back(Value::string(values[random() % std::size(values)]));
    context.set(*schema_.find("a"), Value::string(values[random() % std::size(values)]));
    context.set(*schema_.find("b"), Value::string(values[random() % std::size(values)]));
    context.set(*schema_.find("list"), Value::list(list));
    context.set(*schema_.find("flag"), Value::boolean(random() % 2 != 0));
    if (templates_[number]->constant()) {
      out = *templates_[number]->constant();
      return templates_[number]->form();
    }
    std::pmr::string text;
    html::EditForm form;
    EXPECT_TRUE(templates_[number]->render(context, text, &form));
    out = text;
    return form;
  }

 private:
  Schema schema_;
  std::vector<std::unique_ptr<Template>> templates_;
};

constexpr std::size_t no_template = std::size(sources);

/// The same for every visitor.
class ByFirstCharacter : public html::ChildOrder {
 public:
  std::int64_t key(std::string_view value) const override { return value.empty() ? 0 : value[0]; }
  void describe(std::string&) const override {}
};
const ByFirstCharacter order;
constexpr Edit reorder{.operation = Operation::reorder, .name = "k", .order = &order, .form = {.id = 1}};

/// Edits with content of these templates, for one visitor.
struct Visit {
  std::vector<std::string> contents;
  std::vector<Edit> edits;
};

Visit visit(Rendering& rendering, const std::vector<std::size_t>& templates, const std::vector<Edit>& kinds,
            std::mt19937& random) {
  Visit visit{std::vector<std::string>(kinds.size()), kinds};
  for (std::size_t i = 0; i < kinds.size(); ++i) {
    if (templates[i] == no_template) continue;
    visit.edits[i].form = rendering.render(templates[i], random, visit.contents[i]);
    visit.edits[i].content = visit.contents[i];
  }
  return visit;
}

std::string random_place(std::mt19937& random) {
  static constexpr const char* starts[] = {"", "<meta charset=utf-8>", "<meta charset=latin1>",
                                           "<meta charset=utf-8><b class=one><b class=one><b class=one>"};
  return starts[random() % std::size(starts)] + html::testing::random_page(random);
}

TEST(ContentForm, TellsWhichContentIsPutIntoPagesInTheSameWay) {
  const unsigned seed = 20261123;
  SCOPED_TRACE("seed " + std::to_string(seed));
  std::mt19937 random(seed);
  Rendering rendering;
  int held = 0, written_otherwise = 0;
  for (int round = 0; round < 3000; ++round) {
    html::Selectors selectors;
    for (int i = 0; i < 4; ++i) ASSERT_FALSE(selectors.add(selector_list[random() % std::size(selector_list)]));
    const std::string page = random_place(random);
    constexpr html::SlotId sorted[] = {0};
    const std::string plan = html::record_plan(selectors, page, {}, html::TagSource::body, sorted);
    std::vector<std::size_t> templates;
    std::vector<Edit> kinds;
    for (std::size_t i = 1 + random() % 3; i > 0; --i) {
      templates.push_back(random() % std::size(sources));
      kinds.push_back(
          {.slot = static_cast<html::SlotId>(random() % 4), .operation = static_cast<Operation>(random() % 6)});
    }
    if (random() % 4 == 0) {
      templates.push_back(no_template);
      kinds.push_back(reorder);
    }
    const Visit first = visit(rendering, templates, kinds, random);
    std::vector<EditResult> results(first.edits.size());
    std::optional<SpliceRecipe> recipe;
    SplicedString first_page(page);
    if (!SpliceRecipe::splice(html::SplicePlan(plan), selectors, page, first.edits, first_page, results, recipe))
      continue;
    ASSERT_EQ(first_page.text, html::testing::rewrite(selectors, first.edits, page).html) << page;
    for (int others = 0; recipe && others < 12; ++others) {
      const Visit other = visit(rendering, templates, kinds, random);
      if (!recipe->holds(other.edits)) continue;
      ASSERT_EQ(SpliceRecipe::hash(other.edits), SpliceRecipe::hash(first.edits));
      ++held;
      written_otherwise += other.contents != first.contents;
      SplicedString spliced(page);
      recipe->splice(other.edits, spliced);
      const html::testing::Rewritten expected = html::testing::rewrite(selectors, other.edits, page);
      ASSERT_EQ(spliced.text, expected.html) << page << "\n" << other.contents[0] << "\n" << first.contents[0];
      for (std::size_t i = 0; i < other.edits.size(); ++i) {
        ASSERT_EQ(recipe->results()[i].matches, expected.results[i].matches) << page;
        ASSERT_EQ(recipe->results()[i].applied, expected.results[i].applied) << page;
        ASSERT_EQ(recipe->results()[i].reason, expected.results[i].reason) << page;
      }
    }
  }
  EXPECT_GT(held, 5000);
  EXPECT_GT(written_otherwise, 1000);
}

TEST(ContentForm, OfSortedElementsDoesNotDependOnItsLength) {
  html::Selectors selectors;
  for (const char* selector : {"ul", "li:first-child"}) ASSERT_FALSE(selectors.add(selector));
  const std::string page = "<meta charset=utf-8><ul><li k=2>" + std::string(200'000, 'x') + "</li><li k=1>y</li></ul>";
  constexpr html::SlotId sorted[] = {0};
  const std::string plan = html::record_plan(selectors, page, {}, html::TagSource::body, sorted);
  for (const std::size_t length : {1u, 100'000u}) {
    const std::string content(length, 'z');
    const Edit prepend{.slot = 1, .operation = Operation::prepend, .content = content, .form = {.id = 2}};
    const std::vector<Edit> edits{reorder, prepend};
    const html::testing::Rewritten expected = html::testing::rewrite(selectors, edits, page, 32'768);
    EXPECT_NE(expected.html.find("<ul><li k=1>y</li><li k=2>z"), std::string::npos) << length;
    std::vector<EditResult> results(edits.size());
    std::optional<SpliceRecipe> recipe;
    SplicedString spliced(page);
    ASSERT_TRUE(SpliceRecipe::splice(html::SplicePlan(plan), selectors, page, edits, spliced, results, recipe));
    EXPECT_TRUE(recipe);
    EXPECT_TRUE(spliced.text == expected.html) << length;
  }
}

html::EditForm form_of(std::string_view source, std::string_view value) {
  std::pmr::monotonic_buffer_resource arena;
  Schema schema;
  schema.add("a", {Kind::string, Kind::missing, true});
  Environment environment;
  environment.schema = &schema;
  static std::vector<std::unique_ptr<Template>> kept;  // a form equals only others of the same template
  static std::vector<std::string> known;
  std::size_t at = static_cast<std::size_t>(std::find(known.begin(), known.end(), source) - known.begin());
  if (at == known.size()) {
    std::vector<Error> errors;
    known.emplace_back(source);
    kept.push_back(Template::compile(source, Target::html, environment, errors));
  }
  Context context(schema, arena);
  context.set(0, Value::string(value));
  std::pmr::string out(&arena);
  html::EditForm form;
  EXPECT_TRUE(kept[at]->render(context, out, &form)) << source;
  return form;
}

TEST(ContentForm, IsTheSameForEveryName) {
  EXPECT_NE(form_of("<p>{{a}}</p>", "Ada").id, 0u);
  EXPECT_EQ(form_of("<p>{{a}}</p>", "Ada"), form_of("<p>{{a}}</p>", "<Grace> & co"));
  EXPECT_EQ(form_of("<img alt=\"{{a}}\">", "Ada"), form_of("<img alt=\"{{a}}\">", ""));
}

TEST(ContentForm, DiffersWhereParsersSeeADifference) {
  EXPECT_NE(form_of("<p>{{a}}</p>", "Ada"), form_of("<p>{{a}}</p>", ""));
  EXPECT_NE(form_of("<p>{{a}}</p>", "Ada"), form_of("<p>{{a}}</p>", " "));
  EXPECT_NE(form_of("<p>{{a}}</p>", "Ada"), form_of("<p>{{a}}</p>", "Zo\u00EB"));
  EXPECT_NE(form_of("<p>{{a}}</p>", "Ada"), form_of("<b>{{a}}</b>", "Ada"));
  EXPECT_NE(form_of("<input type=\"{{a}}\">", "text"), form_of("<input type=\"{{a}}\">", "hidden"));
  EXPECT_NE(form_of("<b class=\"{{a}}\"></b>", "x"), form_of("<b class=\"{{a}}\"></b>", "y"));
  EXPECT_NE(form_of("{{#a}}<i>x</i>{{/a}}", "x"), form_of("{{#a}}<i>x</i>{{/a}}", ""));
}

TEST(ContentForm, IsNotKnownOfContentThatIsHtmlItself) { EXPECT_EQ(form_of("{{{a}}}", "<p>x</p>").id, 0u); }

}  // namespace
}  // namespace personalize::rules::templates
