#include "learn/events/form_body.h"

#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <deque>
#include <new>
#include <utility>
#include <vector>

#include "learn/events/multipart.h"

namespace personalize::learn::events {
namespace {

namespace dom = simdjson::dom;

int hex_digit(char c) {
  if (c >= '0' && c <= '9') return c - '0';
  const char letter = static_cast<char>(c | 0x20);
  return letter >= 'a' && letter <= 'f' ? letter - 'a' + 10 : -1;
}

std::string url_decoded(std::string_view text) {
  std::string decoded;
  decoded.reserve(text.size());
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '%' && i + 2 < text.size() && hex_digit(text[i + 1]) >= 0 && hex_digit(text[i + 2]) >= 0) {
      decoded += static_cast<char>(hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]));
      i += 2;
    } else {
      decoded += text[i] == '+' ? ' ' : text[i];
    }
  }
  return decoded;
}

/// "application/json" of " Application/JSON; charset=utf-8".
std::string essence(std::string_view content_type) {
  std::string type;
  for (char c : content_type.substr(0, content_type.find(';')))
    if (c != ' ' && c != '\t') type += c >= 'A' && c <= 'Z' ? static_cast<char>(c | 0x20) : c;
  return type;
}

bool is_utf8(std::string_view text) { return simdjson::validate_utf8(text.data(), text.size()); }

}  // namespace

std::string_view to_string(FormOutcome outcome) {
  switch (outcome) {
    case FormOutcome::read: return "read";
    case FormOutcome::other_type: return "other_type";
    case FormOutcome::too_large: return "too_large";
    case FormOutcome::malformed: return "malformed";
  }
  return "";
}

class FormReader::Impl {
 public:
  Impl() : parser_(limits::max_form_bytes) {
    if (parser_.allocate(limits::max_form_bytes, limits::max_form_depth) != simdjson::SUCCESS) throw std::bad_alloc();
  }

  FormOutcome read(std::string_view content_type, std::string_view body, const WantedFields& wanted) {
    wanted_ = wanted;
    fields_.clear();
    texts_.clear();
    if (body.size() > limits::max_form_bytes) return FormOutcome::too_large;
    const std::string type = essence(content_type);
    bool good = true;
    if (type == "application/x-www-form-urlencoded")
      read_urlencoded(body);
    else if (type == "multipart/form-data")
      good = read_parts(content_type, body);
    else if (type == "application/json" || (type.starts_with("application/") && type.ends_with("+json")))
      good = read_json(body);
    else
      return FormOutcome::other_type;
    if (good) return FormOutcome::read;
    fields_.clear();
    return FormOutcome::malformed;
  }

  std::span<const FormField> fields() const { return fields_; }

 private:
  /// It is named, has room, and is not there yet.
  bool wants(std::string_view name) const {
    if (name.empty() || name.size() > limits::max_form_name_bytes || fields_.size() == limits::max_form_fields)
      return false;
    if (!wanted_.all && !std::ranges::binary_search(wanted_.names, name)) return false;
    return std::ranges::find(fields_, name, &FormField::name) == fields_.end();
  }

  std::string_view keep(std::string text) { return texts_.emplace_back(std::move(text)); }

  void add(std::string_view name, std::string_view value) {
    if (!is_utf8(name) || !is_utf8(value)) return;
    const std::string_view kept = keep(std::string(name));
    fields_.push_back({kept, keep(std::string(value))});
  }

  void read_urlencoded(std::string_view body) {
    while (!body.empty()) {
      const std::size_t end = std::min(body.find('&'), body.size());
      const std::string_view pair = body.substr(0, end);
      body.remove_prefix(std::min(end + 1, body.size()));
      const std::size_t equals = std::min(pair.find('='), pair.size());
      if (const std::string name = url_decoded(pair.substr(0, equals)); wants(name))
        add(name, url_decoded(pair.substr(std::min(equals + 1, pair.size()))));
    }
  }

  bool read_parts(std::string_view content_type, std::string_view body) {
    const auto boundary = find_parameter(content_type, "boundary");
    return boundary && read_multipart(body, *boundary, [&](std::string&& name, std::string_view value) {
             if (wants(name)) add(name, value);
           });
  }

  bool read_json(std::string_view body) {
    if (body.empty()) return false;  // which simdjson would copy from nowhere
    dom::element document;
    if (parser_.parse(body.data(), body.size()).get(document) != simdjson::SUCCESS) return false;
    path_.clear();
    flatten(document);
    return true;
  }

  /// Nested as deep as the parser allows.
  void flatten(const dom::element& element) {
    switch (element.type()) {
      case dom::element_type::OBJECT:
        for (const auto& [key, value] : dom::object(element)) step(key, value);
        break;
      case dom::element_type::ARRAY: {
        std::size_t number = 0;
        for (const dom::element value : dom::array(element)) step(std::to_string(number++), value);
        break;
      }
      case dom::element_type::NULL_VALUE: break;
      default:
        if (wants(path_)) add(path_, scalar(element));
    }
  }

  void step(std::string_view name, const dom::element& value) {
    const std::size_t size = path_.size();
    if (size > limits::max_form_name_bytes) return;
    if (size != 0) path_ += '.';
    path_ += name;
    flatten(value);
    path_.resize(size);
  }

  static std::string scalar(const dom::element& element) {
    switch (element.type()) {
      case dom::element_type::STRING: return std::string(std::string_view(element));
      case dom::element_type::BOOL: return bool(element) ? "true" : "false";
      case dom::element_type::INT64: return std::to_string(std::int64_t(element));
      case dom::element_type::UINT64: return std::to_string(std::uint64_t(element));
      default: break;
    }
    char digits[32];
    return {digits, std::to_chars(digits, std::end(digits), double(element)).ptr};
  }

  dom::parser parser_;
  WantedFields wanted_;
  std::vector<FormField> fields_;
  std::deque<std::string> texts_;  // they stay where they are
  std::string path_;               // of the JSON value that is looked at
};

FormReader::FormReader() : impl_(std::make_unique<Impl>()) {}
FormReader::~FormReader() = default;
FormReader::FormReader(FormReader&&) noexcept = default;
FormReader& FormReader::operator=(FormReader&&) noexcept = default;

FormOutcome FormReader::read(std::string_view content_type, std::string_view body, const WantedFields& wanted) {
  return impl_->read(content_type, body, wanted);
}

std::span<const FormField> FormReader::fields() const { return impl_->fields(); }

}  // namespace personalize::learn::events
