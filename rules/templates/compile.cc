#include <algorithm>
#include <array>
#include <map>
#include <utility>

#include "html/elements.h"
#include "html/rewriter.h"
#include "rules/templates/choose_escape.h"
#include "rules/templates/html_state.h"
#include "rules/templates/name_resolver.h"
#include "rules/templates/program.h"
#include "rules/templates/sampler.h"
#include "rules/templates/template.h"

namespace personalize::rules::templates {
namespace {

constexpr std::size_t max_errors = 50;     // of one template
constexpr std::size_t max_routines = 256;  // partials, each for the places where it is used

/// Parsers depend on the value of this attribute: on `type` of an input in a table, and they count identical
/// formatting elements. (MathML's annotations with their `encoding` are not content.)
bool counts_for_parsers(const HtmlState& state) {
  if (state.place() != HtmlState::Place::value) return false;
  const html::TagId element = html::tag_name(state.element()).id;
  const bool is_counted = html::has_trait(element, html::trait_formatting) && element != html::TagId::a;
  return state.attribute_name() == "type" || is_counted;
}

/// Where a template is, for the three kinds of targets at once.
struct Place {
  HtmlState html;
  UrlState url;
};

class Compiler {
 public:
  Compiler(Program& program, const Environment& environment, std::vector<Error>& errors)
      : program_(program), environment_(environment), errors_(errors) {
    if (program.target == Target::attribute) place_.html = HtmlState::in_attribute();
  }

  void compile(std::string_view source) {
    const Place start = place_;
    const std::size_t errors_before = errors_.size();
    compile_routine(source, {});
    if (errors_.size() != errors_before || !is_html()) return;
    const bool left = program_.target == Target::attribute;
    if (left ? place_.html.key() == start.html.key() : place_.html.place() == HtmlState::Place::text) return;
    error(left ? source.size() : place_.html.since(),
          left ? "this ends the attribute" : "the template ends " + place_.html.describe());
  }

  std::vector<AttributeId> attributes() const { return names_.attributes(); }
  std::vector<KeyUse> keys() const { return names_.keys(); }

 private:
  bool is_html() const { return program_.target == Target::html || program_.target == Target::attribute; }
  bool is_typed() const { return environment_.schema != nullptr; }

  void error(std::size_t offset, std::string message) {
    if (++mistakes_ > max_errors) return;
    errors_.push_back({offset, std::move(message), std::string(partial_)});
  }

  /// Returns the new routine's number.
  std::size_t compile_routine(std::string_view source, std::string_view partial) {
    const std::size_t routine = program_.routines.size();
    program_.routines.emplace_back();
    const std::size_t outer_routine = std::exchange(routine_, routine);
    const std::string_view outer_partial = std::exchange(partial_, partial);
    std::vector<Error> errors;
    const std::vector<Node> nodes = parse(source, errors);
    for (Error& e : errors) error(e.offset, std::move(e.message));
    compile_nodes(nodes);
    routine_ = outer_routine;
    partial_ = outer_partial;
    return routine;
  }

  std::vector<Operation>& operations() { return program_.routines[routine_].operations; }

  void compile_nodes(const std::vector<Node>& nodes) {
    for (const Node& node : nodes) {
      switch (node.kind) {
        case Node::Kind::text: compile_text(node); break;
        case Node::Kind::line_start:
          if (!partial_.empty()) operations().push_back({Operation::Kind::line_start});
          break;
        case Node::Kind::variable: compile_variable(node); break;
        case Node::Kind::section:
        case Node::Kind::inverted: compile_section(node); break;
        case Node::Kind::partial: compile_partial(node); break;
      }
    }
  }

  void compile_text(const Node& node) {
    if (is_html()) {
      const auto before = place_.html.place();
      if (const char* refusal = place_.html.feed(node.text, node.offset))
        error(place_.html.refused_at(), refusal);
      else if (program_.target == Target::attribute && before == HtmlState::Place::value &&
               place_.html.place() != HtmlState::Place::value && !left_attribute_) {
        left_attribute_ = true;
        error(node.offset + node.text.find('"'), "a double quote would end the attribute here; write &quot;");
      }
    } else if (program_.target == Target::url) {
      for (std::size_t i = 0; i < node.text.size(); ++i)
        if (const char* refusal = place_.url.feed(node.text[i])) {
          error(node.offset + i, refusal);
          break;
        }
    }
    append_text(node.text);
  }

  void append_text(std::string_view text) {
    std::vector<Operation>& out = operations();
    const auto begin = static_cast<std::uint32_t>(program_.text.size());
    program_.text += text;
    if (!out.empty() && out.size() != barrier_ && out.back().kind == Operation::Kind::text &&
        out.back().first + out.back().second == begin) {
      out.back().second += static_cast<std::uint32_t>(text.size());
    } else {
      out.push_back(
          {Operation::Kind::text, Escape::none, false, false, begin, static_cast<std::uint32_t>(text.size())});
    }
  }

  /// Before any tag that puts something here. False if nothing may be put here.
  bool enter_tag(const Node& node) {
    if (!is_html() || place_.html.place() != HtmlState::Place::tag_open) return true;
    place_.html.feed_value();  // without types, what is put here is vouched for
    if (!is_typed()) return true;
    error(node.offset, "a tag's name cannot be put together here; if `<` is meant as text, write &lt;");
    return false;
  }

  void compile_variable(const Node& node) {
    if (!enter_tag(node)) return;
    const std::optional<std::size_t> name = resolve(node);
    const auto escape = choose_escape(program_.target, node, place_.html, place_.url);
    if (!escape) error(node.offset, escape.error());
    const bool counts = is_html() && counts_for_parsers(place_.html);
    const bool shown = is_html() ? place_is_shown() : environment_.read_by_people;
    if (is_html()) place_.html.feed_value();
    place_.url.feed_value();
    if (!name || !escape) return;
    if (node.raw && *escape == Escape::none && !may_be_raw(node, program_.names[*name])) return;
    if (node.raw && program_.target == Target::html) program_.check_result = is_typed();
    if (shown && names_.may_have_times(program_.names[*name])) {
      program_.writes_times = true;
      need_locale();
    }
    const std::optional<std::uint32_t> chain = compile_filters(node, names_.type_of(program_.names[*name]));
    if (!chain) return;
    operations().push_back({Operation::Kind::value, *escape, counts, shown, static_cast<std::uint32_t>(*name), *chain});
  }

  bool place_is_shown() const {
    switch (place_.html.place()) {
      case HtmlState::Place::text:
      case HtmlState::Place::rcdata: return true;
      case HtmlState::Place::value: return is_read_by_people(place_.html.attribute_name());
      default: return false;
    }
  }

  void need_locale() {
    program_.locale = names_.first_with({Role::locale});
    program_.language = names_.first_with({Role::language});
    program_.zone = names_.first_with({Role::time_zone, Role::visitor_time_zone});
  }

  /// Number of the chain, 0 if there are no filters. `type`: of the value that it is given.
  std::optional<std::uint32_t> compile_filters(const Node& node, Type type) {
    if (node.filters.empty()) return has_text(node, type) ? std::optional<std::uint32_t>(0) : std::nullopt;
    if (node.raw && program_.target != Target::plain) {
      error(node.offset, "filters return text: write {{…}} with two braces");
      return std::nullopt;
    }
    std::vector<std::unique_ptr<const Filter>> chain;
    for (const FilterCall& call : node.filters) {
      MadeFilter filter = make_filter(call);
      if (!filter) {
        error(call.offset, std::move(filter.error()));
        return std::nullopt;
      }
      chain.push_back(*std::move(filter));
      if (chain.back()->needs_locale()) need_locale();
      const auto result = chain.back()->result(type);
      if (!result) {
        error(call.offset, "`" + std::string(call.name) + "` cannot be asked of " + in_quotes(node.text) +
                               ", which is " + to_string(type));
        return std::nullopt;
      }
      type = *result;
    }
    if (!has_text(node, type)) return std::nullopt;
    program_.chains.push_back(std::move(chain));
    return static_cast<std::uint32_t>(program_.chains.size());
  }

  /// False, and an error, if values of that type never have a text.
  bool has_text(const Node& node, const Type& type) {
    const std::string name(node.text);
    if (!is_typed()) return true;
    if (type.kind == Kind::map) {
      error(node.offset, in_quotes(name) + " is " + to_string(type) + ": write one of its values, {{" +
                             (name == "." ? "" : name + ".") + "NAME}}, or all of them as {{" + name + " | json}}");
    } else if (type.kind == Kind::bytes || type.element == Kind::bytes) {
      error(node.offset, in_quotes(name) + " is " + to_string(type) +
                             ", which has no text: declare it as string, or write {{" + name + " | json}} for Base64");
    } else {
      return true;
    }
    return false;
  }

  bool may_be_raw(const Node& node, const Name& name) {
    if (!is_typed() || program_.target == Target::plain || names_.is_markup(name)) return true;
    error(node.offset, in_quotes(node.text) + " is not of type html: write {{" + std::string(node.text) +
                           "}}, which escapes it, or declare it as html");
    return false;
  }

  /// Number of the name in the program; nothing, and an error, if there is no such attribute.
  std::optional<std::size_t> resolve(const Node& node) {
    auto name = names_.resolve(node);
    if (!name) {
      error(name.error().offset, std::move(name.error().message));
      return std::nullopt;
    }
    program_.names.push_back(*std::move(name));
    return program_.names.size() - 1;
  }

  void compile_section(const Node& node) {
    enter_tag(node);
    const std::optional<std::size_t> name = resolve(node);
    const auto kind = node.kind == Node::Kind::section ? Operation::Kind::section : Operation::Kind::inverted;
    const std::size_t at = operations().size();
    operations().push_back({kind, Escape::none, false, false, static_cast<std::uint32_t>(name.value_or(0)), 0});
    const bool shows_value = kind == Operation::Kind::section;
    const bool maps = shows_value && (!name || names_.opens_map(program_.names[*name]));
    const Place before = place_;
    const std::size_t errors_before = errors_.size();
    if (shows_value) names_.enter_section(name ? &program_.names[*name] : nullptr, maps);
    compile_nodes(node.children);
    if (shows_value) names_.leave_section(maps);
    operations()[at].second = static_cast<std::uint32_t>(operations().size());
    barrier_ = operations().size();
    leave_section(node, before, at, errors_.size() != errors_before);
  }

  void leave_section(const Node& node, const Place& before, std::size_t at, bool wrong) {
    place_.url.join(before.url);
    if (!is_html()) return;
    const std::string end = place_.html.describe();
    if (!place_.html.join(before.html)) {
      if (!wrong)
        error(node.offset, "section " + in_quotes(node.text) + " begins " + before.html.describe() + " and ends " +
                               end + ": without it, the rest would mean something else");
      place_ = before;
    }
    if (!wrong && program_.target == Target::html && is_typed() && before.html.place() == HtmlState::Place::text) {
      std::string body;
      sampler_.sample(routine_, at + 1, operations().size(), true, body);
      if (html::check_content(body)) program_.check_result = true;
    }
  }

  void compile_partial(const Node& node) {
    enter_tag(node);
    const std::string key = std::string(node.text) + '\0' + place_.html.key() +
                            std::to_string(static_cast<int>(place_.url.part())) + (names_.in_map() ? "m" : "") +
                            (names_.in_section() ? "s" + to_string(names_.section_type()) : "");
    auto known = partials_.find(key);
    if (known == partials_.end()) {
      const std::optional<std::string_view> source =
          environment_.partial ? environment_.partial(node.text) : std::nullopt;
      if (!source) return missing_partial(node);
      if (!afford(*source))
        return error(node.offset, "the partials in here contain too much, or too much of each other");
      const Place before = place_;
      const std::size_t errors_before = errors_.size();
      known = partials_.emplace(key, program_.routines.size()).first;
      const std::size_t outer_barrier = std::exchange(barrier_, ~std::size_t{0});
      compile_routine(*source, node.text);
      barrier_ = outer_barrier;
      const std::string end = place_.html.describe();
      if (is_html() && !place_.html.join(before.html)) {
        if (errors_.size() == errors_before)
          error(node.offset,
                "partial " + in_quotes(node.text) + " begins " + before.html.describe() + " and ends " + end);
        place_ = before;
      }
    } else if (program_.target == Target::url) {
      place_.url.feed_value();
    }
    const auto indent = std::find(program_.indentations.begin(), program_.indentations.end(), node.indent);
    const auto number = static_cast<std::uint32_t>(indent - program_.indentations.begin());
    if (indent == program_.indentations.end()) program_.indentations.emplace_back(node.indent);
    operations().push_back(
        {Operation::Kind::partial, Escape::none, false, false, static_cast<std::uint32_t>(known->second), number});
  }

  bool afford(std::string_view source) {
    if (program_.routines.size() >= max_routines) return false;
    if (!environment_.partial_bytes) return true;
    if (*environment_.partial_bytes < source.size()) return false;
    *environment_.partial_bytes -= source.size();
    return true;
  }

  void missing_partial(const Node& node) {
    if (!is_typed()) return;  // Mustache: an unknown partial is empty
    const std::string_view suggestion =
        environment_.partial_suggestion ? environment_.partial_suggestion(node.text) : std::string_view();
    error(node.offset, "unknown partial " + in_quotes(node.text) +
                           (suggestion.empty() ? "" : ", did you mean " + std::string(suggestion) + "?"));
  }

 private:
  Program& program_;
  Sampler sampler_{program_};
  const Environment& environment_;
  std::vector<Error>& errors_;
  NameResolver names_{environment_.schema};
  Place place_;
  std::size_t routine_ = 0;
  std::string_view partial_;
  std::size_t barrier_ = ~std::size_t{0};  // a section ends here: the operation before it must not grow
  bool left_attribute_ = false;
  std::size_t mistakes_ = 0;
  std::map<std::string, std::size_t> partials_;  // name and place → routine
};

}  // namespace

std::unique_ptr<Template> Template::compile(std::string_view source, Target target, const Environment& environment,
                                            std::vector<Error>& errors) {
  auto program = std::make_unique<Program>();
  program->target = target;
  const std::size_t errors_before = errors.size();
  Compiler compiler(*program, environment, errors);
  compiler.compile(source);
  program->attributes = compiler.attributes();
  program->keys = compiler.keys();
  program->ascii =
      std::all_of(program->text.begin(), program->text.end(), [](char c) { return static_cast<signed char>(c) >= 0; });
  if (errors.size() == errors_before && target == Target::html && environment.schema) {
    Sampler sampler(*program);
    for (bool sections : {true, false}) {
      std::string result;
      sampler.sample(0, 0, program->routines[0].operations.size(), sections, result);
      if (const auto refusal = html::check_content(result)) {
        errors.push_back({0, std::string(*refusal)});
        break;
      }
    }
  }
  if (errors.size() != errors_before) return nullptr;
  return std::unique_ptr<Template>(new Template(std::move(program)));
}

}  // namespace personalize::rules::templates
