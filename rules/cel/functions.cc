#include "rules/cel/functions.h"

#include <map>
#include <stdexcept>

namespace personalize::rules::cel {
namespace {

// Reads one signature. Signatures are constants, so a malformed one is a programming error.
class SignatureReader {
 public:
  SignatureReader(std::string_view text, TypePool& types) : text_(text), rest_(text), types_(types) {}

  Signature read() {
    Signature signature{false, false, {}, nullptr};
    if (rest_[0] != '(') {
      signature.method = true;
      signature.parameters.push_back(type());
      expect('.');
    }
    expect('(');
    while (!accept(')')) {
      signature.parameters.push_back(type());
      if (rest_.starts_with("...")) {
        rest_.remove_prefix(3);
        signature.variadic = true;
      }
      accept(',');
    }
    expect(':');
    signature.result = type();
    if (!rest_.empty()) throw std::logic_error(std::string(text_));
    return signature;
  }

 private:
  void space() {
    while (rest_.starts_with(' ')) rest_.remove_prefix(1);
  }
  bool accept(char c) {
    space();
    if (!rest_.starts_with(c)) return false;
    rest_.remove_prefix(1);
    space();
    return true;
  }
  void expect(char c) {
    if (!accept(c)) throw std::logic_error(std::string(text_));
  }

  TypeRef type() {
    space();
    const std::size_t length = rest_.find_first_not_of("abcdefghijklmnopqrstuvwxyzABC_");
    const std::string_view name = rest_.substr(0, length);
    rest_.remove_prefix(name.size());
    if (name.size() == 1) return types_.parameter(name[0]);
    if (!accept('<')) return simple(name);
    const TypeRef first = type();
    const TypeRef second = accept(',') ? type() : nullptr;
    expect('>');
    if (name == "list") return types_.list(first);
    return name == "optional" ? types_.optional(first) : types_.map(first, second);
  }

  TypeRef simple(std::string_view name) {
    static const std::map<std::string_view, Kind> kinds = {
        {"dyn", Kind::missing}, {"null", Kind::null},           {"bool", Kind::boolean},      {"int", Kind::int64},
        {"uint", Kind::uint64}, {"double", Kind::real},         {"string", Kind::string},     {"bytes", Kind::bytes},
        {"type", Kind::type},   {"timestamp", Kind::timestamp}, {"duration", Kind::duration},
    };
    const auto found = kinds.find(name);
    if (found == kinds.end()) throw std::logic_error(std::string(text_));
    return simple_type(found->second);
  }

  std::string_view text_;
  std::string_view rest_;
  TypePool& types_;
};

class Library {
 public:
  Library() {
    for (const auto definitions :
         {operator_functions(), conversion_functions(), string_functions(), format_functions(), math_functions(),
          time_functions(), list_functions(), optional_functions(), encoder_functions(), regex_functions()}) {
      for (const Definition& definition : definitions) add(definition);
    }
  }

  const FunctionInfo* find(std::string_view name) const {
    const auto found = functions_.find(name);
    return found == functions_.end() ? nullptr : &found->second;
  }

  const std::map<std::string_view, FunctionInfo>& all() const { return functions_; }

 private:
  void add(const Definition& definition) {
    FunctionInfo& info = functions_[definition.name];
    info.name = definition.name;
    info.function = definition.function;
    std::string_view rest = definition.signatures;
    while (!rest.empty()) {
      const std::size_t length = std::min(rest.find(';'), rest.size());
      info.signatures.push_back(SignatureReader(rest.substr(0, length), types_).read());
      rest.remove_prefix(std::min(length + 1, rest.size()));
      while (rest.starts_with(' ')) rest.remove_prefix(1);
    }
  }

  TypePool types_;
  std::map<std::string_view, FunctionInfo> functions_;
};

const Library& library() {
  static const Library instance;
  return instance;
}

}  // namespace

const FunctionInfo* find_function(std::string_view name) { return library().find(name); }

std::vector<std::string_view> function_names() {
  std::vector<std::string_view> names;
  for (const auto& [name, info] : library().all()) names.push_back(name);
  return names;
}

}  // namespace personalize::rules::cel
