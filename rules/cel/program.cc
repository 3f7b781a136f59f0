#include "rules/cel/program.h"

#include <algorithm>
#include <functional>

#include "rules/cel/compiler.h"
#include "rules/cel/parser.h"
#include "rules/cel/plan.h"

namespace personalize::rules::cel {
namespace {

// Kept out of line: most programs need no variables, and clearing space for them takes longer than evaluation.
[[gnu::noinline]] Value run_with_variables(const Program::Impl& program, const Context& context, Scope& scope,
                                           SegmentValues segments) {
  Value variables[max_variables];
  Frame frame{&context, scope, segments, variables};
  return evaluate(*program.root, frame);
}

// Names x of all `segments.x` in the tree.
void collect_segments(const Expr& expr, std::vector<std::string_view>& names) {
  const bool selects = expr.kind == Expr::Kind::select || expr.kind == Expr::Kind::has;
  if (selects && expr.target->kind == Expr::Kind::identifier && expr.target->name == "segments")
    names.push_back(expr.name);
  if (expr.target) collect_segments(*expr.target, names);
  for (const Expr* arg : expr.args) collect_segments(*arg, names);
}

}  // namespace

Value run(const Program::Impl& program, const Context& context, Scope& scope, SegmentValues segments) {
  if (program.variables > 0) return run_with_variables(program, context, scope, segments);
  Frame frame{&context, scope, segments, nullptr};
  return evaluate(*program.root, frame);
}

Program::Program(std::unique_ptr<const Impl> impl) : impl_(std::move(impl)) {}
Program::~Program() = default;

std::unique_ptr<Program> Program::compile(std::string_view source, const Environment& environment,
                                          std::vector<Error>& errors, Result result) {
  std::vector<Error> found;
  auto impl = std::make_unique<Impl>();
  impl->source = source;
  const Ast ast = parse(impl->source, found);
  if (ast.root) Compiler(environment, *impl, found).run(ast, environment.unchecked() ? Result::any : result);
  std::stable_sort(found.begin(), found.end(), [](const Error& a, const Error& b) { return a.offset < b.offset; });
  errors.insert(errors.end(), found.begin(), found.end());
  if (!found.empty()) return nullptr;
  return std::unique_ptr<Program>(new Program(std::move(impl)));
}

Value Program::evaluate(const Context& context, Arena& arena, SegmentValues segments) const {
  Scope scope{arena, max_cost};
  const Value value = run(*impl_, context, scope, segments);
  return scope.exhausted ? over_budget() : value;
}

bool says_absent(const Value& value) {
  return value.is(Kind::error) &&
         (value.is_missing_attribute() || value.text() == no_such_key || value.text() == no_such_index);
}

std::span<const AttributeId> Program::attributes() const { return impl_->attributes; }

std::optional<Value> Program::constant() const {
  if (impl_->root->op != Op::constant) return std::nullopt;
  return impl_->root->value;
}

std::string Program::type() const { return impl_->type; }
std::string_view Program::source() const { return impl_->source; }

const Environment::CompiledSegment* Environment::segment(std::string_view name) const {
  const auto found = segments_.find(name);
  return found == segments_.end() ? nullptr : &found->second;
}

void Environment::add_segments(std::span<const Segment> segments, std::vector<SegmentError>& errors) {
  enum class State : std::uint8_t { fresh, open, done };
  std::map<std::string_view, std::size_t> positions;
  for (std::size_t i = 0; i < segments.size(); ++i) positions.emplace(segments[i].name, i);
  std::vector<State> states(segments.size(), State::fresh);

  // Depth first, so that what a segment mentions is ready before it. An explicit stack: chains may be as long as
  // files are.
  struct Visit {
    std::size_t segment;
    std::vector<std::size_t> mentions;
    std::size_t next = 0;
    bool failed = false;
  };
  const auto open = [&](std::size_t i) {
    Visit visit{i, {}};
    states[i] = State::open;
    std::vector<Error> ignored;  // compiling reports them
    const Ast ast = parse(segments[i].source, ignored);
    std::vector<std::string_view> names;
    if (ast.root) collect_segments(*ast.root, names);
    for (const std::string_view name : names) {
      if (const auto known = positions.find(name); known != positions.end()) visit.mentions.push_back(known->second);
    }
    return visit;
  };
  const auto close = [&](const Visit& visit) {
    const Segment& segment = segments[visit.segment];
    std::vector<Error> found;
    std::shared_ptr<const Program> program;
    if (!visit.failed) program = Program::compile(segment.source, *this, found);
    for (Error& error : found) errors.push_back({visit.segment, std::move(error)});
    segments_.emplace(segment.name, CompiledSegment{static_cast<std::uint32_t>(segments_.size()), std::move(program)});
    states[visit.segment] = State::done;
  };
  for (std::size_t first = 0; first < segments.size(); ++first) {
    if (states[first] != State::fresh || positions[segments[first].name] != first) continue;
    std::vector<Visit> stack;
    stack.push_back(open(first));
    while (!stack.empty()) {
      Visit& visit = stack.back();
      if (visit.next == visit.mentions.size()) {
        close(visit);
        stack.pop_back();
        continue;
      }
      const std::size_t next = visit.mentions[visit.next++];
      if (states[next] == State::fresh) {
        stack.push_back(open(next));
      } else if (states[next] == State::open && !visit.failed) {
        visit.failed = true;
        errors.push_back({visit.segment,
                          {0, "segment " + segments[visit.segment].name + " refers to itself" +
                                  (next == visit.segment ? "" : " through " + segments[next].name)}});
      }
    }
  }
}

}  // namespace personalize::rules::cel
