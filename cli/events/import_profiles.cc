#include "cli/events/import_profiles.h"

#include <map>
#include <memory>
#include <memory_resource>
#include <nlohmann/json.hpp>
#include <optional>
#include <utility>

#include "cli/events/csv.h"
#include "cli/events/import.h"
#include "cli/events/text_lines.h"
#include "cli/redis_words.h"
#include "engine/engine.h"
#include "plugins/profile/typed_value.h"
#include "plugins/profile/visitor_id.h"

namespace personalize::cli {
namespace {

using Json = nlohmann::ordered_json;
using Fields = std::vector<std::pair<std::string, std::string>>;
using Types = std::map<std::string, rules::Type, std::less<>>;

constexpr std::string_view attributes_of_profiles = "profile.";

/// Of the attributes that rules declare, by field.
tl::expected<Types, std::string> types_in(const std::vector<std::string>& rules) {
  Types types;
  if (rules.empty()) return types;
  rules::Diagnostics diagnostics;
  const auto engine = engine::Engine::load(rules, plugins::HostSettings{}, diagnostics);
  if (!engine)
    return tl::unexpected("--rules: " + (diagnostics.empty() ? "cannot be used" : rules::to_string(diagnostics[0])));
  const rules::Schema& schema = engine->rules().schema();
  for (rules::AttributeId id = 0; id < schema.size(); ++id)
    if (schema[id].name.starts_with(attributes_of_profiles))
      types.emplace(schema[id].name.substr(attributes_of_profiles.size()), schema[id].type);
  return types;
}

/// As Redis has it, see docs/context.md.
std::string stored(const Json& value) {
  if (value.is_string()) return value.get<std::string>();
  return value.dump(-1, ' ', false, Json::error_handler_t::replace);
}

class ProfileImport {
 public:
  ProfileImport(const ImportProfilesOptions& options, Types types,
                std::unique_ptr<engine::redis::client::BlockingClient> client, std::ostream& errors)
      : options_(options), types_(std::move(types)), client_(std::move(client)), report_(errors, "profiles") {}

  int run(std::istream& standard_input) {
    for (const std::string& path : options_.files) {
      ImportFile file(path, standard_input);
      path_ = path;
      if (!file.readable()) return report_.fail(path + ": cannot be read");
      if (file.is_json())
        read_json(file.text());
      else
        read_csv(file.text());
      if (problem_) return report_.fail(*problem_);
    }
    return report_.sum_up();
  }

 private:
  void read_json(std::istream& in) {
    std::string line;
    for (std::size_t number = 1; !problem_ && next_line(in, line); ++number) {
      if (line.find_first_not_of(" \t") == line.npos) continue;
      const Json row = Json::parse(line, nullptr, false);
      if (!row.is_object()) {
        report_.refused(path_, number, "it is not a JSON object");
        continue;
      }
      std::string visitor;
      Fields fields;
      for (const auto& [name, value] : row.items()) {
        if (name == options_.id)
          visitor = stored(value);
        else if (!value.is_null())
          fields.emplace_back(name, stored(value));
      }
      take(number, visitor, fields);
    }
  }

  void read_csv(std::istream& in) {
    CsvReader csv(in);
    const auto* row = csv.next();
    if (row == nullptr) return;
    const std::vector<std::string> header = *row;
    while (!problem_ && (row = csv.next()) != nullptr) {
      if (csv.problem() || row->size() != header.size()) {
        report_.refused(path_, csv.line(), csv.problem().value_or("it has other columns than the header"));
        continue;
      }
      std::string visitor;
      Fields fields;
      for (std::size_t i = 0; i < header.size(); ++i) {
        if (header[i] == options_.id)
          visitor = (*row)[i];
        else if (!(*row)[i].empty())
          fields.emplace_back(header[i], (*row)[i]);
      }
      take(csv.line(), visitor, fields);
    }
  }

  /// What is wrong with them, if something is.
  std::optional<std::string> mistake_in(const std::string& visitor, const Fields& fields) {
    if (visitor.empty()) return "it has no `" + options_.id + "`; another name is given by --id";
    if (!plugins::valid_visitor_id(visitor)) return "an id is 1 to 128 of A-Z a-z 0-9 . _ -";
    if (fields.empty()) return "it has no fields";
    if (types_.empty()) return std::nullopt;
    for (const auto& [name, value] : fields) {
      const auto type = types_.find(name);
      if (type == types_.end()) return "rules declare no profile." + name;
      memory_.release();
      if (plugins::typed_value(value, type->second, memory_).missing())
        return "`" + name + "` is no " + rules::to_string(type->second);
    }
    return std::nullopt;
  }

  void take(std::size_t line, const std::string& visitor, const Fields& fields) {
    if (const auto mistake = mistake_in(visitor, fields)) return report_.refused(path_, line, *mistake);
    if (!options_.dry_run) write(visitor, fields);
    if (!problem_) report_.imported();
  }

  void write(const std::string& visitor, const Fields& fields) {
    const std::string key = client_->options().prefix + "{" + visitor + "}:profile";
    if (options_.replace) send({"DEL", key});
    if (problem_) return;
    std::vector<std::string_view> command = {"HSET", key};
    for (const auto& [name, value] : fields) {
      command.push_back(name);
      command.push_back(value);
    }
    send(command);
  }

  void send(const std::vector<std::string_view>& command) {
    memory_.release();
    if (const auto reply = client_->command(command, memory_); !reply) problem_ = reply.error();
  }

  const ImportProfilesOptions& options_;
  const Types types_;
  std::unique_ptr<engine::redis::client::BlockingClient> client_;
  ImportReport report_;
  std::pmr::monotonic_buffer_resource memory_;
  std::string path_;
  std::optional<std::string> problem_;  // why it cannot go on
};

}  // namespace

int import_profiles(const ImportProfilesOptions& options, std::istream& in, std::ostream& errors) {
  const auto fail = [&](const std::string& why) {
    errors << "personalize: " << why << '\n';
    return 2;
  };
  auto types = types_in(options.rules);
  if (!types) return fail(types.error());
  std::unique_ptr<engine::redis::client::BlockingClient> client;
  if (!options.dry_run) {
    if (options.redis.empty()) return fail("say where profiles go: --redis");
    auto connected = redis_client(options.redis);
    if (!connected) return fail(connected.error());
    client = std::move(*connected);
  }
  return ProfileImport(options, std::move(*types), std::move(client), errors).run(in);
}

}  // namespace personalize::cli
