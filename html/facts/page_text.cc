#include "html/facts/page_text.h"

#include <unicode/ucnv.h>
#include <unicode/utf8.h>

#include <algorithm>
#include <array>
#include <limits>

#include "html/tokens/ascii.h"
#include "html/tokens/encoding.h"
#include "html/tokens/entities.h"

namespace personalize::html {
namespace {

/// Labels that ICU takes for something else than browsers do.
struct IcuName {
  std::string_view label;
  const char* name;
};
constexpr std::array<IcuName, 32> icu_names = {{
    {"ansi_x3.4-1968", "windows-1252"},
    {"ascii", "windows-1252"},
    {"cp819", "windows-1252"},
    {"csisolatin1", "windows-1252"},
    {"ibm819", "windows-1252"},
    {"iso-8859-1", "windows-1252"},
    {"iso-ir-100", "windows-1252"},
    {"iso8859-1", "windows-1252"},
    {"iso88591", "windows-1252"},
    {"iso_8859-1", "windows-1252"},
    {"iso_8859-1:1987", "windows-1252"},
    {"l1", "windows-1252"},
    {"latin1", "windows-1252"},
    {"us-ascii", "windows-1252"},
    {"x-cp1252", "windows-1252"},
    {"csisolatin5", "windows-1254"},
    {"iso-8859-9", "windows-1254"},
    {"iso-ir-148", "windows-1254"},
    {"iso8859-9", "windows-1254"},
    {"iso88599", "windows-1254"},
    {"iso_8859-9", "windows-1254"},
    {"iso_8859-9:1989", "windows-1254"},
    {"l5", "windows-1254"},
    {"latin5", "windows-1254"},
    {"shift_jis", "windows-31j"},
    {"shift-jis", "windows-31j"},
    {"sjis", "windows-31j"},
    {"x-sjis", "windows-31j"},
    {"gb2312", "gb18030"},
    {"gbk", "gb18030"},
    {"euc-kr", "windows-949"},
    {"tis-620", "windows-874"},
}};

bool is_utf8(std::string_view bytes) {
  const auto size = static_cast<std::int32_t>(bytes.size());
  for (std::int32_t at = 0; at < size;) {
    std::int32_t code_point = 0;
    U8_NEXT(bytes.data(), at, size, code_point);
    if (code_point < 0) return false;
  }
  return true;
}

bool is_ascii(std::string_view bytes) {
  return std::all_of(bytes.begin(), bytes.end(), [](char c) { return static_cast<unsigned char>(c) < 0x80; });
}

void repair_utf8(std::string_view bytes, std::string& out) {
  const auto size = static_cast<std::int32_t>(bytes.size());
  for (std::int32_t at = 0; at < size;) {
    const std::int32_t begin = at;
    std::int32_t code_point = 0;
    U8_NEXT(bytes.data(), at, size, code_point);
    if (code_point < 0)
      out += "\xEF\xBF\xBD";
    else
      out.append(bytes.substr(static_cast<std::size_t>(begin), static_cast<std::size_t>(at - begin)));
  }
}

UConverter* open_converter(std::string_view encoding) {
  const auto* const found =
      std::find_if(icu_names.begin(), icu_names.end(), [&](const IcuName& name) { return name.label == encoding; });
  const std::string name = found != icu_names.end() ? found->name : std::string(encoding);
  UErrorCode error = U_ZERO_ERROR;
  UConverter* converter = ucnv_open(name.c_str(), &error);
  if (U_SUCCESS(error)) return converter;
  error = U_ZERO_ERROR;
  return ucnv_open("windows-1252", &error);
}

/// The code point that begins at `at`, which is moved past it.
std::int32_t next_code_point(std::string_view text, std::int32_t& at) {
  std::int32_t code_point = 0;
  U8_NEXT(text.data(), at, static_cast<std::int32_t>(text.size()), code_point);
  return code_point;
}

}  // namespace

ToUtf8::~ToUtf8() {
  if (converter_ != nullptr) ucnv_close(static_cast<UConverter*>(converter_));
}

std::string_view ToUtf8::operator()(std::string_view bytes, std::string& scratch) {
  bytes = bytes.substr(0, std::numeric_limits<std::int32_t>::max() / 4);
  if (is_ascii(bytes)) return bytes;
  const bool utf8 = encoding_of_label(encoding_) == Encoding::utf8;
  if ((utf8 || encoding_.empty()) && is_utf8(bytes)) return bytes;
  scratch.clear();
  if (!utf8 && converter_ == nullptr) converter_ = open_converter(encoding_.empty() ? "windows-1252" : encoding_);
  if (utf8 || converter_ == nullptr) {
    repair_utf8(bytes, scratch);
    return scratch;
  }
  std::u16string wide(bytes.size() + 1, u'\0');
  UErrorCode error = U_ZERO_ERROR;
  const std::int32_t size =
      ucnv_toUChars(static_cast<UConverter*>(converter_), wide.data(), static_cast<std::int32_t>(wide.size()),
                    bytes.data(), static_cast<std::int32_t>(bytes.size()), &error);
  if (U_FAILURE(error)) {
    repair_utf8(bytes, scratch);
    return scratch;
  }
  for (std::int32_t at = 0; at < size;) {
    std::int32_t code_point = 0;
    U16_NEXT(wide.data(), at, size, code_point);
    append_utf8(U_IS_SURROGATE(code_point) ? 0xFFFD : static_cast<char32_t>(code_point), scratch);
  }
  return scratch;
}

void close_reference(std::string& text) {
  constexpr std::size_t longest = 40;  // names have 33 bytes at most
  const std::size_t begin = text.rfind('&');
  if (begin == std::string::npos || text.size() - begin > longest) return;
  const std::string rest = text.substr(begin);
  if (rest.find(';') != std::string::npos) return;
  std::string decoded;
  const std::size_t used = decode_reference(rest, ReferencePlace::text, decoded);
  text.resize(begin);
  if (used == 0) {
    text.append("&amp;").append(rest.substr(1));
    return;
  }
  for (std::int32_t at = 0; at < static_cast<std::int32_t>(decoded.size());)
    text.append("&#").append(std::to_string(next_code_point(decoded, at))).append(";");
  text += rest.substr(used);
}

}  // namespace personalize::html
