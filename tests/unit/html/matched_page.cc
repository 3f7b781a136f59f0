#include "tests/unit/html/matched_page.h"

#include "html/attributes.h"

namespace personalize::html::testing {
namespace {

struct Walk {
  std::string names;
  std::size_t opened = 0;
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
  for (std::size_t at = page.find('<'); at < page.size(); at = page.find('<', at)) {
    const std::size_t end = page.find('>', at);
    std::string_view tag = page.substr(at + 1, end - at - 1);
    at = end;
    if (tag[0] == '/') {
      stack.pop_back();
      close(stack.size() - 1);
      continue;
    }
    const bool empty = tag.back() == '/';
    if (empty) tag.remove_suffix(1);
    const std::string_view name = tag.substr(0, tag.find_first_of(" \n"));
    std::vector<RawAttribute> attributes;
    AttributeCursor cursor(tag.substr(name.size()));
    for (AttributePlace place; cursor.next(place);) attributes.push_back(place.attribute);
    Frame frame{0, name == "svg" ? Namespace::svg : stack.back().name_space};
    OpenedElement element{name,       tag_key(name), frame.name_space, attributes, static_cast<std::uint32_t>(stack.size() - 1),
                          ++stack.back().children};
    const Gate& gate = matcher.gate();
    bool passes = gate.everything() || matcher.wants_everything() || gate.tag(element.key);
    for (const RawAttribute& attribute : attributes) {
      passes |= gate.attributes() && gate.attribute(attribute.name, attribute.value);
    }
    if (passes) {
      ++walk.opened;
      if (!matcher.open(element).empty()) {
        if (!walk.names.empty()) walk.names += ' ';
        for (const RawAttribute& attribute : attributes) {
          if (attribute.name == "n") walk.names += attribute.value;
        }
      }
    }
    if (empty) close(stack.size() - 1);
    else stack.push_back(frame);
  }
  return walk;
}

}  // namespace

std::string matched(std::string_view selector, std::string_view page) {
  Selectors selectors;
  if (const auto error = selectors.add(selector)) {
    return "error at " + std::to_string(error->offset) + ": " + error->message;
  }
  return walk(selectors, page).names;
}

std::size_t opened(const std::vector<std::string>& list, std::string_view page) {
  Selectors selectors;
  for (const std::string& selector : list) {
    if (selectors.add(selector)) return 0;
  }
  return walk(selectors, page).opened;
}

}  // namespace personalize::html::testing
