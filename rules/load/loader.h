// Rule files → compiled rules.
#pragma once

#include <deque>
#include <map>
#include <memory>
#include <set>
#include <span>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "rules/compiled.h"
#include "rules/load/action_reader.h"
#include "rules/load/condition.h"
#include "rules/load/event_loader.h"
#include "rules/load/fields.h"
#include "rules/load/schedule_reader.h"
#include "rules/load/settings_reader.h"
#include "rules/load/sources.h"
#include "rules/rule_set.h"
#include "rules/yaml/document.h"

namespace personalize::rules::load {

class Loader {
 public:
  /// `sources` is empty, and takes the files.
  Loader(RuleSet::Impl& set, std::span<const SourceFile> files, const ReadFile& read, Sources& sources,
         Diagnostics& diagnostics);

  /// Everything that is wrong is in the diagnostics afterwards, in the order of files, lines and columns.
  void load();

 private:
  struct File {
    const yaml::Document* document;
    const Fields* fields;
    std::uint32_t zone = 0;  // of schedules that name none
  };

  // loader.cc
  void read_everything();
  void name_holidays();
  void read_files();
  void read_file(const SourceFile& source);
  bool is_known(const SourceFile& file) const;
  void include(const yaml::Document& document, const Fields& fields);
  void include_preset(const yaml::Document& document, const yaml::Node& name);
  void read_attributes(const File& file);
  void read_slots(const File& file);
  std::vector<cel::Environment::Segment> read_segments();
  void read_partials(const File& file);
  void finish_slots();
  std::unique_ptr<const cel::Program> compile(const yaml::Document& document, const Condition& condition);

  // recorded.cc
  void read_facts();
  void read_events(std::span<const cel::Environment::Segment> segments);
  void read_records(const char* key, bool facts);
  void read_record(std::string_view file, const lua::RecordDefinition& definition);

  // lua_loader.cc
  void read_script(const SourceFile& source);
  void read_scripts();
  void read_script_rule(std::string_view file, const lua::Script& script, std::uint32_t number);
  bool add_script_actions(std::string_view file, const lua::RuleDefinition& definition, Rule& rule);
  bool add_script_action(std::string_view file, const lua::RuleDefinition& definition, Rule& rule);

  // rule_loader.cc
  void read_rules(const File& file);
  void read_rule(const File& file, const yaml::Node& node);
  bool find_slot(const yaml::Document& document, const yaml::Node& name, SlotId& slot);
  void read_content(const yaml::Document& document, const yaml::Node& content, Rule& rule);
  std::optional<ProviderId> find_content(const yaml::Document& document, const yaml::Node& name);
  void add_rule(Rule rule, RuleSource source);
  void read_fallbacks(const File& file);
  void add_target(Rule& rule, std::string target);
  void use(const Rule& rule, const RuleSource& source);

  // used_keys.cc
  void use_keys(const Rule& rule, const RuleSource& source);
  void use_keys(const cel::Program& program, const yaml::Document& document, const Condition& condition,
                const cel::Environment& environment);
  void use_key(const KeyUse& use, Diagnostic place);

  RuleSet::Impl& set_;
  const ReadFile& read_;
  Sources& sources_;
  Diagnostics& diagnostics_;
  Reports reports_;
  SettingsReader settings_;
  ScheduleReader schedules_;
  ActionReader actions_;
  EventLoader events_;
  std::deque<Fields> fields_;
  std::vector<File> files_;
  std::set<std::string> script_rules_;                                   // ids of rules in Lua
  std::vector<std::unordered_map<std::string, std::uint32_t>> targets_;  // by slot: number of each target
  std::set<std::pair<AttributeId, std::optional<std::string>>> used_keys_;
  std::vector<bool> used_;  // by attribute
  std::set<ProviderId> content_providers_;
};

}  // namespace personalize::rules::load
