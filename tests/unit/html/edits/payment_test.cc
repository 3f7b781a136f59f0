// Payment forms: which elements belong to one, and what is not done to them.
#include <gtest/gtest.h>

#include "tests/unit/html/splicing/splicing.h"

namespace personalize::html {
namespace {

using testing::rewrite;
using testing::Rewritten;

struct PaymentWish {
  std::string_view selector;
  Operation operation = Operation::inner;
  std::string_view content = "new";
  bool allowed = false;
};

const std::string card = "<input autocomplete=cc-number>";
const std::string hole = "<p id=x>old</p>";

/// Edits a page, whole, in pieces and from a plan, all of which must give the same.
Rewritten edit_form(const std::string& page, const std::vector<PaymentWish>& wishes,
                    const RewriterOptions& options = {}) {
  Selectors selectors;
  std::vector<Edit> edits;
  for (const PaymentWish& wish : wishes) {
    EXPECT_FALSE(selectors.add(wish.selector)) << wish.selector;
    if (wish.allowed) selectors.allow_payment();
    const bool named = traits_of(wish.operation).changes_tag;
    edits.push_back({static_cast<SlotId>(edits.size()), wish.operation, named ? "" : wish.content, named ? "title" : "",
                     named ? wish.content : "", nullptr});
  }
  const auto in_pieces = [&](std::size_t size) {
    return rewrite(
        selectors, edits, page, [size] { return size; }, {}, options);
  };
  Rewritten whole = in_pieces(page.size() + 1);
  for (std::size_t size : {1, 2, 7, 64, 1000}) {
    const Rewritten pieces = in_pieces(size);
    EXPECT_EQ(pieces.html, whole.html) << page;
    for (std::size_t i = 0; i < edits.size(); ++i) EXPECT_EQ(pieces.results[i].reason, whole.results[i].reason) << page;
  }
  for (TagSource source : {TagSource::body, TagSource::plan}) {
    const std::string plan = record_plan(selectors, page, options, source);
    const testing::Spliced spliced = testing::splice(plan, selectors, page, edits, options);
    EXPECT_TRUE(spliced.done) << page;
    testing::expect_equal(spliced, whole, page);
  }
  return whole;
}

Skip why_not(const std::string& page, const PaymentWish& wish) {
  const Rewritten result = edit_form(page, {wish});
  EXPECT_EQ(result.results[0].matches, 1u) << page;
  EXPECT_EQ(result.html == page, result.results[0].reason != Skip::none) << page << "\n" << result.html;
  return result.results[0].reason;
}

TEST(Payment, FormsAreLeftAloneWhereverTheirFieldsAre) {
  for (const std::string& page : {
           "<form>" + card + hole + "</form>",
           "<form>" + hole + card + "</form>",
           "<form id=pay>" + hole + "</form><p>b</p><input form=pay autocomplete=cc-csc>",
           "<input form=pay autocomplete=cc-csc><form id=pay>" + hole + "</form>",
           "<form><div>" + hole + "</div><fieldset><select autocomplete=cc-exp-month></select></fieldset></form>",
           "<form>" + hole + "<textarea autocomplete='cc-name'></textarea></form>",
           "<form>" + hole + card,
           "<form id=x>a" + card + "</form>",
           "<form id=x>a</form>" + std::string("<input form=x autocomplete=cc-number>"),
           "<table><form><tr><td>" + hole + "</td><td>" + card + "</td></tr></form></table>",
           "<div><form></div>" + hole + card + "</form>",
           "<form><svg><g id=x></g></svg>" + card + "</form>",
       }) {
    EXPECT_EQ(why_not(page, {"#x"}), Skip::payment) << page;
    EXPECT_EQ(why_not(page, {"#x", Operation::inner, "new", true}), Skip::none) << page;
  }
}

TEST(Payment, NothingIsDoneInAPaymentFormWhateverTheOperation) {
  const std::string page = "<form><b>a</b>" + hole + "<b>b</b>" + card + "</form>";
  for (Operation operation : {Operation::before, Operation::prepend, Operation::append, Operation::after,
                              Operation::inner, Operation::replace, Operation::remove, Operation::set_attribute})
    EXPECT_EQ(why_not(page, {"#x", operation}), Skip::payment) << to_string(operation);
}

TEST(Payment, FieldsAreKnownByTheWordsOfAutocomplete) {
  for (const char* value : {"cc-number", "CC-Number", "'section-x billing cc-exp'", "' \n\tcc-csc'", "cc-number&#32;x",
                            "&#99;c-number", "'shipping cc-given-name webauthn'"})
    EXPECT_EQ(why_not("<form>" + hole + "<input AutoComplete=" + value + "></form>", {"#x"}), Skip::payment) << value;
  for (const char* value : {"name", "off", "acc-number", "cc", "''", "'email xcc-number'", "section-cc-x"})
    EXPECT_EQ(why_not("<form>" + hole + "<input autocomplete=" + value + "></form>", {"#x"}), Skip::none) << value;
  // The first of two attributes counts.
  EXPECT_EQ(why_not("<form>" + hole + "<input autocomplete=off autocomplete=cc-number></form>", {"#x"}), Skip::none);
}

TEST(Payment, WhatIsOnlyTextIsNoField) {
  for (const char* text :
       {"<!-- <input autocomplete=cc-number> -->", "<script>'<input autocomplete=cc-number>'</script>",
        "<textarea><input autocomplete=cc-number></textarea>", "<p title='<input autocomplete=cc-number>'>",
        "<style><input autocomplete=cc-number></style>"})
    EXPECT_EQ(why_not("<form>" + hole + text + "</form>", {"#x"}), Skip::none) << text;
  EXPECT_EQ(
      why_not("<form><textarea id=y></textarea><textarea>" + card + "</form></textarea>" + hole + card + "</form>",
              {"#x"}),
      Skip::payment);
}

TEST(Payment, OtherFormsAndWhatIsOutsideAreEdited) {
  for (const std::string& page : {
           "<form><input name=q></form>" + hole + "<form>" + card + "</form>",
           "<form>" + card + "</form>" + hole,
           "<form>" + hole + "</form><p>" + card,
           "<form>" + card + "</form><form>" + hole + "</form>",
           "<form>" + hole + "</form><form>" + card + "</form>",
           "<form id=a>" + hole + "</form><form id=b>" + card + "</form><input form=b autocomplete=cc-csc>",
           "<form id=a>" + hole + "<input autocomplete=email></form><p>b</p>",
       })
    EXPECT_EQ(why_not(page, {"#x"}), Skip::none) << page;
}

TEST(Payment, ElementsOfThemAreLeftAloneOutsideOfAForm) {
  EXPECT_EQ(why_not("<input id=x autocomplete=cc-number>", {"#x", Operation::set_attribute}), Skip::payment);
  EXPECT_EQ(why_not("<input id=x autocomplete=cc-number>", {"#x", Operation::remove}), Skip::payment);
  EXPECT_EQ(why_not("<input id=x autocomplete=cc-number>", {"#x", Operation::after}), Skip::payment);
  EXPECT_EQ(why_not("<select autocomplete=cc-exp-month><option id=x>1</select>", {"#x"}), Skip::payment);
  EXPECT_EQ(why_not("<select autocomplete=cc-exp-month></select><select><option id=x>1</select>", {"#x"}), Skip::none);
  EXPECT_EQ(why_not("<x-card id=x autocomplete=cc-number></x-card>", {"#x"}), Skip::payment);
  // A button that sends the form, from elsewhere.
  const std::string button = "<button id=x form=pay>Pay</button>", form = "<form id=pay>" + card + "</form>";
  EXPECT_EQ(why_not(form + button, {"#x", Operation::set_attribute}), Skip::payment);
  EXPECT_EQ(why_not(button + "<p>b</p>" + form, {"#x", Operation::set_attribute}), Skip::payment);
  EXPECT_EQ(why_not("<button id=x form=other>Pay</button>" + form, {"#x"}), Skip::none);
}

TEST(Payment, WhatContainsOneIsNotReplacedEmptiedRemovedOrSorted) {
  for (const std::string& inside : {card, "<form>" + card + "</form>", "<p>a<form><div>" + card + "</div></form>"}) {
    const std::string page = "<div id=x><i>a</i>" + inside + "<b>b</b></div><p>c</p>";
    for (Operation operation : {Operation::inner, Operation::replace, Operation::remove}) {
      EXPECT_EQ(why_not(page, {"#x", operation}), Skip::payment) << page;
      EXPECT_EQ(why_not(page, {"#x", operation, "new", true}), Skip::none) << page;
    }
    // What is put beside them leaves them as they are.
    for (Operation operation :
         {Operation::before, Operation::prepend, Operation::append, Operation::after, Operation::set_attribute})
      EXPECT_EQ(why_not(page, {"#x", operation}), Skip::none) << page;
  }
  EXPECT_EQ(why_not("<input form=pay autocomplete=cc-csc><div id=x><form id=pay></form></div>", {"#x"}), Skip::payment);
  // Edits of other elements inside are made, now that it stays.
  const Rewritten both = edit_form("<div id=x><form>" + card + "</form><p id=y>old</p></div>",
                                   {{"#x", Operation::replace, "new"}, {"#y", Operation::inner, "other"}});
  EXPECT_EQ(both.html, "<div id=x><form>" + card + "</form><p id=y>other</p></div>");
}

class Descending : public ChildOrder {
 public:
  std::int64_t key(std::string_view value) const override { return -std::stoll(std::string(value)); }
  void describe(std::string& text) const override { text += "descending"; }
};

TEST(Payment, FormsAreNotSortedWithTheirNeighbours) {
  const Descending order;
  for (const bool allowed : {false, true}) {
    Selectors selectors;
    ASSERT_FALSE(selectors.add("#x"));
    if (allowed) selectors.allow_payment();
    const std::vector<Edit> edits = {{0, Operation::reorder, {}, "data-n", {}, &order}};
    const std::string page = "<div id=x><p data-n=1>a</p><form data-n=2>" + card + "</form></div>";
    const std::vector<SlotId> sorted = {0};
    const Rewritten whole = rewrite(selectors, edits, page);
    EXPECT_EQ(whole.results[0].reason, allowed ? Skip::none : Skip::payment);
    EXPECT_EQ(whole.html == page, !allowed);
    EXPECT_EQ(rewrite(selectors, edits, page, 1).html, whole.html);
    const auto spliced =
        testing::splice(record_plan(selectors, page, {}, TagSource::plan, sorted), selectors, page, edits);
    ASSERT_TRUE(spliced.done);
    testing::expect_equal(spliced, whole, page);
  }
}

TEST(Payment, SeveralSlotsOfOneFormWaitForTheSameAnswer) {
  const std::string slots = "<p id=x>old</p><p class=y>old</p><p class=y>old</p>";
  const std::vector<PaymentWish> wishes = {
      {"#x"}, {".y", Operation::append}, {"p", Operation::after, "<i>i</i>", true}};
  for (const bool payment : {false, true}) {
    const std::string page = "<p>a</p><form id=f>" + slots + "<p>b</p>" + (payment ? card : "") + "</form><p>c</p>";
    const Rewritten result = edit_form(page, wishes);
    EXPECT_EQ(result.results[0].reason, payment ? Skip::payment : Skip::none);
    EXPECT_EQ(result.results[1].matches, 2u);
    EXPECT_EQ(result.results[1].applied, payment ? 0u : 2u);
    EXPECT_EQ(result.results[2].applied, 6u);
  }
  // One form waits for the next.
  const std::string two = "<form id=a>" + hole + "</form><form id=b><p class=y>old</p>" + card + "</form>";
  const Rewritten result = edit_form(two, wishes);
  EXPECT_EQ(result.results[0].reason, Skip::none);
  EXPECT_EQ(result.results[1].reason, Skip::payment);
}

TEST(Payment, WhatComesTooLateDecidesNothing) {
  RewriterOptions options;
  options.max_held_element = 200;
  const std::string far(300, '.');
  const auto why = [&](const std::string& page) { return edit_form(page, {{"#x"}}, options).results[0].reason; };
  EXPECT_EQ(why("<form>" + hole + "</form>" + far), Skip::none);
  EXPECT_EQ(why("<form>" + hole + far + "</form>"), Skip::held_too_long);
  EXPECT_EQ(why("<form>" + hole + far + card + "</form>"), Skip::held_too_long);
  EXPECT_EQ(why("<form>" + card + far + hole + far + "</form>"), Skip::payment);
  EXPECT_EQ(why("<form id=f>" + hole + "</form>" + far + "<input form=f autocomplete=cc-csc>"), Skip::none);
  EXPECT_EQ(why("<form id=f>" + hole + "</form>" + far.substr(150) + "<input form=f autocomplete=cc-csc>"),
            Skip::payment);
  // A longer element is left out before its end is seen.
  EXPECT_EQ(why("<div id=x>" + far + card + "</div>"), Skip::none);
  EXPECT_EQ(why("<div id=x>" + card + far + "</div>"), Skip::payment);
}

TEST(Payment, TagsThatAreTooLongWaitToo) {
  const std::string value(40'000, 'v'), too_long(400'000, 'v');
  for (const char* tag : {"form", "p"}) {
    for (const bool payment : {false, true}) {
      const auto page = [&](const std::string& attribute) {
        return std::string("<form><b>a</b>").substr(0, tag[0] == 'p' ? 14 : 0) + "<" + tag + " id=x data-x='" +
               attribute + "'>old</" + tag + "><b>b</b>" + (payment ? card : "") + "</form>";
      };
      const Skip expected = payment && tag[0] == 'p' ? Skip::payment : Skip::none;
      EXPECT_EQ(why_not(page(value), {"#x"}), expected);
      EXPECT_EQ(why_not(page(value), {"#x", Operation::set_attribute}), expected);
      EXPECT_EQ(why_not(page(too_long), {"#x"}), Skip::held_too_long);
    }
  }
  EXPECT_EQ(why_not("<form id=x data-x='" + value + "'>" + card + "</form>", {"#x", Operation::append}), Skip::payment);
  EXPECT_EQ(why_not("<form><p id=x data-x='" + value, {"#x", Operation::append}), Skip::truncated);
  // One after the other.
  const std::string two = "<form><p id=x data-x='" + value + "'>a</p><p id=y data-x='" + value + "'>b</p></form>";
  const Rewritten result = edit_form(two, {{"#x"}, {"#y", Operation::after}});
  EXPECT_EQ(result.results[0].applied, 1u);
  EXPECT_EQ(result.results[1].applied, 1u);
}

TEST(Payment, AllFormsCountWhereVeryManyAreNamed) {
  std::string page;
  for (int i = 0; i < 300; ++i) page += "<input form=f" + std::to_string(i) + " autocomplete=cc-number>";
  EXPECT_EQ(why_not(page + "<form id=f299>" + hole + "</form>", {"#x"}), Skip::payment);
}

}  // namespace
}  // namespace personalize::html
