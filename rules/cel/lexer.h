// Splits an expression into tokens (CEL's lexical grammar: spec langdef.md, "Syntax").
#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <tl/expected.hpp>
#include <vector>

#include "rules/cel/program.h"

namespace personalize::rules::cel {

enum class TokenKind : std::uint8_t {
  end,
  identifier,
  quoted_identifier,
  integer,
  unsigned_integer,
  real,
  string,
  bytes,
  punctuation,
  word_true,
  word_false,
  word_null,
  word_in,
};

struct Token {
  TokenKind kind;
  std::uint32_t begin;
  std::uint32_t end;
  std::string_view text;  ///< of the source; quoted identifiers without the backquotes
};

/// The tokens, the last of kind `end`. Empty if there is an error.
std::vector<Token> tokenize(std::string_view source, std::vector<Error>& errors);

/// True for words that CEL reserves: they may be fields and methods, but not names.
bool is_reserved(std::string_view word);

/// Decodes a string or bytes literal with its prefix and quotes. The error's offset is relative to the literal.
tl::expected<std::string, Error> decode_literal(std::string_view literal);

}  // namespace personalize::rules::cel
