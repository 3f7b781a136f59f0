// What rules, fallbacks and blocks do to the element of their slot: the value of `do`.
#pragma once

#include <memory>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "rules/compiled.h"
#include "rules/load/fields.h"
#include "rules/load/sources.h"
#include "rules/templates/template.h"
#include "rules/yaml/document.h"

namespace personalize::rules::load {

/// What an operation on the element changes: two rules that change the same cannot both win.
std::string target_of(html::Operation operation);

/// Adds actions and their targets to rules, and reports what is wrong with them. Attributes, selectors and partials of
/// the rule set are complete by then.
class ActionReader {
 public:
  ActionReader(RuleSet::Impl& set, Sources& sources, Reports& reports)
      : set_(set), sources_(sources), reports_(reports), schema_(&set.schema) {}

  void read_blocks(const yaml::Document& document, const Fields& file);
  /// Once, when all blocks have been read.
  void check_blocks();

  /// `actions`: the value of `do`.
  void read(const yaml::Document& document, const yaml::Node& actions, Rule& rule);
  /// Reports what cannot be done to the elements of the rule's slot.
  void refuse_senseless(const yaml::Document& document, const yaml::Node& actions, const Rule& rule);
  /// Null, and errors, if the template is wrong. `read_by_people`: what it gives, if that is plain text.
  std::unique_ptr<const templates::Template> compile(std::string_view text, templates::Target target,
                                                     std::vector<templates::Error>& errors,
                                                     bool read_by_people = false);

  /// While it lives, templates may mention `content`.
  class WithContent {
   public:
    WithContent(ActionReader& reader, bool with_content) : reader_(reader) {
      if (with_content) reader_.schema_ = &reader_.set_.content_schema;
    }
    ~WithContent() { reader_.schema_ = &reader_.set_.schema; }
    WithContent(const WithContent&) = delete;
    WithContent& operator=(const WithContent&) = delete;

   private:
    ActionReader& reader_;
  };

 private:
  static constexpr std::size_t max_partial_bytes = 64 * 1024 * 1024;

  void read_action_map(const yaml::Document& document, const yaml::Node& map, Rule& rule);
  void read_set_attribute(const yaml::Document& document, const yaml::Node& node, Rule& rule);
  void read_reorder(const yaml::Document& document, const yaml::Node& node, Rule& rule);
  void read_classes(const yaml::Document& document, const yaml::Node& node, html::Operation operation, Rule& rule);
  bool check_attribute_name(const yaml::Document& document, const yaml::Node& name);
  void use_block(const yaml::Document& document, const yaml::Node& name, Rule& rule);
  std::unique_ptr<const templates::Template> read_template(const yaml::Document& document, const yaml::Node& scalar,
                                                           templates::Target target, bool read_by_people = false);
  templates::Environment environment(std::string& suggestion);

  RuleSet::Impl& set_;
  Sources& sources_;
  Reports& reports_;
  const Schema* schema_;  // what templates may mention
  std::size_t partial_bytes_ = max_partial_bytes;
  std::set<std::string_view> wrong_blocks_;
  std::size_t blocks_deep_ = 0;  // blocks within blocks, while one is read
  std::size_t block_uses_ = 0;
};

}  // namespace personalize::rules::load
