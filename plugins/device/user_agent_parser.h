// What a User-Agent says of browser, operating system and device: uap-core's regexes.yaml, applied as its
// specification says (https://github.com/ua-parser/uap-core/blob/master/docs/specification.md).
#pragma once

#include <array>
#include <memory>
#include <stdexcept>
#include <string>
#include <string_view>
#include <vector>

#include "plugins/device/literal_finder.h"
#include "plugins/device/pattern_list.h"

namespace personalize::plugins {

/// Empty texts: not known. A family that is not known is "Other".
struct UserAgent {
  struct Browser {
    std::string family, major, minor, patch, patch_minor;
  } browser;
  struct System {
    std::string family, major, minor, patch, patch_minor;
  } system;
  struct Device {
    std::string family, brand, model;
  } device;
};

class UserAgentParser {
 public:
  /// Debian's package uap-core.
  static constexpr const char* default_file = "/usr/share/uap-core/regexes.yaml";
  /// Bytes of a User-Agent that are looked at.
  static constexpr std::size_t max_bytes = 1024;

  /// Reads and compiles the file (about 0.1 s); the same object for the same unchanged file as long as
  /// somebody holds it. Throws std::runtime_error.
  static std::shared_ptr<const UserAgentParser> load(const std::string& path);
  explicit UserAgentParser(const std::string& yaml);

  UserAgent parse(std::string_view user_agent) const;
  /// Parses one of the usual browsers in each process that will serve, so that its first visitors do not have to
  /// wait until RE2 has made, or a forked process has got hold of, its automatons' states. False: that was the last
  /// one.
  bool warm_up() const;
  /// Only the device: for a User-Agent that was made up from what Client Hints say.
  UserAgent::Device parse_device(std::string_view user_agent) const;

 private:
  static constexpr std::size_t max_parts = 5;
  /// One list of the file: patterns, and for each how its groups become the parts of the result.
  struct Section {
    PatternList patterns;
    std::vector<std::array<std::string, max_parts>> templates;
  };
  enum SectionId { browsers, systems, devices, section_count };
  using Parts = std::array<std::string, max_parts>;

  Parts apply(SectionId id, std::string_view text, const std::vector<std::uint32_t>& found) const;
  UserAgent::Device device_of(std::string_view text, const std::vector<std::uint32_t>& found) const;

  LiteralFinder finder_;
  std::array<Section, section_count> sections_;
  mutable std::size_t warmed_up_ = 0;  // in this process, or those that it was forked from
};

}  // namespace personalize::plugins
