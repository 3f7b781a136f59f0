// Probes of the context: what databases and headers say, as rules see it.
#include <cstdlib>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "cli/probe/probes.h"
#include "geo/database.h"
#include "plugins/device/description.h"
#include "plugins/device/user_agent_parser.h"

namespace personalize::cli {
namespace {

using geo::Database;

/// A part of a parsed User-Agent; absent parts are null.
Json part(const std::string& text) { return text.empty() ? Json() : Json(text); }

/// uap-core's file: $PERSONALIZE_UAP_REGEXES or Debian's. Kept for the rows that follow.
const char* regexes_file() {
  const char* other = std::getenv("PERSONALIZE_UAP_REGEXES");
  return other ? other : plugins::UserAgentParser::default_file;
}

const plugins::UserAgentParser& user_agent_parser() {
  static const auto parser = plugins::UserAgentParser::load(regexes_file());
  return *parser;
}

using Node = const MMDB_entry_data_list_s*;

/// Turns libmaxminddb's list for a value (depth first, containers before their content) into JSON; moves `node`
/// past it.
Json to_json(Node& node) {
  if (!node) throw std::runtime_error("the record ends in the middle of a value");
  const MMDB_entry_data_s& data = node->entry_data;
  node = node->next;
  switch (data.type) {
    case MMDB_DATA_TYPE_MAP: {
      Json map = Json::object();
      for (std::uint32_t i = 0; i < data.data_size; ++i) {
        if (!node || node->entry_data.type != MMDB_DATA_TYPE_UTF8_STRING) throw std::runtime_error("a key is no text");
        const std::string key(node->entry_data.utf8_string, node->entry_data.data_size);
        node = node->next;
        map[key] = to_json(node);
      }
      return map;
    }
    case MMDB_DATA_TYPE_ARRAY: {
      Json array = Json::array();
      for (std::uint32_t i = 0; i < data.data_size; ++i) array.push_back(to_json(node));
      return array;
    }
    case MMDB_DATA_TYPE_UTF8_STRING: return std::string(data.utf8_string, data.data_size);
    case MMDB_DATA_TYPE_BYTES: {
      Json bytes = Json::array();
      for (std::uint32_t i = 0; i < data.data_size; ++i) bytes.push_back(data.bytes[i]);
      return bytes;
    }
    case MMDB_DATA_TYPE_DOUBLE: return data.double_value;
    case MMDB_DATA_TYPE_FLOAT: return data.float_value;
    case MMDB_DATA_TYPE_UINT16: return data.uint16;
    case MMDB_DATA_TYPE_UINT32: return data.uint32;
    case MMDB_DATA_TYPE_INT32: return data.int32;
    case MMDB_DATA_TYPE_UINT64: return data.uint64;
    case MMDB_DATA_TYPE_BOOLEAN: return data.boolean;
    case MMDB_DATA_TYPE_UINT128: {
      // JSON's integers end at 64 bits.
      const auto high = static_cast<std::uint64_t>(data.uint128 >> 64), low = static_cast<std::uint64_t>(data.uint128);
      if (high == 0) return low;
      return static_cast<double>(high) * 18446744073709551616.0 + static_cast<double>(low);
    }
    default: throw std::runtime_error("a value of unknown type " + std::to_string(data.type));
  }
}

Json record_of(const Database& database, const Database::Match& match) {
  MMDB_entry_s entry{&database.handle(), match.record};
  MMDB_entry_data_list_s* list = nullptr;
  const int status = MMDB_get_entry_data_list(&entry, &list);
  const std::unique_ptr<MMDB_entry_data_list_s, decltype(&MMDB_free_entry_data_list)> owner(list,
                                                                                            &MMDB_free_entry_data_list);
  if (status != MMDB_SUCCESS) throw std::runtime_error(MMDB_strerror(status));
  Node node = list;
  return to_json(node);
}

struct ToJson {
  Json operator()(std::string_view text) const { return std::string(text); }
  Json operator()(const std::vector<std::string_view>& texts) const {
    Json array = Json::array();
    for (std::string_view text : texts) array.push_back(std::string(text));
    return array;
  }
  template <typename Scalar>
  Json operator()(Scalar scalar) const {
    return scalar;
  }
};

Json attributes_of(const Database& database, const Database::Match& match) {
  std::vector<geo::Fact> facts;
  database.read(match, ~geo::Fields{0}, facts);
  Json attributes = Json::object();
  for (const geo::Fact& fact : facts)
    attributes["geo." + std::string(geo::field_rows()[static_cast<std::size_t>(fact.field)].name)] =
        std::visit(ToJson(), fact.value);
  return attributes;
}

}  // namespace

Json probe_device(const Json& input) {
  std::vector<std::pair<std::string, std::string>> sent;
  if (input.contains("headers"))
    for (const auto& [name, value] : input.at("headers").items()) sent.emplace_back(name, value.get<std::string>());
  if (input.contains("ua")) sent.emplace_back("user-agent", input.at("ua").get<std::string>());
  std::vector<plugins::Header> headers;
  headers.reserve(sent.size());
  for (const auto& [name, value] : sent) headers.push_back({name, value});

  const auto known = plugins::DeviceHeaders::of(headers);
  plugins::UserAgent parsed = user_agent_parser().parse(known.user_agent);
  if (known.has_hints()) plugins::apply_hints(known, user_agent_parser(), parsed);
  const auto& [browser, system, hardware] = parsed;
  return {
      {"ua",
       {{"family", part(browser.family)},
        {"major", part(browser.major)},
        {"minor", part(browser.minor)},
        {"patch", part(browser.patch)},
        {"patch_minor", part(browser.patch_minor)}}},
      {"os",
       {{"family", part(system.family)},
        {"major", part(system.major)},
        {"minor", part(system.minor)},
        {"patch", part(system.patch)},
        {"patch_minor", part(system.patch_minor)}}},
      {"device", {{"family", part(hardware.family)}, {"brand", part(hardware.brand)}, {"model", part(hardware.model)}}},
      {"type", plugins::to_string(plugins::describe(known, user_agent_parser()).type)},
      {"regexes", regexes_file()}};
}

Json probe_geo(const Json& input) {
  static std::string path;  // rows are grouped by database
  static std::shared_ptr<const Database> database;
  const std::string wanted = input.at("db").get<std::string>();
  if (!database || path != wanted) {
    database = Database::open(wanted);
    path = wanted;
  }
  const std::string text = input.at("ip").get<std::string>();
  const auto address = geo::Address::parse(text);
  if (!address) throw std::invalid_argument("\"" + text + "\" is not an IP address");
  const Database::Match match = database->find(*address);
  if (match.damaged) throw std::runtime_error("the database is damaged");
  return {{"network", geo::network_of(*address, match)},
          {"record", match.found ? record_of(*database, match) : Json()},
          {"attributes", attributes_of(*database, match)}};
}

}  // namespace personalize::cli
