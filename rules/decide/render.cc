// From the rules that won to edits of the page.
#include <algorithm>
#include <cassert>
#include <optional>
#include <utility>

#include "rules/compiled.h"
#include "rules/content.h"

namespace personalize::rules {
namespace {

/// Children in the order of an attribute that is a list.
class AttributeOrder : public html::ChildOrder {
 public:
  explicit AttributeOrder(std::span<const Value> values) : values_(values.first(std::min(values.size(), max_values))) {}

  std::int64_t key(std::string_view value) const override {
    const auto found = std::find_if(values_.begin(), values_.end(),
                                    [&](const Value& v) { return v.is(Kind::string) && v.text() == value; });
    return found - values_.begin();
  }
  void describe(std::string& text) const override {
    for (const Value& value : values_) describe_next(value.is(Kind::string) ? value.text() : std::string_view(), text);
  }

 private:
  static constexpr std::size_t max_values = 256;
  std::span<const Value> values_;
};

/// The order that the action wants, or null if it is not known.
const html::ChildOrder* order_of(const Action& action, const Context& context, Arena& arena) {
  if (action.order) return action.order.get();
  const Value& value = context[*action.order_by];
  if (!value.is(Kind::list)) return nullptr;
  // Never destroyed: it owns nothing, its memory is the arena's.
  return std::pmr::polymorphic_allocator<>(&arena).new_object<AttributeOrder>(value.as_list());
}

/// Of an action that is the same for every visitor.
html::EditForm form_of(const Action& action) { return {reinterpret_cast<std::uintptr_t>(&action)}; }

/// Sets what the action says. False if impossible: an order is not known, or the template gave nothing usable.
bool fill_in(const Action& action, const Context& context, Arena& arena, html::Edit& edit) {
  edit.operation = action.operation;
  edit.name = action.name;
  if (action.operation == html::Operation::reorder && !(edit.order = order_of(action, context, arena))) return false;
  if (!action.text) {
    if (!action.order_by) edit.form = form_of(action);
    return true;
  }
  const bool is_content = html::traits_of(edit.operation).takes_content;
  std::string_view text;
  if (const auto constant = action.text->constant()) {
    text = *constant;
    edit.constant = true;
    edit.form = is_content ? action.text->form() : form_of(action);
  } else {
    // The string's memory stays: the arena's lifetime is the edits'.
    auto* rendered = std::pmr::polymorphic_allocator<>(&arena).new_object<std::pmr::string>();
    if (!action.text->render(context, *rendered, is_content ? &edit.form : nullptr)) return false;
    text = *rendered;
  }
  (is_content ? edit.content : edit.value) = text;
  return true;
}

}  // namespace

Context RuleSet::Impl::with_content(const Value& content, const Context& context, Arena& arena) const {
  Context seen(content_schema, arena);
  assert(context.size() == schema.size() && seen.size() == schema.size() + 1);
  seen.set_shop_offers_languages(context.shop_offers_languages());
  for (AttributeId id = 0; id < schema.size(); ++id) seen.set(id, context[id]);
  seen.set(static_cast<AttributeId>(schema.size()), content);
  return seen;
}

std::pmr::vector<html::Edit> RuleSet::render(const Decisions& decisions, const Context& context, Arena& arena,
                                             std::span<const Value> contents) const {
  std::pmr::vector<html::Edit> edits(&arena);
  edits.reserve(decisions.size() * 2);
  for (std::size_t i = 0; i < decisions.size(); ++i) {
    const Decision& decision = decisions[i];
    assert(decision.rule < impl_->rules.size());
    const Rule& rule = impl_->rules[decision.rule];
    const bool scripted = rule.script && rule.script->rules()[rule.script_rule].has_content;
    std::optional<Context> own;
    if (scripted || rule.content) {
      const Value content = scripted              ? rule.script->content(rule.script_rule, context, arena)
                            : i < contents.size() ? contents[i]
                                                  : Value();
      if (content.missing() || !fit_for_templates(content)) continue;
      if (scripted && rule.script->rules()[rule.script_rule].shows_content && !has_text(content)) continue;
      own.emplace(impl_->with_content(content, context, arena));
    }
    for (const Action& action : rule.actions) {
      html::Edit& edit = edits.emplace_back();
      edit.slot = decision.slot;
      if (!fill_in(action, own ? *own : context, arena, edit)) edits.pop_back();
    }
  }
  return edits;
}

}  // namespace personalize::rules
