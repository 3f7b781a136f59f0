#include <cassert>
#include <charconv>
#include <cmath>

#include "html/rewriter.h"
#include "rules/templates/form.h"
#include "rules/templates/program.h"
#include "rules/templates/template.h"
#include "rules/templates/text_of.h"

namespace personalize::rules::templates {
namespace {

const Value* find(const Value& map, std::string_view key) {
  for (const MapEntry& entry : map.as_map())
    if (entry.key.is(Kind::string) && entry.key.text() == key) return &entry.value;
  return nullptr;
}

/// The list's item at position `part`, from 0.
const Value* item(std::span<const Value> list, std::string_view part) {
  std::size_t position = 0;
  const auto result = std::from_chars(part.data(), part.data() + part.size(), position);
  const bool number = result.ec == std::errc() && result.ptr == part.data() + part.size();
  return number && position < list.size() ? &list[position] : nullptr;
}

/// What an optional has. Numbers that are none, or infinite, are not known.
Value unwrap(Value value) {
  while (value.is(Kind::optional)) value = value.as_optional() ? *value.as_optional() : Value();
  return value.is(Kind::real) && !std::isfinite(value.as_real()) ? Value() : value;
}

/// What follows the name's first `first` parts within `value`.
Value member(Value value, const Name& name, std::size_t first) {
  for (std::size_t i = first; i < name.parts.size(); ++i) {
    value = unwrap(value);
    const Value* found = nullptr;
    if (value.is(Kind::map)) found = find(value, name.parts[i]);
    if (value.is(Kind::list)) found = item(value.as_list(), name.parts[i]);
    if (!found) return {};
    value = *found;
  }
  return unwrap(value);
}

/// What a section does not show: unknown, null, false, the empty list, and the empty text.
bool is_empty(const Value& value) {
  switch (value.kind()) {
    case Kind::missing:
    case Kind::null:
    case Kind::error: return true;
    case Kind::boolean: return !value.as_bool();
    case Kind::list: return value.as_list().empty();
    case Kind::string: return value.text().empty();
    default: return false;
  }
}

}  // namespace

class Renderer {
 public:
  Renderer(const Program& program, const rules::Context* context, const Value* root, std::pmr::string& out)
      : program_(program),
        context_(context),
        root_(root),
        out_(out),
        frames_(out.get_allocator()),
        indents_(out.get_allocator()),
        form_(program) {}

  bool render() {
    const std::size_t before = out_.size();
    out_.reserve(before + program_.text.size() + program_.text.size() / 4 + 64);
    run(program_.routines[0], 0, program_.routines[0].operations.size());
    if (program_.check_result && !failed_)
      failed_ = html::check_content(std::string_view(out_).substr(before)).has_value();
    if (failed_) out_.resize(before);
    return !failed_;
  }
  /// Of what was rendered.
  html::EditForm form() const { return form_.form(); }

 private:
  void run(const Routine& routine, std::size_t first, std::size_t last) {
    assert(last <= routine.operations.size());
    for (std::size_t i = first; i < last && !failed_; ++i) {
      const Operation& operation = routine.operations[i];
      if (++steps_ > max_steps || out_.size() > max_output_bytes) failed_ = true;
      switch (operation.kind) {
        case Operation::Kind::text:
          assert(operation.first + operation.second <= program_.text.size());
          out_.append(program_.text, operation.first, operation.second);
          break;
        case Operation::Kind::value: append_value(operation); break;
        case Operation::Kind::section:
          assert(operation.second > i);
          run_section(routine, i + 1, operation.second, look_up(program_.names[operation.first]));
          form_.end_section();
          i = operation.second - 1;
          break;
        case Operation::Kind::inverted:
          if (is_empty(look_up(program_.names[operation.first]))) {
            form_.begin_section();
            run(routine, i + 1, operation.second);
          }
          form_.end_section();
          i = operation.second - 1;
          break;
        case Operation::Kind::partial: run_partial(operation); break;
        case Operation::Kind::line_start:
          for (const std::string* indent : indents_) out_.append(*indent);
          break;
      }
    }
  }

  void run_section(const Routine& routine, std::size_t first, std::size_t last, const Value& value) {
    if (is_empty(value)) return;
    if (!value.is(Kind::list)) return run_in(routine, first, last, value);
    for (const Value& item : value.as_list()) {
      if (failed_) return;
      run_in(routine, first, last, unwrap(item));
    }
  }

  void run_in(const Routine& routine, std::size_t first, std::size_t last, const Value& frame) {
    if (++steps_ > max_steps) failed_ = true;
    form_.begin_section();
    frames_.push_back(frame);
    run(routine, first, last);
    frames_.pop_back();
  }

  void run_partial(const Operation& operation) {
    if (indents_.size() >= max_partials_deep) {
      failed_ = true;
      return;
    }
    assert(operation.first < program_.routines.size() && operation.second < program_.indentations.size());
    const Routine& routine = program_.routines[operation.first];
    indents_.push_back(&program_.indentations[operation.second]);
    run(routine, 0, routine.operations.size());
    indents_.pop_back();
  }

  Value look_up(const Name& name) const {
    if (name.parts.empty()) return frames_.empty() ? (root_ ? *root_ : Value()) : frames_.back();
    if (!name.only_root) {
      for (auto frame = frames_.rbegin(); frame != frames_.rend(); ++frame)
        if (frame->is(Kind::map) && find(*frame, name.parts[0])) return member(*frame, name, 0);
    }
    if (root_) return member(*root_, name, 0);
    if (!name.attribute || *name.attribute >= context_->size()) return {};
    return member((*context_)[*name.attribute], name, name.attribute_parts);
  }

  Value filtered(const Operation& operation) {
    assert(operation.first < program_.names.size() && operation.second <= program_.chains.size());
    Value value = look_up(program_.names[operation.first]);
    if (operation.second == 0) return value;
    const Locale locale = locale_of(operation);
    for (const auto& filter : program_.chains[operation.second - 1])
      value = filter->apply(value, locale, *out_.get_allocator().resource());
    return value;
  }

  Locale locale_of(const Operation& operation) const {
    return {{text_in(program_.locale), text_in(program_.language), context_ && context_->shop_offers_languages()},
            text_in(program_.zone),
            operation.shown && program_.writes_times};
  }

  std::string_view text_in(std::optional<AttributeId> attribute) const {
    if (!attribute || !context_ || *attribute >= context_->size()) return {};
    const Value& value = (*context_)[*attribute];
    return value.is(Kind::string) ? value.text() : std::string_view();
  }

  void append_value(const Operation& operation) {
    const std::size_t before = out_.size();
    append(filtered(operation), operation);
    form_.value(operation, std::string_view(out_).substr(before));
  }

  void append(const Value& value, const Operation& operation) {
    if (value.is(Kind::string)) return append_escaped(out_, value.text(), operation.escape);
    const bool plain = value.is(Kind::int64) || value.is(Kind::real) || value.is(Kind::boolean) || value.missing();
    const auto text = text_of(value, plain ? Locale() : locale_of(operation), *out_.get_allocator().resource());
    if (text) append_escaped(out_, *text, operation.escape);
  }

  const Program& program_;
  const rules::Context* context_;
  const Value* root_;
  std::pmr::string& out_;
  std::pmr::vector<Value> frames_;                // values of the sections around, outermost first
  std::pmr::vector<const std::string*> indents_;  // of the partials around
  FormOfResult form_;
  std::size_t steps_ = 0;
  bool failed_ = false;
};

Template::Template(std::unique_ptr<const Program> program) : program_(std::move(program)) {}
Template::~Template() = default;

std::span<const AttributeId> Template::attributes() const { return program_->attributes; }
std::span<const KeyUse> Template::keys() const { return program_->keys; }

std::optional<std::string_view> Template::constant() const {
  const std::vector<Operation>& operations = program_->routines[0].operations;
  if (operations.empty()) return std::string_view();
  if (operations.size() != 1 || operations[0].kind != Operation::Kind::text) return std::nullopt;
  return std::string_view(program_->text).substr(operations[0].first, operations[0].second);
}

html::EditForm Template::form() const { return FormOfResult(*program_).form(); }

bool Template::render(const rules::Context& context, std::pmr::string& out, html::EditForm* form) const {
  Renderer renderer(*program_, &context, nullptr, out);
  if (!renderer.render()) return false;
  if (form != nullptr) *form = renderer.form();
  return true;
}

bool Template::render(const Value& data, std::pmr::string& out) const {
  return Renderer(*program_, nullptr, &data, out).render();
}

}  // namespace personalize::rules::templates
