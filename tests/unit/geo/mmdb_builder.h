// Builds small MaxMind databases for tests (https://maxmind.github.io/MaxMind-DB/), including invalid ones.
#pragma once

#include <arpa/inet.h>
#include <unistd.h>

#include <array>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

namespace personalize::geo {

class MmdbBuilder {
 public:
  using Json = nlohmann::ordered_json;

  explicit MmdbBuilder(std::string type) : type_(std::move(type)) {}

  /// "192.0.2.0/24" or "2001:db8::/32"; networks must not overlap.
  MmdbBuilder& add(const std::string& network, const Json& record) {
    const std::uint32_t offset = static_cast<std::uint32_t>(data_.size());
    data_ += encoded(record);
    const auto slash = network.find('/');
    const std::string address = network.substr(0, slash);
    unsigned prefix = static_cast<unsigned>(std::stoul(network.substr(slash + 1)));
    std::array<std::uint8_t, 16> bytes{};
    if (address.find(':') == std::string::npos) {
      inet_pton(AF_INET, address.c_str(), bytes.data() + 12);
      prefix += 96;
    } else {
      inet_pton(AF_INET6, address.c_str(), bytes.data());
    }
    insert(bytes, prefix, offset);
    return *this;
  }

  std::string build() const {
    std::string file;
    const auto count = static_cast<std::uint32_t>(nodes_.size());
    for (const auto& node : nodes_)
      for (const Record& record : node) {
        std::uint32_t value = count;  // not found
        if (record.kind == Record::node) value = record.value;
        if (record.kind == Record::data) value = count + 16 + record.value;
        for (int shift = 16; shift >= 0; shift -= 8) file += static_cast<char>(value >> shift & 0xff);
      }
    file += std::string(16, '\0') + data_ + "\xab\xcd\xefMaxMind.com";
    file += control(7, 9);
    file += encoded("node_count") + control(6, 4) + big_endian(count, 4);
    file += encoded("record_size") + control(5, 2) + big_endian(24, 2);
    file += encoded("ip_version") + control(5, 2) + big_endian(6, 2);
    file += encoded("binary_format_major_version") + control(5, 2) + big_endian(2, 2);
    file += encoded("binary_format_minor_version") + control(5, 2) + big_endian(0, 2);
    file += encoded("build_epoch") + encoded(1'700'000'000);
    file += encoded("database_type") + encoded(type_);
    file += encoded("languages") + encoded(Json::array({"en"}));
    return file + encoded("description") + encoded({{"en", "test"}});
  }

 private:
  struct Record {
    enum Kind { none, node, data } kind = none;
    std::uint32_t value = 0;
  };

  void insert(const std::array<std::uint8_t, 16>& bytes, unsigned prefix, std::uint32_t offset) {
    std::uint32_t node = 0;
    for (unsigned bit = 0; bit < prefix; ++bit) {
      const unsigned side = bytes[bit / 8] >> (7 - bit % 8) & 1;
      if (bit + 1 == prefix) {
        nodes_[node][side] = {Record::data, offset};
        return;
      }
      if (nodes_[node][side].kind != Record::node) {
        nodes_[node][side] = {Record::node, static_cast<std::uint32_t>(nodes_.size())};
        nodes_.emplace_back();
      }
      node = nodes_[node][side].value;
    }
  }

  static std::string control(int type, std::size_t size) {
    std::string bytes;
    const std::size_t size_bits = size < 29 ? size : size < 285 ? 29 : 30;
    bytes += static_cast<char>((type <= 7 ? type << 5 : 0) | static_cast<int>(size_bits));
    if (type > 7) bytes += static_cast<char>(type - 7);
    if (size_bits == 29) bytes += static_cast<char>(size - 29);
    if (size_bits == 30) bytes += {static_cast<char>((size - 285) >> 8), static_cast<char>((size - 285) & 0xff)};
    return bytes;
  }

  static std::string big_endian(std::uint64_t value, int bytes) {
    std::string text;
    for (int shift = (bytes - 1) * 8; shift >= 0; shift -= 8) text += static_cast<char>(value >> shift & 0xff);
    return text;
  }

  static std::string encoded(const Json& value) {
    if (value.is_object()) {
      std::string map = control(7, value.size());
      for (const auto& [key, element] : value.items()) map += encoded(key) + encoded(element);
      return map;
    }
    if (value.is_array()) {
      std::string array = control(11, value.size());
      for (const Json& element : value) array += encoded(element);
      return array;
    }
    if (value.is_boolean()) return control(14, value.get<bool>() ? 1 : 0);
    if (value.is_number_float()) {
      std::uint64_t bits;
      const double number = value.get<double>();
      std::memcpy(&bits, &number, sizeof(bits));
      return control(3, 8) + big_endian(bits, 8);
    }
    if (value.is_number()) return control(9, 8) + big_endian(value.get<std::uint64_t>(), 8);
    const auto text = value.get<std::string>();
    return control(2, text.size()) + text;
  }

  std::string type_;
  std::string data_;
  std::vector<std::array<Record, 2>> nodes_{1};
};

/// A folder that is removed after the test.
class TemporaryFolder {
 public:
  TemporaryFolder() {
    std::string name = (std::filesystem::temp_directory_path() / "personalize-test-XXXXXX").string();
    path_ = mkdtemp(name.data());
  }
  ~TemporaryFolder() { std::filesystem::remove_all(path_); }
  TemporaryFolder(const TemporaryFolder&) = delete;
  TemporaryFolder& operator=(const TemporaryFolder&) = delete;

  /// Writes a file (in place if it exists) and returns its path.
  std::string write(const std::string& name, const std::string& content) const {
    std::string file = (path_ / name).string();
    std::ofstream(file, std::ios::binary) << content;
    return file;
  }
  std::string path(const std::string& name) const { return (path_ / name).string(); }

 private:
  std::filesystem::path path_;
};

/// London, as MaxMind's City database has it.
inline MmdbBuilder::Json london_record() {
  return {
      {"city", {{"geoname_id", 2643743}, {"names", {{"de", "London"}, {"en", "London"}}}}},
      {"continent", {{"code", "EU"}, {"names", {{"en", "Europe"}}}}},
      {"country", {{"iso_code", "GB"}, {"names", {{"en", "United Kingdom"}}}}},
      {"location",
       {{"accuracy_radius", 10}, {"latitude", 51.5142}, {"longitude", -0.0931}, {"time_zone", "Europe/London"}}},
      {"postal", {{"code", "EC2V"}}},
      {"registered_country", {{"iso_code", "GB"}}},
      {"subdivisions",
       {{{"iso_code", "ENG"}, {"names", {{"en", "England"}}}}, {{"iso_code", "LND"}, {"names", {{"en", "London"}}}}}}};
}

}  // namespace personalize::geo
