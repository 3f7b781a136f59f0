#include "rules/cel/parser.h"

#include <algorithm>
#include <charconv>
#include <cstdlib>

#include "rules/cel/lexer.h"

namespace personalize::rules::cel {
namespace {

struct BinaryOperator {
  std::string_view text;
  int precedence;
  std::string_view function;
};

constexpr BinaryOperator binary_operators[] = {
    {"||", 1, ""},     {"&&", 2, ""},   {"==", 3, "_==_"}, {"!=", 3, "_!=_"}, {"<", 3, "_<_"},
    {"<=", 3, "_<=_"}, {">", 3, "_>_"}, {">=", 3, "_>=_"}, {"in", 3, "@in"},  {"+", 4, "_+_"},
    {"-", 4, "_-_"},   {"*", 5, "_*_"}, {"/", 5, "_/_"},   {"%", 5, "_%_"},
};

// Recursive descent with precedence climbing. A null result means that an error was reported and parsing is
// over.
class Parser {
 public:
  Parser(std::vector<Token> tokens, Ast& ast, std::vector<Error>& errors)
      : tokens_(std::move(tokens)), ast_(ast), errors_(errors) {}

  Expr* run() {
    Expr* root = expression();
    if (root && !at_end()) return fail(unexpected("expected an operator or the end"));
    return root;
  }

 private:
  const Token& token() const { return tokens_[at_]; }
  bool at_end() const { return token().kind == TokenKind::end; }
  bool is(std::string_view text) const { return token().kind == TokenKind::punctuation && token().text == text; }
  bool accept(std::string_view text) {
    if (!is(text)) return false;
    ++at_;
    return true;
  }
  bool expect(std::string_view text) {
    if (accept(text)) return true;
    fail(unexpected("expected " + std::string(text)));
    return false;
  }

  std::string unexpected(const std::string& expected) const {
    if (at_end()) return expected + " but the expression ends";
    return expected + " instead of " + std::string(token().text.substr(0, 40));
  }
  Expr* fail(std::string message) { return fail(token().begin, std::move(message)); }
  Expr* fail(std::size_t offset, std::string message) {
    if (errors_.empty()) errors_.push_back({offset, std::move(message)});
    return nullptr;
  }

  Expr* make(Expr::Kind kind, std::uint32_t begin, std::uint32_t place) {
    Expr& expr = ast_.nodes.emplace_back();
    expr.kind = kind;
    expr.begin = begin;
    expr.place = place;
    return &expr;
  }

  // Completes a node: its end is where the last token ended, its depth one more than that of its children.
  Expr* finish(Expr* expr) {
    expr->end = tokens_[at_ - 1].end;
    std::uint32_t below = expr->target ? expr->target->depth : 0;
    for (const Expr* arg : expr->args) below = std::max(below, arg->depth);
    expr->depth = below + 1;
    if (expr->depth > max_depth) return fail(expr->place, "expression is nested too deeply");
    return expr;
  }

  Expr* call(std::string_view function, std::uint32_t begin, std::uint32_t place, std::vector<Expr*> args) {
    Expr* expr = make(Expr::Kind::call, begin, place);
    expr->name = function;
    expr->args = std::move(args);
    return finish(expr);
  }

  Expr* expression() {
    if (++nesting_ > max_depth) return fail("expression is nested too deeply");
    Expr* result = conditional();
    --nesting_;
    return result;
  }

  Expr* conditional() {
    Expr* condition = binary(1);
    if (!condition || !is("?")) return condition;
    Expr* expr = make(Expr::Kind::conditional, condition->begin, token().begin);
    ++at_;
    Expr* yes = binary(1);
    if (!yes || !expect(":")) return nullptr;
    Expr* no = expression();
    if (!no) return nullptr;
    expr->args = {condition, yes, no};
    return finish(expr);
  }

  const BinaryOperator* binary_operator() const {
    if (token().kind != TokenKind::punctuation && token().kind != TokenKind::word_in) return nullptr;
    for (const auto& op : binary_operators) {
      if (op.text == token().text) return &op;
    }
    return nullptr;
  }

  Expr* binary(int minimum) {
    Expr* left = unary();
    while (left) {
      const BinaryOperator* op = binary_operator();
      if (!op || op->precedence < minimum) return left;
      if (op->precedence <= 2) {
        left = logical(left, *op);
      } else {
        const std::uint32_t place = token().begin;
        ++at_;
        Expr* right = binary(op->precedence + 1);
        if (!right) return nullptr;
        left = call(op->function, left->begin, place, {left, right});
      }
    }
    return nullptr;
  }

  // a && b && c is one node.
  Expr* logical(Expr* first, const BinaryOperator& op) {
    Expr* expr =
        make(op.precedence == 1 ? Expr::Kind::logical_or : Expr::Kind::logical_and, first->begin, token().begin);
    expr->args.push_back(first);
    while (accept(op.text)) {
      Expr* next = binary(op.precedence + 1);
      if (!next) return nullptr;
      expr->args.push_back(next);
    }
    return finish(expr);
  }

  Expr* unary() {
    std::vector<const Token*> operators;
    while (is("!") || is("-")) {
      if (!operators.empty() && operators.front()->text != token().text) break;
      if (is("-") && negative_literal_follows()) break;
      operators.push_back(&token());
      ++at_;
    }
    Expr* expr = !operators.empty() && (is("!") || (is("-") && !negative_literal_follows())) ? mixed_unary() : member();
    for (auto op = operators.rbegin(); expr && op != operators.rend(); ++op) {
      expr = call((*op)->text == "!" ? "!_" : "-_", (*op)->begin, (*op)->begin, {expr});
    }
    return expr;
  }

  // `!-x`: the grammar has one kind of unary operator in a row; ours nests them.
  Expr* mixed_unary() {
    if (++nesting_ > max_depth) return fail("expression is nested too deeply");
    Expr* result = unary();
    --nesting_;
    return result;
  }

  bool negative_literal_follows() const {
    const TokenKind next = tokens_[at_ + 1].kind;
    return next == TokenKind::integer || next == TokenKind::real;
  }

  Expr* member() {
    Expr* expr = primary();
    while (expr) {
      const std::uint32_t place = token().begin;
      if (accept(".")) {
        expr = selection(expr);
      } else if (accept("[")) {
        Expr* index = make(Expr::Kind::index, expr->begin, place);
        index->optional = accept("?");
        index->target = expr;
        Expr* key = expression();
        if (!key || !expect("]")) return nullptr;
        index->args = {key};
        expr = finish(index);
      } else if (is("{") && (expr->kind == Expr::Kind::identifier || expr->kind == Expr::Kind::select)) {
        return fail("messages are not supported");
      } else {
        return expr;
      }
    }
    return nullptr;
  }

  Expr* selection(Expr* target) {
    const bool optional = accept("?");
    const Token name = token();
    if (name.kind != TokenKind::identifier && name.kind != TokenKind::quoted_identifier) {
      return fail(unexpected("expected a name after ."));
    }
    ++at_;
    if (name.kind == TokenKind::identifier && !optional && is("(")) return call_of(name, target, target->begin);
    Expr* expr = make(Expr::Kind::select, target->begin, name.begin);
    expr->target = target;
    expr->name = name.text;
    expr->optional = optional;
    return finish(expr);
  }

  Expr* call_of(const Token& name, Expr* target, std::uint32_t begin) {
    Expr* expr = make(Expr::Kind::call, begin, name.begin);
    expr->name = name.text;
    expr->target = target;
    ++at_;
    if (!accept(")")) {
      do {
        Expr* arg = expression();
        if (!arg) return nullptr;
        expr->args.push_back(arg);
      } while (accept(","));
      if (!expect(")")) return nullptr;
    }
    if (!finish(expr)) return nullptr;
    return expand_macro(*expr, ast_, errors_) ? expr : nullptr;
  }

  Expr* primary() {
    const Token first = token();
    switch (first.kind) {
      case TokenKind::identifier: return name(first, false);
      case TokenKind::punctuation: break;
      case TokenKind::end:
      case TokenKind::quoted_identifier:
      case TokenKind::word_in: return fail(unexpected("expected an expression"));
      default: return literal();
    }
    if (is("-")) return literal();
    if (accept(".")) {
      if (token().kind != TokenKind::identifier) return fail(unexpected("expected a name after ."));
      return name(first, true);
    }
    if (accept("(")) {
      Expr* inner = expression();
      if (!inner || !expect(")")) return nullptr;
      inner->begin = first.begin;
      inner->end = tokens_[at_ - 1].end;
      return inner;
    }
    if (is("[")) return list();
    if (is("{")) return map();
    return fail(unexpected("expected an expression"));
  }

  Expr* name(const Token& first, bool rooted) {
    const Token word = token();
    ++at_;
    if (is("(")) {
      Expr* expr = call_of(word, nullptr, first.begin);
      if (expr) expr->rooted = rooted;
      return expr;
    }
    if (is_reserved(word.text)) return fail(word.begin, std::string(word.text) + " is a reserved word");
    Expr* expr = make(Expr::Kind::identifier, first.begin, word.begin);
    expr->name = word.text;
    expr->rooted = rooted;
    return finish(expr);
  }

  Expr* list() {
    Expr* expr = make(Expr::Kind::list, token().begin, token().begin);
    ++at_;
    while (!accept("]")) {
      expr->optional_entries.push_back(accept("?"));
      Expr* element = expression();
      if (!element) return nullptr;
      expr->args.push_back(element);
      if (!accept(",") && !is("]")) return fail(unexpected("expected , or ]"));
    }
    return finish(expr);
  }

  Expr* map() {
    Expr* expr = make(Expr::Kind::map, token().begin, token().begin);
    ++at_;
    while (!accept("}")) {
      expr->optional_entries.push_back(accept("?"));
      Expr* key = expression();
      if (!key || !expect(":")) return nullptr;
      Expr* value = expression();
      if (!value) return nullptr;
      expr->args.push_back(key);
      expr->args.push_back(value);
      if (!accept(",") && !is("}")) return fail(unexpected("expected , or }"));
    }
    return finish(expr);
  }

  Expr* literal() {
    const std::uint32_t begin = token().begin;
    const bool negative = accept("-");
    const Token word = token();
    ++at_;
    Expr* expr = make(Expr::Kind::literal, begin, begin);
    if (!literal_value(word, negative, expr->literal)) return nullptr;
    return finish(expr);
  }

  bool literal_value(const Token& word, bool negative, Value& out) {
    switch (word.kind) {
      case TokenKind::word_true: out = Value::boolean(true); return true;
      case TokenKind::word_false: out = Value::boolean(false); return true;
      case TokenKind::word_null: out = Value::null(); return true;
      case TokenKind::integer: return integer(word, negative, out);
      case TokenKind::unsigned_integer: return unsigned_integer(word, out);
      case TokenKind::real: {
        const double value = std::strtod(std::string(word.text).c_str(), nullptr);
        out = Value::real(negative ? -value : value);
        return true;
      }
      default: break;
    }
    auto decoded = decode_literal(word.text);
    if (!decoded) {
      fail(word.begin + decoded.error().offset, decoded.error().message);
      return false;
    }
    const std::string& text = ast_.texts.emplace_back(*std::move(decoded));
    out = word.kind == TokenKind::bytes ? Value::bytes(text) : Value::string(text);
    return true;
  }

  static bool parse_magnitude(std::string_view text, std::uint64_t& value) {
    const bool hex = text.size() > 2 && (text[1] == 'x' || text[1] == 'X');
    if (hex) text.remove_prefix(2);
    const auto [end, status] = std::from_chars(text.data(), text.data() + text.size(), value, hex ? 16 : 10);
    return status == std::errc() && end == text.data() + text.size();
  }

  bool integer(const Token& word, bool negative, Value& out) {
    std::uint64_t magnitude = 0;
    const std::uint64_t most = (std::uint64_t{1} << 63) - (negative ? 0 : 1);
    if (!parse_magnitude(word.text, magnitude) || magnitude > most) {
      fail(word.begin, "integer is out of range");
      return false;
    }
    out = Value::int64(static_cast<std::int64_t>(negative ? 0 - magnitude : magnitude));
    return true;
  }

  bool unsigned_integer(const Token& word, Value& out) {
    std::uint64_t value = 0;
    if (!parse_magnitude(word.text.substr(0, word.text.size() - 1), value)) {
      fail(word.begin, "integer is out of range");
      return false;
    }
    out = Value::uint64(value);
    return true;
  }

  std::vector<Token> tokens_;
  Ast& ast_;
  std::vector<Error>& errors_;
  std::size_t at_ = 0;
  std::uint32_t nesting_ = 0;
};

}  // namespace

Ast parse(std::string_view source, std::vector<Error>& errors) {
  Ast ast;
  if (source.size() > max_source_bytes) {
    errors.push_back({0, "expression is longer than 64 KiB"});
    return ast;
  }
  std::vector<Error> found;
  std::vector<Token> tokens = tokenize(source, found);
  if (found.empty()) ast.root = Parser(std::move(tokens), ast, found).run();
  if (!found.empty()) ast.root = nullptr;
  errors.insert(errors.end(), found.begin(), found.end());
  return ast;
}

}  // namespace personalize::rules::cel
