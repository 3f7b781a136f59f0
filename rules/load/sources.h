// What rule files define, and where: for lints and explanations. As large as the files, so only tools keep it.
#pragma once

#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "rules/diagnostic.h"
#include "rules/load/condition.h"
#include "rules/rule_set.h"
#include "rules/yaml/document.h"

namespace personalize::rules::load {

/// Something with a name, and where it was defined.
struct Definition {
  std::uint32_t number;
  const yaml::Document* document;
  const yaml::Node* node;  ///< its name
  const yaml::Node* value = nullptr;
  bool used = false;  ///< something mentions it
};
using Definitions = std::unordered_map<std::string_view, Definition>;

/// Adds one; if there is one of that name already, reports that and returns false. `kind`: for the message, "slot".
bool define(Definitions& definitions, std::string_view kind, const yaml::Document& document, const yaml::Node& name,
            std::uint32_t number, Reports& reports);

struct SegmentSource {
  const yaml::Document* document;
  Condition condition;
};

/// A rule or, with the key `fallback` as its `id`, what is done if no rule wins. Nodes are null where the rule says
/// nothing, and all of a rule in Lua are.
struct RuleSource {
  const yaml::Document* document = nullptr;
  const yaml::Node* id = nullptr;
  const yaml::Node* slot = nullptr;
  const yaml::Node* actions = nullptr;
  Condition when = {};
  std::vector<const yaml::Node*> schedules = {};
  std::string_view script = {};   ///< file of a rule in Lua …
  std::uint32_t script_line = 1;  ///< … and where it begins there

  /// A message at the rule's `id`, or at the line of a rule in Lua.
  Diagnostic warning(std::string message) const;
};

/// A mapping of an event; `document` is null where it is in Lua.
struct EventSource {
  const yaml::Document* document = nullptr;
  Condition when = {};
};

/// Neither copied nor moved: its parts point to each other.
struct Sources {
  Sources() = default;
  Sources(const Sources&) = delete;
  Sources& operator=(const Sources&) = delete;

  std::deque<SourceFile> files;  ///< in the order in which they are read; included ones last
  std::vector<std::unique_ptr<yaml::Document>> documents;
  Definitions slots;     ///< numbers are SlotIds
  Definitions segments;  ///< numbers are positions in `segment_sources`
  Definitions partials;
  Definitions blocks;
  Definitions holidays;
  Definitions stores;
  Definitions facts;  ///< numbers are positions in `RuleSet::facts`
  Definitions rules;  ///< those of YAML files; numbers have no meaning
  std::vector<SegmentSource> segment_sources;
  std::vector<RuleSource> rule_sources;    ///< by RuleId
  std::vector<EventSource> event_sources;  ///< by `events::Mapping::source`

  /// In the order of files, lines and columns from `first` on, each once.
  void sort(Diagnostics& diagnostics, std::size_t first = 0) const;
};

}  // namespace personalize::rules::load
