// What `events` are compiled into.
#pragma once

#include <array>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rules/cel/program.h"
#include "rules/decide/page_index.h"
#include "rules/events/event_rules.h"

namespace personalize::rules {

namespace events {

/// Methods of requests that events can be made of. Others say nothing (HEAD, OPTIONS) or are no visitors'.
inline constexpr std::array<std::string_view, 5> methods = {"GET", "POST", "PUT", "PATCH", "DELETE"};
using Methods = std::uint8_t;  ///< a bit by position

/// None if it is none of these.
std::optional<std::size_t> find_method(std::string_view name);

struct FieldProgram {
  std::uint8_t field;  ///< position in `event_fields` or `item_fields`
  std::unique_ptr<const cel::Program> value;
};

struct Mapping {
  learn::events::EventName name = {};
  Diagnostic place = {};
  std::uint32_t source = 0;  ///< among `load::Sources::event_sources`, for lints
  Methods methods = 1;       ///< GET
  PagePatterns pages = {};
  std::unique_ptr<const cel::Program> when = {};  ///< null: always
  std::vector<FieldProgram> fields = {};
  std::vector<std::vector<FieldProgram>> items = {};
  std::unique_ptr<const cel::Program> item_list = {};  ///< in place of `items`: a list of ids, or of maps
  std::uint64_t facts = 0;                             ///< that its expressions mention
  bool reads_form = false;
};

/// Mappings of one method, by page.
struct MethodIndex {
  PageIndex pages;
  std::vector<std::vector<std::uint32_t>> by_list;  ///< mappings by number of their list of pages
  std::vector<std::uint32_t> on_all_pages;
};

}  // namespace events

struct EventRules::Impl {
  /// Facts and forms are known to these, besides the attributes of rules, which come first: then `request.form`, then
  /// facts in their order.
  Schema schema;
  std::unique_ptr<cel::Environment> environment;
  AttributeId form = 0;
  struct Fact {
    Kind type;
    bool count;
  };
  std::vector<Fact> facts;
  std::vector<events::Mapping> mappings;  ///< in the order in which they are asked: `page_view` comes last
  std::array<events::MethodIndex, events::methods.size()> index, form_index;
  std::vector<std::string> form_fields;
  bool all_form_fields = false;
  std::uint64_t used_facts = 0;

  AttributeId first_fact() const { return form + 1; }
  /// Once, when mappings are complete.
  void build_indexes();
};

}  // namespace personalize::rules
