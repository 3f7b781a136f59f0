#include "geo/database.h"

#include <arpa/inet.h>
#include <netinet/in.h>

#include <charconv>
#include <cmath>
#include <cstring>
#include <limits>
#include <optional>

#include "geo/utf8.h"

namespace personalize::geo {
namespace {

constexpr std::size_t max_texts = 16;  // of a `texts` field

std::optional<MMDB_entry_data_s> value_at(MMDB_entry_s record, const Path& path) {
  MMDB_entry_data_s data;
  if (MMDB_aget_value(&record, &data, path.data()) != MMDB_SUCCESS || !data.has_data) return std::nullopt;
  return data;
}

std::optional<std::string_view> text_of(const MMDB_entry_data_s& data) {
  if (data.type != MMDB_DATA_TYPE_UTF8_STRING || data.data_size == 0) return std::nullopt;
  std::string_view text(data.utf8_string, data.data_size);
  if (!valid_utf8(text)) return std::nullopt;
  return text;
}

template <typename Number>
std::optional<Number> number_in(std::string_view text) {
  Number number;
  auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}

std::optional<std::int64_t> integer_of(const MMDB_entry_data_s& data) {
  switch (data.type) {
    case MMDB_DATA_TYPE_UINT16: return data.uint16;
    case MMDB_DATA_TYPE_UINT32: return data.uint32;
    case MMDB_DATA_TYPE_INT32: return data.int32;
    case MMDB_DATA_TYPE_UINT64:
      if (data.uint64 > static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max())) return std::nullopt;
      return static_cast<std::int64_t>(data.uint64);
    case MMDB_DATA_TYPE_UTF8_STRING: {
      std::string_view text(data.utf8_string, data.data_size);
      if (text.starts_with("AS")) text.remove_prefix(2);  // "AS15169"
      return number_in<std::int64_t>(text);
    }
    default: return std::nullopt;
  }
}

std::optional<double> real_of(const MMDB_entry_data_s& data) {
  std::optional<double> real;
  if (data.type == MMDB_DATA_TYPE_DOUBLE)
    real = data.double_value;
  else if (data.type == MMDB_DATA_TYPE_FLOAT)
    real = data.float_value;
  else if (data.type == MMDB_DATA_TYPE_UTF8_STRING)
    real = number_in<double>({data.utf8_string, data.data_size});
  else if (auto integer = integer_of(data))
    real = static_cast<double>(*integer);
  return real && std::isfinite(*real) ? real : std::nullopt;
}

std::optional<bool> flag_of(const MMDB_entry_data_s& data) {
  if (data.type == MMDB_DATA_TYPE_BOOLEAN) return data.boolean;
  if (data.type != MMDB_DATA_TYPE_UTF8_STRING) return std::nullopt;
  const std::string_view text(data.utf8_string, data.data_size);
  if (text == "true") return true;
  if (text == "false") return false;
  return std::nullopt;
}

std::vector<std::string_view> texts_at(MMDB_entry_s record, Path path) {
  std::vector<std::string_view> texts;
  auto star = path.begin();
  while (std::string_view(*star) != "*") ++star;
  for (std::size_t i = 0; i < max_texts; ++i) {
    const std::string index = std::to_string(i);
    *star = index.c_str();
    auto data = value_at(record, path);
    if (!data) break;
    if (auto text = text_of(*data)) texts.push_back(*text);
  }
  return texts;
}

/// Flat files use one name for codes and names: a code is two capitals, nothing else.
bool plausible(Field field, std::string_view text) {
  if (field != Field::continent && field != Field::country && field != Field::registered_country) return true;
  return text.size() == 2 && text[0] >= 'A' && text[0] <= 'Z' && text[1] >= 'A' && text[1] <= 'Z';
}

bool plausible(Field field, double real) {
  if (field == Field::latitude) return std::abs(real) <= 90;
  if (field == Field::longitude) return std::abs(real) <= 180;
  return true;
}

std::optional<Fact> fact_at(MMDB_entry_s record, const FieldRow& row, const Path& path) {
  if (row.type == FieldType::texts) {
    auto texts = texts_at(record, path);
    if (texts.empty()) return std::nullopt;
    return Fact{row.field, std::move(texts)};
  }
  auto data = value_at(record, path);
  if (!data) return std::nullopt;
  switch (row.type) {
    case FieldType::text:
      if (auto text = text_of(*data); text && plausible(row.field, *text)) return Fact{row.field, *text};
      break;
    case FieldType::integer:
      if (auto integer = integer_of(*data)) return Fact{row.field, *integer};
      break;
    case FieldType::real:
      if (auto real = real_of(*data); real && plausible(row.field, *real)) return Fact{row.field, *real};
      break;
    case FieldType::flag:
      if (auto flag = flag_of(*data)) return Fact{row.field, *flag};
      break;
    case FieldType::texts: break;
  }
  return std::nullopt;
}

std::optional<Fact> fact_of(MMDB_entry_s record, const FieldRow& row) {
  for (const Path& path : row.paths) {
    if (!path[0]) break;
    if (auto fact = fact_at(record, row, path)) return fact;
  }
  if (row.field != Field::is_eu) return std::nullopt;
  // Only members are marked; in flat files no country is.
  auto country = fact_of(record, field_rows()[static_cast<std::size_t>(Field::country)]);
  if (!country) return std::nullopt;
  return Fact{Field::is_eu, in_european_union(std::get<std::string_view>(country->value))};
}

/// Several servers of one NGINX use the same files.
std::vector<std::weak_ptr<const Database>>& all_opened() {
  static std::vector<std::weak_ptr<const Database>> databases;
  std::erase_if(databases, [](const auto& database) { return database.expired(); });
  return databases;
}

}  // namespace

std::shared_ptr<const Database> Database::opened(const FileState& state) {
  for (const auto& known : all_opened())
    if (auto database = known.lock(); database && database->state() == state) return database;
  return nullptr;
}

std::shared_ptr<const Database> Database::open(const std::string& path) {
  if (auto database = opened(FileState::of(path))) return database;
  FileCopy copy(path);
  while (!copy.advance(std::numeric_limits<std::int64_t>::max())) {
  }
  return open(copy);
}

std::shared_ptr<const Database> Database::open(const FileCopy& copy) {
  std::shared_ptr<Database> database(new Database);
  const int status = MMDB_open(copy.reopen_path().c_str(), MMDB_MODE_MMAP, &database->mmdb_);
  if (status == MMDB_INVALID_METADATA_ERROR)
    throw LoadError(copy.path(),
                    "is not a MaxMind database or only the beginning of one; download it again (a .tar.gz or "
                    ".csv must be unpacked or replaced by the .mmdb)");
  if (status != MMDB_SUCCESS) throw LoadError(copy.path(), std::string("cannot be used: ") + MMDB_strerror(status));
  database->opened_ = true;
  database->state_ = copy.state();
  database->kind_ = kind_of_type(database->type());
  all_opened().push_back(database);
  return database;
}

Database::~Database() {
  if (opened_) MMDB_close(&mmdb_);
}

Database::Match Database::find(const Address& address) const noexcept {
  const auto inner = address.unmapped();
  if (!inner) return look_up(address);
  // Few databases have ::ffff:0:0/96 as another path to the IPv4 networks, and some have other networks there.
  Match match = look_up(*inner);
  match.unmapped = true;
  if (match.found || match.damaged) return match;
  const Match own = look_up(address);
  return own.found ? own : match;
}

Database::Match Database::look_up(const Address& address) const noexcept {
  sockaddr_in v4{};
  sockaddr_in6 v6{};
  const sockaddr* socket_address;
  if (address.v4) {
    v4.sin_family = AF_INET;
    std::memcpy(&v4.sin_addr, address.bytes.data(), 4);
    socket_address = reinterpret_cast<const sockaddr*>(&v4);
  } else {
    if (mmdb_.metadata.ip_version == 4) return {};
    v6.sin6_family = AF_INET6;
    std::memcpy(&v6.sin6_addr, address.bytes.data(), 16);
    socket_address = reinterpret_cast<const sockaddr*>(&v6);
  }
  int status = MMDB_SUCCESS;
  const MMDB_lookup_result_s result = MMDB_lookup_sockaddr(&mmdb_, socket_address, &status);
  if (status != MMDB_SUCCESS) return {.damaged = true};

  Match match{.found = result.found_entry, .record = result.entry.offset, .prefix = result.netmask};
  if (address.v4 && mmdb_.metadata.ip_version == 6) {
    match.v6_network = match.prefix < 96;
    if (!match.v6_network) match.prefix -= 96;
  }
  return match;
}

void Database::read(const Match& match, Fields wanted, std::vector<Fact>& facts) const {
  if (match.damaged) return;
  Fields absent = 0;
  if (match.found) {
    const MMDB_entry_s record{&mmdb_, match.record};
    for (const FieldRow& row : field_rows()) {
      if (!(wanted & kind_.fields & bit(row.field))) continue;
      if (auto fact = fact_of(record, row))
        facts.push_back(std::move(*fact));
      else
        absent |= bit(row.field);
    }
    absent &= kind_.false_without_value;
  } else {
    absent = wanted & kind_.false_without_record;
  }
  for (const FieldRow& row : field_rows())
    if (absent & bit(row.field)) facts.push_back({row.field, false});
}

std::string_view Database::type() const {
  return mmdb_.metadata.database_type ? mmdb_.metadata.database_type : std::string_view();
}
std::uint64_t Database::built() const { return mmdb_.metadata.build_epoch; }
std::uint32_t Database::nodes() const { return mmdb_.metadata.node_count; }

std::string network_of(const Address& address, const Database::Match& match) {
  if (match.v6_network) return network_of(Address{}, match.prefix);
  return network_of(match.unmapped ? address.unmapped().value_or(address) : address, match.prefix);
}

}  // namespace personalize::geo
