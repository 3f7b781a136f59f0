#include "tests/unit/html/selectors/matched_page.h"

#include <algorithm>
#include <unordered_map>
#include <utility>

#include "html/tokens/attributes.h"

namespace personalize::html::testing {
namespace {

struct Walk {
  std::vector<std::pair<std::string, std::uint32_t>> names;             // with the ticket they wait for, 0 if none
  std::unordered_map<std::uint32_t, std::vector<std::size_t>> waiting;  // by ticket: positions in names
  std::size_t opened = 0;
  std::size_t max_waiting = 0;

  void add(const std::string& name, std::uint32_t ticket) {
    if (ticket != 0 && ticket != undecidable) waiting[ticket].push_back(names.size());
    names.emplace_back(name, ticket);
    max_waiting = std::max(max_waiting, waiting.size());
  }
  void resolve(Matcher& matcher) {
    for (const Resolved& resolved : matcher.resolved()) {
      for (const std::size_t i : waiting[resolved.ticket]) names[i].second = resolved.matches ? 0 : undecidable;
      waiting.erase(resolved.ticket);
    }
    matcher.forget_resolved();
  }
  std::string matched() const {
    std::string result;
    for (const auto& [name, ticket] : names) {
      if (ticket == undecidable) continue;
      if (!result.empty()) result += ' ';
      result += ticket == 0 ? name : name + '?';
    }
    return result;
  }
};

struct Frame {
  std::uint32_t children = 0;
  Namespace name_space = Namespace::html;
};

Walk walk(const Selectors& selectors, std::string_view page) {
  Walk walk;
  Matcher matcher(selectors.index());
  std::vector<Frame> stack(1);  // the document
  const auto close = [&](std::size_t depth) {
    if (static_cast<std::int32_t>(depth) <= matcher.watch_depth()) matcher.close(static_cast<std::uint32_t>(depth));
  };
  std::size_t behind = page.size();  // of the previous tag
  for (std::size_t at = page.find('<'); at < page.size(); at = page.find('<', at)) {
    const std::size_t end = page.find('>', at);
    const bool text = at > behind;
    behind = end + 1;
    if (text && matcher.wants_text() && stack.size() > 1) matcher.text(static_cast<std::uint32_t>(stack.size() - 2));
    std::string_view tag = page.substr(at + 1, end - at - 1);
    at = end;
    if (tag[0] == '/') {
      stack.pop_back();
      close(stack.size() - 1);
      walk.resolve(matcher);
      continue;
    }
    const bool empty = tag.back() == '/';
    if (empty) tag.remove_suffix(1);
    const std::string_view name = tag.substr(0, tag.find_first_of(" \n"));
    std::vector<RawAttribute> attributes;
    AttributeCursor cursor(tag.substr(name.size()));
    for (AttributePlace place; cursor.next(place);) attributes.push_back(place.attribute);
    Frame frame{0, name == "svg" ? Namespace::svg : stack.back().name_space};
    OpenedElement element{name,
                          tag_key(name),
                          frame.name_space,
                          attributes,
                          static_cast<std::uint32_t>(stack.size() - 1),
                          ++stack.back().children};
    const Prefilter& prefilter = matcher.prefilter();
    bool passes = prefilter.everything() || matcher.wants_everything() || prefilter.tag(element.key);
    for (const RawAttribute& attribute : attributes) {
      passes |= prefilter.attributes() && prefilter.attribute(attribute.name, attribute.value);
    }
    if (passes) {
      ++walk.opened;
      std::string name;
      for (const RawAttribute& attribute : attributes) {
        if (attribute.name == "n") name = attribute.value;
      }
      const std::span<const Match> matches = matcher.open(element);
      // Tickets decided by this call belong to earlier elements.
      walk.resolve(matcher);
      for (const Match match : matches) walk.add(name, match.ticket);
    }
    if (empty)
      close(stack.size() - 1);
    else
      stack.push_back(frame);
  }
  matcher.close(0);
  walk.resolve(matcher);
  return walk;
}

}  // namespace

std::string matched(std::string_view selector, std::string_view page) {
  Selectors selectors;
  if (const auto error = selectors.add(selector)) {
    return "error at " + std::to_string(error->offset) + ": " + error->message;
  }
  return walk(selectors, page).matched();
}

std::size_t opened(const std::vector<std::string>& list, std::string_view page) {
  Selectors selectors;
  for (const std::string& selector : list) {
    if (selectors.add(selector)) return 0;
  }
  return walk(selectors, page).opened;
}

std::size_t max_waiting(std::string_view selector, std::string_view page) {
  Selectors selectors;
  if (selectors.add(selector)) return 0;
  return walk(selectors, page).max_waiting;
}

}  // namespace personalize::html::testing
