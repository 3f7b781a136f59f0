#include "rules/templates/choose_escape.h"

namespace personalize::rules::templates {
namespace {

tl::expected<Escape, std::string> in_value(const HtmlState& html) {
  if (!html.quote()) return tl::unexpected("put quotes around the value of " + in_quotes(html.attribute_name()));
  const bool at_start = html.url().part() == UrlState::Part::start;
  switch (html.attribute()) {
    case AttributeKind::text: return Escape::attribute;
    case AttributeKind::url: return at_start ? Escape::url_attribute : Escape::url_part;
    case AttributeKind::resource:
      if (html.url().part() == UrlState::Part::settled) return Escape::url_part;
      return tl::unexpected(in_quotes(html.attribute_name()) + " of <" + html.element() +
                            "> must begin with an address of your own, such as / or https://");
    case AttributeKind::forbidden: break;
  }
  return tl::unexpected("no value can be put into " + in_quotes(html.attribute_name()) + " of <" + html.element() +
                        ">: it could run as script or load what is not yours");
}

tl::expected<Escape, std::string> in_html(const Node& node, const HtmlState& html) {
  switch (html.place()) {
    case HtmlState::Place::rcdata: return Escape::attribute;
    case HtmlState::Place::value: return in_value(html);
    case HtmlState::Place::before_value:
      return tl::unexpected("put quotes around the value of " + in_quotes(html.attribute_name()));
    case HtmlState::Place::raw_text:
      if (html.element() == "script" && !node.filters.empty() && node.filters.back().name == "json" &&
          !html.script().refusal())
        return Escape::json;
      [[fallthrough]];
    default: return tl::unexpected("no value can be put " + html.describe());
  }
}

}  // namespace

tl::expected<Escape, std::string> choose_escape(Target target, const Node& node, const HtmlState& html,
                                                const UrlState& url) {
  switch (target) {
    case Target::plain: return Escape::none;
    case Target::url:
      if (node.raw) break;
      return url.part() == UrlState::Part::start ? Escape::url : Escape::url_part;
    case Target::html:
    case Target::attribute:
      if (html.place() == HtmlState::Place::text) return node.raw ? Escape::none : Escape::text;
      if (!node.raw) return in_html(node, html);
  }
  return tl::unexpected("unescaped values are only allowed between tags; write {{" + std::string(node.text) + "}}");
}

}  // namespace personalize::rules::templates
