// Any template, any values: where it may be used, no value gets out of its place. The page's structure (tags, names of
// attributes, comments, schemes of addresses) is the same with hostile values as with harmless ones.
//
// The first byte says where the template lands: `a` attribute, `u` address, `p` plain text, else between tags. What
// follows a line `#value` is the value.
#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <memory_resource>
#include <string>
#include <string_view>

#include "html/rewriter.h"
#include "html/tokens/attributes.h"
#include "html/tokens/entities.h"
#include "html/tokens/tokenizer.h"
#include "html/tree/extents.h"
#include "rules/templates/html_state.h"
#include "rules/templates/template.h"
#include "rules/templates/url_state.h"

namespace {

using namespace personalize;
using rules::Value;
using rules::templates::Target;
using rules::templates::Template;

[[noreturn]] void fail(const char* what, std::string_view one, std::string_view other = {}) {
  std::fprintf(stderr, "%s\n%.*s\n%.*s\n", what, static_cast<int>(one.size()), one.data(),
               static_cast<int>(other.size()), other.data());
  std::abort();
}

/// What a value may not change about a page.
class Structure {
 public:
  explicit Structure(std::string_view page) {
    const char* p = page.data();
    const char* const end = p + page.size();
    while (p != end) {
      const char* const begin = p;
      const html::Token token = tokenizer_.next(p, end);
      take(token, {begin, static_cast<std::size_t>(p - begin)});
    }
    text_ += static_cast<char>('0' + static_cast<int>(tokenizer_.end()));
  }
  const std::string& text() const { return text_; }

 private:
  void take(const html::Token& token, std::string_view bytes) {
    using html::TokenKind;
    switch (token.kind) {
      case TokenKind::text: return;
      case TokenKind::start_tag: return start_tag(token, bytes);
      case TokenKind::end_tag:
        if (is_foreign(token.name.id) && depth_ != 0) --depth_;
        text_ += '/';
        [[fallthrough]];
      default: text_ += std::to_string(static_cast<int>(token.kind)) + (token.last ? " " : "+");
    }
  }

  void start_tag(const html::Token& token, std::string_view bytes) {
    const std::size_t begin = html::attributes_begin(bytes);
    const std::string_view name = bytes.substr(1, begin - 1);
    text_.append("<").append(name);
    html::AttributeCursor cursor(bytes.substr(begin));
    for (html::AttributePlace place; cursor.next(place);) attribute(name, place);
    text_ += '>';
    if (is_foreign(token.name.id)) {
      depth_ += token.self_closing ? 0 : 1;
    } else if (depth_ == 0) {
      enter(token.name.id);
    }
  }

  static bool is_foreign(html::TagId id) { return id == html::TagId::svg || id == html::TagId::math; }

  void attribute(std::string_view tag, const html::AttributePlace& place) {
    using rules::templates::AttributeKind;
    text_.append(" ").append(place.attribute.name);
    const AttributeKind kind = rules::templates::attribute_kind(tag, place.attribute.name);
    std::string scratch;
    const std::string_view value = html::decode_attribute(place.attribute.value, scratch);
    // Where script or the site's own addresses stand, all of it is the template's.
    if (kind == AttributeKind::forbidden) text_.append("=").append(value);
    if (kind != AttributeKind::url && kind != AttributeKind::resource) return;
    const std::string scheme = rules::templates::scheme_of(value);
    if (!scheme.empty() && !rules::templates::allowed_scheme(scheme)) text_ += "=!";
  }

  void enter(html::TagId id) {
    using html::TagId, html::TextMode;
    switch (id) {
      case TagId::title:
      case TagId::textarea: return tokenizer_.enter_text(TextMode::rcdata, id);
      case TagId::script: return tokenizer_.enter_text(TextMode::script, id);
      case TagId::plaintext: return tokenizer_.enter_text(TextMode::plaintext, id);
      case TagId::style:
      case TagId::xmp:
      case TagId::iframe:
      case TagId::noembed:
      case TagId::noframes:
      case TagId::noscript: return tokenizer_.enter_text(TextMode::rawtext, id);
      default: return;
    }
  }

  html::Tokenizer tokenizer_;
  int depth_ = 0;  // of SVG and MathML, where elements like style contain markup
  std::string text_;
};

struct World {
  World() {
    for (const auto& [name, type] : {std::pair{"s", "string"},
                                     {"t", "string"},
                                     {"l", "list<string>"},
                                     {"m", "map<string, string>"},
                                     {"d", "dyn"},
                                     {"n", "int"},
                                     {"b", "bool"},
                                     {"h", "html"},
                                     {"z", "string"}})
      schema.add(name, *rules::parse_type(type));
  }
  rules::Schema schema;
};

/// The result with `value` in all places, or nothing.
bool render(const World& world, const Template& text, std::string_view value, std::string& out) {
  std::pmr::monotonic_buffer_resource arena;
  rules::Context context(world.schema, arena);
  const auto set = [&](std::string_view name, Value v) { context.set(*world.schema.find(name), v); };
  const Value list[] = {Value::string(value), Value::string("x")};
  const rules::MapEntry map[] = {{Value::string("k"), Value::string(value)}, {Value::string("i"), Value::list(list)}};
  set("s", Value::string(value));
  set("t", Value::string(value));
  set("l", Value::list(list));
  set("m", Value::map(map));
  set("d", Value::map(map));
  set("n", Value::int64(7));
  set("b", Value::boolean(true));
  set("h", Value::string("<i class=\"h\">ok</i>"));
  std::pmr::string rendered(&arena);
  if (!text.render(context, rendered)) return false;
  out = rendered;
  return true;
}

void compare(Target target, const std::string& harmless, const std::string& hostile) {
  switch (target) {
    case Target::plain: return;
    case Target::url: {
      const std::string scheme = rules::templates::scheme_of(hostile);
      if (!scheme.empty() && !rules::templates::allowed_scheme(scheme))
        fail("a scheme that is not allowed", harmless, hostile);
      return;
    }
    case Target::attribute:
    case Target::html: {
      const auto page = [&](const std::string& text) {
        return target == Target::html ? "<p>" + text + "</p>" : "<p title=\"" + text + "\"></p>";
      };
      if (Structure(page(harmless)).text() != Structure(page(hostile)).text())
        fail("a value got out", page(harmless), page(hostile));
      if (target == Target::html && html::check_content(hostile)) fail("cannot be inserted", harmless, hostile);
    }
  }
}

Target target_of(std::uint8_t byte) {
  switch (byte) {
    case 'a': return Target::attribute;
    case 'u': return Target::url;
    case 'p': return Target::plain;
    default: return Target::html;
  }
}

constexpr std::string_view hostile_values[] = {"\"'><script>alert(1)</script><!--",
                                               " onload=alert(1) x=",
                                               "javascript:alert(1)",
                                               "//evil.example/",
                                               ":",
                                               "-->",
                                               "</title></textarea></script>",
                                               "lt;script",
                                               "#58;",
                                               "Tab;",
                                               "`",
                                               "\\",
                                               "/",
                                               "=x"};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static const World world;
  if (size == 0) return 0;
  const Target target = target_of(data[0]);
  std::string_view source(reinterpret_cast<const char*>(data) + 1, size - 1), value = hostile_values[0];
  constexpr std::string_view separator = "\n#value\n";
  if (const auto at = source.find(separator); at != std::string_view::npos) {
    value = source.substr(at + separator.size());
    source = source.substr(0, at);
  }
  std::size_t partial_bytes = 64 * 1024;
  rules::templates::Environment environment{.schema = &world.schema, .partial_bytes = &partial_bytes};
  environment.partial = [&](std::string_view name) -> std::optional<std::string_view> {
    if (name == "text") return "<b>{{s}}</b>";
    if (name == "value") return "{{s}}";
    if (name == "attribute") return " title=\"{{s}}\"";
    if (name == "self") return source;
    return std::nullopt;
  };
  std::vector<rules::templates::Error> errors;
  const auto text = Template::compile(source, target, environment, errors);
  if (!text != !errors.empty()) fail("neither compiled nor refused, or both", source);
  for (const auto& error : errors)
    if (error.offset > source.size() && error.partial.empty()) fail("a mistake behind the template", source);
  if (!text) return 0;
  std::string harmless, hostile;
  if (!render(world, *text, "x", harmless)) return 0;
  if (!value.empty() && render(world, *text, value, hostile)) compare(target, harmless, hostile);
  for (std::string_view bad : hostile_values)
    if (render(world, *text, bad, hostile)) compare(target, harmless, hostile);
  return 0;
}
