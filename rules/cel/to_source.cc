// Values as an expression would write them.
#include "rules/cel/conversions.h"
#include "rules/cel/program.h"
#include "rules/text/ascii.h"

namespace personalize::rules::cel {
namespace {

class Writer {
 public:
  explicit Writer(std::size_t limit) : limit_(limit) {}

  void write(const Value& v, int depth = 0) {
    if (out_.size() > limit_ || depth > 20) {
      full_ = true;
      return;
    }
    switch (v.kind()) {
      case Kind::missing: out_ += "unknown"; break;
      case Kind::string: in_quotes(v.text()); break;
      case Kind::bytes:
        out_ += 'b';
        in_quotes(v.text());
        break;
      case Kind::uint64: out_ += scalar_text(v) + "u"; break;
      case Kind::real: real(v); break;
      case Kind::timestamp: out_ += "timestamp(\"" + scalar_text(v) + "\")"; break;
      case Kind::duration: out_ += "duration(\"" + scalar_text(v) + "\")"; break;
      case Kind::list: list(v, depth); break;
      case Kind::map: map(v, depth); break;
      case Kind::optional:
        if (!v.as_optional()) {
          out_ += "optional.none()";
        } else {
          out_ += "optional.of(";
          write(*v.as_optional(), depth + 1);
          out_ += ')';
        }
        break;
      default: out_ += scalar_text(v);
    }
  }

  std::string result() && {
    if (out_.size() > limit_) {
      std::size_t end = limit_;
      while (end > 0 && (static_cast<unsigned char>(out_[end]) & 0xc0) == 0x80) --end;
      out_.resize(end);
      full_ = true;
    }
    return full_ ? out_ + "…" : std::move(out_);
  }

 private:
  void real(const Value& v) {
    const std::string text = scalar_text(v);
    out_ += text;
    if (text.find_first_not_of("-0123456789") == std::string::npos) out_ += ".0";
  }

  void in_quotes(std::string_view text) {
    out_ += '"';
    for (const char c : text.substr(0, limit_ + 1)) {
      const auto byte = static_cast<unsigned char>(c);
      if (c == '"' || c == '\\') {
        (out_ += '\\') += c;
      } else if (byte < 0x20 || byte == 0x7f) {
        text::append_hex(out_ += "\\x", c);
      } else {
        out_ += c;
      }
    }
    out_ += '"';
  }

  void list(const Value& v, int depth) {
    out_ += '[';
    for (std::size_t i = 0; i < v.as_list().size() && !full_; ++i) {
      if (i > 0) out_ += ", ";
      write(v.as_list()[i], depth + 1);
    }
    out_ += ']';
  }

  void map(const Value& v, int depth) {
    out_ += '{';
    for (std::size_t i = 0; i < v.as_map().size() && !full_; ++i) {
      if (i > 0) out_ += ", ";
      write(v.as_map()[i].key, depth + 1);
      out_ += ": ";
      write(v.as_map()[i].value, depth + 1);
    }
    out_ += '}';
  }

  std::size_t limit_;
  bool full_ = false;
  std::string out_;
};

}  // namespace

std::string to_source(const Value& value, std::size_t limit) {
  Writer writer(limit);
  writer.write(value);
  return std::move(writer).result();
}

}  // namespace personalize::rules::cel
