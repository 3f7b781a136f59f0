#include "plugins/device/user_agent_parser.h"

#include <sys/stat.h>
#include <yaml-cpp/yaml.h>

#include <cerrno>
#include <cstring>
#include <map>
#include <mutex>
#include <tuple>
#include <utility>

#include "plugins/device/warmup_user_agents.h"
#include "plugins/regular_file.h"
#include "rules/text/ascii.h"
#include "rules/text/utf8.h"

namespace personalize::plugins {
namespace {

/// A part of the result: the key of its template, and the template if there is no such key.
struct PartRow {
  const char* key;
  const char* otherwise;
};
struct SectionRow {
  const char* key;
  std::vector<PartRow> parts;
};
const std::array<SectionRow, 3>& section_rows() {
  static const std::array<SectionRow, 3> rows = {{
      {"user_agent_parsers",
       {{"family_replacement", "$1"},
        {"v1_replacement", "$2"},
        {"v2_replacement", "$3"},
        {"v3_replacement", "$4"},
        {"v4_replacement", "$5"}}},
      {"os_parsers",
       {{"os_replacement", "$1"},
        {"os_v1_replacement", "$2"},
        {"os_v2_replacement", "$3"},
        {"os_v3_replacement", "$4"},
        {"os_v4_replacement", "$5"}}},
      {"device_parsers", {{"device_replacement", "$1"}, {"brand_replacement", ""}, {"model_replacement", "$1"}}},
  }};
  return rows;
}

/// Puts groups where the template has "$1" to "$9". What is not UTF-8 then is not known.
std::string filled(const std::string& text, const Groups& groups) {
  std::string result;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '$' && i + 1 < text.size() && text[i + 1] >= '1' && text[i + 1] <= '9')
      result += groups[static_cast<std::size_t>(text[++i] - '0')];
    else
      result += text[i];
  }
  const std::string_view trimmed = rules::text::trim(result);
  if (!rules::text::is_valid_utf8(trimmed)) return {};
  return std::string(trimmed);
}

std::string family_or_other(std::string family) { return family.empty() ? "Other" : std::move(family); }

std::string text_at(const YAML::Node& entry, const char* key, const char* otherwise) {
  const YAML::Node value = entry[key];
  return value ? value.as<std::string>() : otherwise;
}

// uap-core's file has some 1 200 regexes in 0.3 MB.
constexpr std::size_t max_file_bytes = 8 * 1024 * 1024;
constexpr std::size_t max_regexes = 20'000;

std::string read_file(const std::string& path) {
  auto text = read_regular_file(path, max_file_bytes);
  if (!text) throw std::runtime_error(text.error());
  if (text->size() > max_file_bytes) throw std::runtime_error("is larger than 8 MB");
  return *std::move(text);
}

}  // namespace

std::shared_ptr<const UserAgentParser> UserAgentParser::load(const std::string& path) {
  using State = std::tuple<dev_t, ino_t, off_t, time_t, long>;
  static std::mutex lock;  // while one thread loads a file, others wait for it
  static std::map<State, std::weak_ptr<const UserAgentParser>> loaded;

  const std::lock_guard guard(lock);
  std::erase_if(loaded, [](const auto& entry) { return entry.second.expired(); });
  struct stat s;
  if (stat(path.c_str(), &s) != 0)
    throw std::runtime_error(std::string("cannot be read: ") + std::strerror(errno) +
                             "; install Debian's uap-core or name another regexes.yaml");
  const State state(s.st_dev, s.st_ino, s.st_size, s.st_mtim.tv_sec, s.st_mtim.tv_nsec);
  if (auto parser = loaded[state].lock()) return parser;
  auto parser = std::make_shared<const UserAgentParser>(read_file(path));
  loaded[state] = parser;
  return parser;
}

UserAgentParser::UserAgentParser(const std::string& yaml) try {
  const YAML::Node document = YAML::Load(yaml);
  std::uint32_t next_id = 0;
  std::size_t count = 0;
  for (std::size_t i = 0; i < section_count; ++i) {
    const SectionRow& row = section_rows()[i];
    const YAML::Node entries = document[row.key];
    if (!entries || !entries.IsSequence()) throw std::runtime_error(std::string("has no list \"") + row.key + "\"");
    if ((count += entries.size()) > max_regexes)
      throw std::runtime_error("has more than " + std::to_string(max_regexes) + " regexes");
    for (const YAML::Node& entry : entries) {
      const std::string regex = entry["regex"].as<std::string>();
      const std::string complaint = sections_[i].patterns.add(regex, text_at(entry, "regex_flag", "") == "i");
      if (!complaint.empty())
        throw std::runtime_error("line " + std::to_string(entry.Mark().line + 1) + ": regex: " + complaint);
      Parts templates;
      for (std::size_t part = 0; part < row.parts.size(); ++part)
        templates[part] = text_at(entry, row.parts[part].key, row.parts[part].otherwise);
      sections_[i].templates.push_back(std::move(templates));
    }
    next_id = sections_[i].patterns.compile(finder_, next_id);
  }
  finder_.compile();
  for (std::string_view browser : warmup_user_agents) parse(browser);
} catch (const YAML::Exception& error) {
  throw std::runtime_error(std::string("is not uap-core's regexes.yaml: ") + error.what());
}

UserAgent UserAgentParser::parse(std::string_view user_agent) const {
  const std::string_view text = user_agent.substr(0, max_bytes);
  std::vector<std::uint32_t> found;
  finder_.find(text, found);
  Parts b = apply(browsers, text, found);
  Parts s = apply(systems, text, found);
  return {
      .browser = {family_or_other(std::move(b[0])), std::move(b[1]), std::move(b[2]), std::move(b[3]), std::move(b[4])},
      .system = {family_or_other(std::move(s[0])), std::move(s[1]), std::move(s[2]), std::move(s[3]), std::move(s[4])},
      .device = device_of(text, found)};
}

bool UserAgentParser::warm_up() const {
  if (warmed_up_ < warmup_user_agents.size()) parse(warmup_user_agents[warmed_up_++]);
  return warmed_up_ < warmup_user_agents.size();
}

UserAgent::Device UserAgentParser::parse_device(std::string_view user_agent) const {
  const std::string_view text = user_agent.substr(0, max_bytes);
  std::vector<std::uint32_t> found;
  finder_.find(text, found);
  return device_of(text, found);
}

UserAgent::Device UserAgentParser::device_of(std::string_view text, const std::vector<std::uint32_t>& found) const {
  Parts d = apply(devices, text, found);
  return {family_or_other(std::move(d[0])), std::move(d[1]), std::move(d[2])};
}

UserAgentParser::Parts UserAgentParser::apply(SectionId id, std::string_view text,
                                              const std::vector<std::uint32_t>& found) const {
  Parts parts;
  Groups groups;
  const Section& section = sections_[id];
  const int number = section.patterns.first_match(text, found, groups);
  if (number < 0) return parts;
  for (std::size_t i = 0; i < parts.size(); ++i)
    parts[i] = filled(section.templates[static_cast<std::size_t>(number)][i], groups);
  return parts;
}

}  // namespace personalize::plugins
