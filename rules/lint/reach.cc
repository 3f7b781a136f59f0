#include "rules/lint/reach.h"

#include <set>
#include <tuple>
#include <vector>

#include "html/lookahead_rewriter.h"
#include "html/rewriter.h"

namespace personalize::rules {
namespace {

/// For orders that depend on the visitor.
class AnyOrder final : public html::ChildOrder {
 public:
  std::int64_t key(std::string_view) const override { return 0; }
  void describe(std::string&) const override {}
};

/// What the action's template may give, if that is not nothing.
std::vector<std::string> samples(const Action& action) {
  if (action.text == nullptr) return {{}};
  if (const auto constant = action.text->constant()) return {std::string(*constant)};
  std::vector<std::string> texts = {action.text->sample(true), action.text->sample(false)};
  if (texts[0] == texts[1] || texts[1].empty()) texts.pop_back();
  if (texts.size() == 2 && texts[0].empty()) texts.erase(texts.begin());
  return texts;
}

/// What becomes of one action when nothing else is done to the page.
html::EditResult try_action(const RuleSet::Impl& set, SlotId slot, const Action& action, const std::string& text,
                            std::string_view page) {
  static const AnyOrder any_order;
  html::Edit edit{.slot = slot, .operation = action.operation, .name = action.name};
  (html::traits_of(action.operation).takes_content ? edit.content : edit.value) = text;
  if (action.operation == html::Operation::reorder)
    edit.order = action.order ? static_cast<const html::ChildOrder*>(action.order.get()) : &any_order;
  html::NullSink nowhere;
  html::Rewriter rewriter(set.selectors, {&edit, 1}, nowhere);
  rewriter.write(page);
  rewriter.end();
  return rewriter.results()[0];
}

}  // namespace

std::optional<Unreached> find_unreached(const RuleSet::Impl& set, SlotId slot, std::string_view page) {
  std::set<std::tuple<html::Operation, std::string, std::string>> done;
  for (RuleId rule : set.slots[slot].candidates) {
    for (const Action& action : set.rules[rule].actions) {
      std::optional<html::EditResult> refused;
      bool fits = false;
      for (const std::string& text : samples(action)) {
        if (!done.emplace(action.operation, action.name, text).second) fits = true;  // as it did before
        if (fits) break;
        const html::EditResult result = try_action(set, slot, action, text, page);
        fits = result.applied == result.matches;
        if (!refused) refused = result;
      }
      if (!fits) return Unreached{*refused, &action};
    }
  }
  return std::nullopt;
}

bool writes_tags(const Action& action) {
  if (!html::traits_of(action.operation).takes_content || !html::traits_of(action.operation).in_element) return false;
  for (const std::string& text : samples(action)) {
    if (text.find('<') != std::string::npos) return true;
  }
  return false;
}

}  // namespace personalize::rules
