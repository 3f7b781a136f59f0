// Slots in pages of the shop: selectors that match nothing, and elements that a framework in the browser writes over.
#include <algorithm>
#include <optional>

#include "html/tree/extents.h"
#include "rules/lint/findings.h"
#include "rules/lint/hidden.h"
#include "rules/lint/places.h"
#include "rules/lint/reach.h"

namespace personalize::rules {
namespace {

using html::Extent;

/// Elements that a framework takes over in the browser, with everything in them.
struct Framework {
  std::string_view name;
  std::string_view root;  ///< a selector
};
constexpr Framework frameworks[] = {
    {"Next.js", "#__next"},
    {"Nuxt", "#__nuxt"},
    {"Gatsby", "#___gatsby"},
    {"React", "[data-reactroot]"},
    {"Vue", "[data-server-rendered], [data-v-app]"},
    {"Angular", "[ng-version]"},
    {"Svelte", "[data-svelte-h]"},
    {"Astro", "astro-island"},
    {"Solid", "[data-hk]"},
};
/// What scripts contain in pages where the framework takes over the whole document.
constexpr Framework whole_page[] = {{"Next.js", "self.__next_f.push("},
                                    {"Remix", "window.__remixContext"},
                                    {"React Router", "window.__reactRouterContext"}};
constexpr std::string_view svelte_script = "__sveltekit_";  // it starts in its parent element

struct Root {
  std::string framework;
  std::size_t start, end;
};

std::vector<Extent> extents_of(std::string_view page) {
  html::ExtentRecorder recorder;
  recorder.write(page);
  recorder.end();
  return recorder.elements();
}

const Extent* element_at(const std::vector<Extent>& elements, std::size_t start) {
  const auto found = std::find_if(elements.begin(), elements.end(), [&](const Extent& e) { return e.start == start; });
  return found == elements.end() ? nullptr : &*found;
}

/// The parent of the script at a place, if that is within the body.
std::optional<Root> parent_of_script(const std::vector<Extent>& elements, std::size_t place) {
  const Extent* script = nullptr;
  const Extent* parent = nullptr;
  for (const Extent& element : elements) {
    if (element.name == "script" && element.start < place && place < element.end) script = &element;
  }
  if (!script) return std::nullopt;
  for (const Extent& element : elements)
    if (element.start < script->start && script->end <= element.end && element.name != "body" &&
        element.name != "html" && (!parent || element.start > parent->start))
      parent = &element;
  if (!parent) return std::nullopt;
  return Root{"Svelte", parent->start, parent->end};
}

std::vector<Root> roots_of(std::string_view page, const std::vector<Extent>& elements) {
  std::vector<Root> roots;
  for (const Framework& framework : whole_page)
    if (page.find(framework.root) != page.npos) roots.push_back({std::string(framework.name), 0, page.size()});
  if (const std::size_t place = page.find(svelte_script); place != page.npos)
    if (auto root = parent_of_script(elements, place)) roots.push_back(std::move(*root));
  html::Selectors selectors;
  for (const Framework& framework : frameworks) {
    selectors.add(framework.root);
    selectors.allow_payment();
  }
  const Places places(selectors, page);
  for (html::SlotId i = 0; i < selectors.size(); ++i)
    for (std::size_t start : places.starts(i))
      if (const Extent* element = element_at(elements, start))
        roots.push_back({std::string(frameworks[i].name), element->start, element->end});
  return roots;
}

/// Whether edits of the slot's element change what the element contains, or take it away.
bool changes_inside(const RuleSet::Impl& set, const Slot& slot) {
  const auto inside = [](const Action& action) { return html::traits_of(action.operation).changes_content(); };
  return std::any_of(slot.candidates.begin(), slot.candidates.end(), [&](RuleId id) {
    return std::any_of(set.rules[id].actions.begin(), set.rules[id].actions.end(), inside);
  });
}

class PageLints {
 public:
  PageLints(const RuleSet::Impl& set, const load::Sources& sources, Diagnostics& found)
      : set_(set),
        sources_(sources),
        found_(found),
        missed_(set.slots.size()),
        hints_(set.slots.size()),
        seen_(set.slots.size()) {}

  void check(const Page& page) {
    const Places places(set_.selectors, page.html);
    const std::vector<Extent> elements = extents_of(page.html);
    const std::vector<Root> roots = roots_of(page.html, elements);
    for (const auto& [name, definition] : sources_.slots) {
      const Slot& slot = set_.slots[definition.number];
      if (!page.path.empty() && !slot.pages.match(page.path)) continue;
      if (!places.nothing(definition.number)) {
        seen_[definition.number] = true;
        check_reach(definition, slot, page);
        check_text(definition, slot, page, places, elements);
        check_roots(definition, slot, page, places, elements, roots);
      } else if (!page.path.empty() && !slot.pages.included().empty()) {
        report_nothing(definition, page.name, hint(slot, page));  // the slot says that it is on this page
      } else {
        auto& pages = missed_[definition.number];
        pages += (pages.empty() ? "" : ", ") + std::string(page.name);
        if (hints_[definition.number].empty()) hints_[definition.number] = hint(slot, page);
      }
    }
  }

  /// After the last page: a slot may be on any of them, but must be on one.
  void finish() {
    for (const auto& [name, definition] : sources_.slots)
      if (!seen_[definition.number] && !missed_[definition.number].empty())
        report_nothing(definition, missed_[definition.number], hints_[definition.number]);
  }

 private:
  void check_roots(const load::Definition& definition, const Slot& slot, const Page& page, const Places& places,
                   const std::vector<Extent>& elements, const std::vector<Root>& roots) {
    for (std::size_t start : places.starts(definition.number)) {
      const Extent* element = element_at(elements, start);
      if (!element) continue;
      const auto within = [&](const Root& root) {
        if (element->start == root.start && element->end == root.end) return changes_inside(set_, slot);
        return root.start <= element->start && element->end <= root.end;
      };
      const auto root = std::find_if(roots.begin(), roots.end(), within);
      if (root == roots.end()) continue;
      const auto line = 1 + std::count(page.html.begin(), page.html.begin() + static_cast<std::ptrdiff_t>(start), '\n');
      return add(definition, "slot " + load::in_quotes(slot.name) + " is in a part of " + std::string(page.name) +
                                 " (line " + std::to_string(line) + ") that " + root->framework +
                                 " takes over in the browser: what is edited there is thrown away or makes hydration "
                                 "fail; choose an element outside of it, or let the app show it");
    }
  }

  /// Titles and textareas contain text only. (Those of SVG do not.)
  void check_text(const load::Definition& definition, const Slot& slot, const Page& page, const Places& places,
                  const std::vector<Extent>& elements) {
    const auto writes = [&](RuleId rule) { return std::ranges::any_of(set_.rules[rule].actions, writes_tags); };
    if (std::ranges::none_of(slot.candidates, writes)) return;
    for (std::size_t start : places.starts(definition.number)) {
      const Extent* element = element_at(elements, start);
      if (!element || (element->name != "title" && element->name != "textarea")) continue;
      const bool foreign = std::ranges::any_of(elements, [&](const Extent& around) {
        return (around.name == "svg" || around.name == "math") && around.start < start && start < around.end;
      });
      if (foreign) continue;
      return add(definition, load::in_quotes(slot.selector) + " matches a `<" + element->name + ">` in " +
                                 std::string(page.name) +
                                 ", where tags show as they are written: leave them out of the content");
    }
  }

  /// Elements that the rewriter would leave alone, whatever one of the slot's rules says.
  void check_reach(const load::Definition& definition, const Slot& slot, const Page& page) {
    const auto unreached = find_unreached(set_, definition.number, page.html);
    if (!unreached) return;
    const auto& [result, action] = *unreached;
    add(definition, load::in_quotes(slot.selector) + " matches " + std::to_string(result.matches) +
                        (result.matches == 1 ? " element" : " elements") + " in " + std::string(page.name) +
                        ", of which " + std::to_string(result.matches - result.applied) + " cannot be edited with `" +
                        std::string(html::to_string(action->operation)) +
                        "`: " + reason(result.reason, *action, page.html));
  }

  static std::string reason(html::Skip skip, const Action& action, std::string_view page) {
    switch (skip) {
      case html::Skip::no_tag: return "it has no tag of its own" + where_body_begins(page) + "; `append` is possible";
      case html::Skip::unsafe_region: return "the HTML around it is read differently by different parsers; correct it";
      case html::Skip::raw_text: return "it stands where markup has no meaning";
      case html::Skip::foreign: return "it is part of SVG or MathML, which HTML content would end";
      case html::Skip::held_too_long: return "what has to be read before it is decided is too long";
      case html::Skip::encoding: return "the page's encoding cannot be rewritten";
      case html::Skip::too_deep: return "it is nested too deeply";
      case html::Skip::no_key: return "no child of it has the attribute `" + action.name + "`";
      case html::Skip::void_element: return "it can have no content";
      case html::Skip::payment:
        return "it belongs to a form with fields for payment cards (`autocomplete=\"cc-…\"`), or contains one; if that "
               "is meant, add `allow_payment: true` to the slot";
      case html::Skip::truncated: return "the page ends before it does";
      default: return std::string(html::to_string(skip));
    }
  }

  static std::string where_body_begins(std::string_view page) {
    html::ExtentRecorder recorder;
    recorder.write(page);
    recorder.end();
    std::size_t at = recorder.implied_body();
    if (at >= page.size()) return {};
    while (at + 1 < page.size() && std::string_view(" \t\r\n\f").find(page[at]) != std::string_view::npos) ++at;
    const auto line = 1 + std::count(page.begin(), page.begin() + static_cast<std::ptrdiff_t>(at), '\n');
    return ": what stands in line " + std::to_string(line) +
           " cannot be in the head and begins the body, whatever tag comes later";
  }

  /// Where the slot's selector would match if that was part of the page.
  static std::string hint(const Slot& slot, const Page& page) {
    const auto hidden = hidden_match(slot.selector, page.html);
    return hidden ? "; " + *hidden : std::string();
  }

  void report_nothing(const load::Definition& definition, std::string_view pages, const std::string& hint) {
    add(definition,
        load::in_quotes(set_.slots[definition.number].selector) + " matches nothing in " + std::string(pages) + hint);
  }

  void add(const load::Definition& definition, std::string message) {
    found_.push_back(definition.document->at(*definition.value, std::move(message), Diagnostic::Severity::warning));
  }

  const RuleSet::Impl& set_;
  const load::Sources& sources_;
  Diagnostics& found_;
  std::vector<std::string> missed_;  // by slot: pages without the element …
  std::vector<std::string> hints_;   // … and where it would be
  std::vector<bool> seen_;           // by slot: some page has it
};

}  // namespace

Diagnostics lint_pages(const RuleSet& set, const load::Sources& sources, std::span<const Page> pages) {
  Diagnostics found;
  PageLints lints(set.impl(), sources, found);
  for (const Page& page : pages) lints.check(page);
  lints.finish();
  sources.sort(found);
  return found;
}

}  // namespace personalize::rules
