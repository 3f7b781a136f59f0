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
#include "rules/load/condition.h"
#include "rules/load/fields.h"
#include "rules/load/sources.h"
#include "rules/rule_set.h"
#include "rules/yaml/document.h"

namespace personalize::rules::load {

/// What an operation on the element changes: two rules that change the same cannot both win.
std::string target_of(html::Operation operation);

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
  void read_files();
  void read_file(const SourceFile& source);
  bool is_known(const SourceFile& file) const;
  void include(const yaml::Document& document, const Fields& fields);
  void read_attributes(const File& file);
  void read_slots(const File& file);
  void read_segments();
  void read_partials(const File& file);
  void finish_slots();
  bool define(Definitions& definitions, std::string_view kind, const yaml::Document& document, const yaml::Node& name,
              std::uint32_t number);
  PagePatterns read_pages(const yaml::Document& document, const Fields& fields);
  std::unique_ptr<const cel::Program> compile(const yaml::Document& document, const Condition& condition);

  // schedule_loader.cc
  void read_holidays(const File& file);
  std::uint32_t read_zone(const yaml::Document& document, const yaml::Node& name);
  void read_schedules(const File& file, const Fields& fields, Rule& rule);
  void read_schedule(const File& file, const yaml::Node& node, Rule& rule);
  bool read_dates(const yaml::Document& document, const std::vector<const yaml::Node*>& nodes,
                  std::vector<Dates>& dates);

  // settings_loader.cc
  void read_stores(const File& file);
  void read_languages(const File& file);
  std::optional<double> read_degrees(const yaml::Document& document, const Fields& fields, std::string_view key,
                                     double most);

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
  std::optional<ProviderId> find_content(const yaml::Document& document, const yaml::Node& name);
  void add_rule(Rule rule, RuleSource source);
  void read_blocks(const File& file);
  void check_blocks();
  void read_fallbacks(const File& file);
  void read_actions(const yaml::Document& document, const yaml::Node& actions, Rule& rule);
  void use_block(const yaml::Document& document, const yaml::Node& name, Rule& rule);
  void refuse_senseless(const yaml::Document& document, const yaml::Node& actions, const Rule& rule);
  void read_action_map(const yaml::Document& document, const yaml::Node& map, Rule& rule);
  void read_set_attribute(const yaml::Document& document, const yaml::Node& node, Rule& rule);
  void read_reorder(const yaml::Document& document, const yaml::Node& node, Rule& rule);
  void read_classes(const yaml::Document& document, const yaml::Node& node, html::Operation operation, Rule& rule);
  std::unique_ptr<const templates::Template> read_template(const yaml::Document& document, const yaml::Node& scalar,
                                                           templates::Target target);
  bool check_attribute_name(const yaml::Document& document, const yaml::Node& name);
  void add_target(Rule& rule, std::string target);
  void use(const Rule& rule);
  templates::Environment template_environment(const Schema& schema, std::string& suggestion);

  RuleSet::Impl& set_;
  const ReadFile& read_;
  Sources& sources_;
  Diagnostics& diagnostics_;
  Reports reports_;
  std::deque<Fields> fields_;
  std::vector<File> files_;
  std::set<std::string> script_rules_;  // ids of rules in Lua
  std::set<std::string_view> wrong_blocks_;
  std::size_t blocks_deep_ = 0;  // blocks within blocks, while one is read
  std::size_t block_uses_ = 0;
  std::vector<std::vector<Dates>> holiday_dates_;
  std::vector<std::unordered_map<std::string, std::uint32_t>> targets_;  // by slot: number of each target
  std::vector<bool> used_;                                               // by attribute
  std::set<ProviderId> content_providers_;
  std::size_t partial_bytes_;
  const Schema* template_schema_;  // what templates may mention
};

}  // namespace personalize::rules::load
