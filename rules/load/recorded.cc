// The part of the loader that reads what is recorded of requests: events and facts.
#include "rules/load/event_format.h"
#include "rules/load/loader.h"
#include "rules/spelling.h"

namespace personalize::rules::load {
namespace {

bool is_preset(const yaml::Document& document) { return document.file().starts_with(preset_prefix); }

}  // namespace

void Loader::read_facts() {
  read_records("facts", true);
  events_.finish_facts();
}

void Loader::read_events(std::span<const cel::Environment::Segment> segments) {
  events_.begin_events(segments);
  read_records("events", false);
  const cel::Environment& environment = events_.finish_events();
  for (const EventLoader::Use& use : events_.uses()) {
    for (AttributeId id : use.program->attributes())
      if (id < used_.size()) used_[id] = true;
    use_keys(*use.program, *use.document, use.condition, environment);
  }
}

/// What the shop says itself comes first, then what presets say, whichever file included them.
void Loader::read_records(const char* key, bool facts) {
  for (const bool presets : {false, true}) {
    for (const File& file : files_) {
      const yaml::Node* records = file.fields->find(key);
      if (!records || is_preset(*file.document) != presets) continue;
      if (facts)
        events_.read_facts(*file.document, *records);
      else
        events_.read_events(*file.document, *records);
    }
    if (presets) continue;
    for (const RuleSet::ScriptFile& script : set_.scripts)
      for (const lua::RecordDefinition& definition : script.script->records())
        if (definition.is_fact == facts) read_record(script.name, definition);
  }
}

/// Mistakes have the line of the call.
void Loader::read_record(std::string_view file, const lua::RecordDefinition& definition) {
  const std::size_t first = diagnostics_.size();
  const yaml::Document& document = *sources_.documents.emplace_back(yaml::Document::made(file));
  if (definition.is_fact) {
    if (const auto refusal = refuse_name(definition.name.text, true))
      reports_.add(document.at(definition.name, *refusal));
    else
      events_.read_fact(document, definition.name, *definition.fields);
  } else if (const auto name = learn::events::find_event_name(definition.name.text)) {
    events_.read_event(document, *name, *definition.fields, definition.line);
  } else {
    Nearest nearest(definition.name.text);
    for (const learn::events::Word& word : learn::events::vocabulary()) nearest.consider(word.text);
    reports_.add(document.at(definition.name, "unknown event " + in_quotes(definition.name.text) + nearest.hint()));
  }
  for (std::size_t i = first; i < diagnostics_.size(); ++i) {
    if (diagnostics_[i].file != file) continue;
    diagnostics_[i].line = definition.line;
    diagnostics_[i].column = 1;
  }
}

}  // namespace personalize::rules::load
