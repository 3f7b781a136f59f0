#include "rules/load/loader.h"

#include <xxhash.h>

#include <algorithm>
#include <filesystem>

#include "rules/load/event_format.h"
#include "rules/load/recognition.h"
#include "rules/presets/presets.h"
#include "rules/spelling.h"
#include "rules/text/ascii.h"

namespace personalize::rules::load {
namespace {

std::string hexadecimal(std::uint64_t number) {
  std::string text;
  for (int shift = 56; shift >= 0; shift -= 8) text::append_hex(text, static_cast<char>(number >> shift));
  return text;
}

/// Adds the attributes declared under one namespace to the schema.
void read_namespace(const yaml::Document& document, const std::string& prefix, const yaml::Node& map, Schema& schema,
                    Reports& reports) {
  if (!map.is_map()) {
    reports.add(
        document.at(map, in_quotes(prefix) + " must be a map of names and types, not " + std::string(describe(map))));
    return;
  }
  for (const auto& [name, value] : named_entries(document, map, true, reports)) {
    const std::string attribute = prefix + "." + name->text;
    if (!value->is_scalar()) {
      reports.add(
          document.at(value->kind == yaml::Node::Kind::null ? *name : *value,
                      "the type of " + in_quotes(attribute) + " must be text, not " + std::string(describe(*value))));
      continue;
    }
    const std::optional<Type> type = parse_type(value->text);
    if (!type) {
      Nearest nearest(value->text);
      for (std::string_view known : attribute_type_format.examples) nearest.consider(known);
      reports.add(document.at(*value, "unknown type " + in_quotes(value->text) + nearest.hint()));
      continue;
    }
    const auto existing = schema.find(attribute);
    if (!schema.add(attribute, *type))
      reports.add(document.at(
          *name, in_quotes(attribute) + " is already there, as " + rules::to_string(schema[*existing].type)));
  }
}

}  // namespace

Loader::Loader(RuleSet::Impl& set, std::span<const SourceFile> files, const ReadFile& read, Sources& sources,
               Diagnostics& diagnostics)
    : set_(set),
      read_(read),
      sources_(sources),
      diagnostics_(diagnostics),
      reports_(diagnostics),
      settings_(set.settings, sources, reports_),
      schedules_(set, sources, reports_),
      actions_(set, sources, reports_),
      events_(set, sources, reports_) {
  sources_.files.assign(files.begin(), files.end());
}

void Loader::load() {
  const std::size_t first = diagnostics_.size();
  try {
    read_everything();
  } catch (const TooManyMistakes&) {
    Diagnostic last = diagnostics_.back();
    last.message = "too many mistakes: what else is wrong is not shown";
    sources_.sort(diagnostics_, first);
    diagnostics_.push_back(std::move(last));
    return;
  }
  sources_.sort(diagnostics_, first);
}

void Loader::read_everything() {
  set_.zones.emplace_back("UTC");
  read_files();
  for (const File& file : files_) read_attributes(file);
  read_facts();
  for (const File& file : files_) read_slots(file);
  used_.resize(set_.schema.size());
  targets_.resize(set_.slots.size());
  const std::vector<cel::Environment::Segment> segments = read_segments();
  for (const File& file : files_) read_partials(file);
  for (const File& file : files_) actions_.read_blocks(*file.document, *file.fields);
  actions_.check_blocks();
  for (const File& file : files_) {
    schedules_.read_holidays(*file.document, *file.fields);
    settings_.read_stores(*file.document, *file.fields);
    settings_.read_languages(*file.document, *file.fields);
  }
  name_holidays();
  set_.content_schema = set_.schema;
  set_.content_schema.add("content", Type{}, "what a plugin, or the content function of a rule in Lua, gave");
  for (File& file : files_)
    if (const yaml::Node* zone = file.fields->find("timezone")) file.zone = schedules_.read_zone(*file.document, *zone);
  for (const File& file : files_) read_rules(file);
  for (const File& file : files_) read_fallbacks(file);
  read_scripts();
  read_events(segments);
  finish_slots();
  for (AttributeId id = 0; id < used_.size(); ++id)
    if (used_[id]) set_.used_attributes.push_back(id);
  set_.content_providers.assign(content_providers_.begin(), content_providers_.end());
}

/// The lists of the files are all that attributes can name.
void Loader::name_holidays() {
  std::vector<std::string> names;
  for (const Holidays& list : set_.settings.holidays) names.push_back(list.name);
  if (const auto all = set_.schema.find(Role::holidays)) set_.schema.fix_values(*all, names);
  names.emplace_back();  // on other days
  if (const auto first = set_.schema.find(Role::holiday)) set_.schema.fix_values(*first, std::move(names));
}

void Loader::read_files() {
  std::uint64_t hash = 0;
  for (std::size_t i = 0; i < sources_.files.size(); ++i) {  // grows while files include others
    set_.files.push_back(sources_.files[i].name);
    // Each text's hash seeds the next, so that their order and where they end matter.
    hash = XXH3_64bits_withSeed(sources_.files[i].text.data(), sources_.files[i].text.size(), hash);
    read_file(sources_.files[i]);
  }
  set_.version = hexadecimal(hash);
}

void Loader::read_file(const SourceFile& source) {
  if (source.name.ends_with(".lua")) return read_script(source);
  const std::size_t first = diagnostics_.size();
  auto document = yaml::Document::parse(source.name, source.text, diagnostics_);
  if (!document) {
    if (looks_like_rules(source.name, source.text)) return;
    for (std::size_t i = first; i < diagnostics_.size(); ++i)
      diagnostics_[i].message = without_text(std::move(diagnostics_[i].message));
    return;
  }
  if (document->root().kind == yaml::Node::Kind::null)
    return reports_.add(document->at(document->root(), "the file is empty: it needs at least `version: 1`"));
  if (!recognize(*document, reports_)) return;
  fields_.emplace_back(*document, document->root(), file_object, reports_);
  files_.push_back({document.get(), &fields_.back(), 0});
  sources_.documents.push_back(std::move(document));
  include(*files_.back().document, *files_.back().fields);
}

/// Also if its name is written in another way.
bool Loader::is_known(const SourceFile& file) const {
  const auto plain = [](const std::string& name) { return std::filesystem::path(name).lexically_normal(); };
  return std::any_of(sources_.files.begin(), sources_.files.end(), [&](const SourceFile& known) {
    return known.text == file.text && plain(known.name) == plain(file.name);
  });
}

void Loader::include(const yaml::Document& document, const Fields& fields) {
  constexpr std::size_t max_files = 1000;
  for (const yaml::Node* name : fields.texts("include")) {
    if (name->text.starts_with(preset_prefix)) {
      include_preset(document, *name);
      continue;
    }
    std::string path = name->text;
    const std::size_t slash = document.file().rfind('/');
    if (!path.starts_with('/') && slash != std::string_view::npos) path.insert(0, document.file().substr(0, slash + 1));
    if (std::any_of(sources_.files.begin(), sources_.files.end(),
                    [&](const SourceFile& known) { return known.name == path; }))
      continue;  // included already, perhaps in a circle
    if (sources_.files.size() >= max_files) {
      reports_.add(document.at(*name, "more than " + std::to_string(max_files) + " files"));
      continue;
    }
    auto text = read_ ? read_(path) : tl::unexpected<std::string>("files cannot be included here");
    if (!text) {
      reports_.add(document.at(*name, "cannot include " + in_quotes(name->text) + ": " + text.error()));
    } else if (SourceFile source{path, *std::move(text)}; !is_known(source)) {
      sources_.files.push_back(std::move(source));
    }
  }
}

void Loader::include_preset(const yaml::Document& document, const yaml::Node& name) {
  const std::string_view wanted = std::string_view(name.text).substr(preset_prefix.size());
  if (const auto text = find_preset(wanted)) {
    if (SourceFile source{name.text, std::string(*text)}; !is_known(source))
      sources_.files.push_back(std::move(source));
    return;
  }
  Nearest nearest(wanted);
  std::string all;
  for (const Preset& preset : presets()) {
    nearest.consider(preset.name);
    all.append(all.empty() ? "" : ", ").append(preset.name);
  }
  const std::string hint = nearest.hint();
  reports_.add(document.at(name, preset_prefix.size(),
                           "there is no preset " + in_quotes(wanted) + (hint.empty() ? "; there are " + all : hint)));
}

void Loader::read_attributes(const File& file) {
  const yaml::Node* attributes = file.fields->find("attributes");
  if (!attributes) return;
  for (const auto& [name, value] : named_entries(*file.document, *attributes, true, reports_))
    read_namespace(*file.document, name->text, *value, set_.schema, reports_);
}

void Loader::read_slots(const File& file) {
  const yaml::Node* slots = file.fields->find("slots");
  if (!slots) return;
  const yaml::Document& document = *file.document;
  for (const auto& [name, value] : named_entries(document, *slots, false, reports_)) {
    const bool added =
        define(sources_.slots, "slot", document, *name, static_cast<std::uint32_t>(set_.slots.size()), reports_);
    const Fields fields(document, *value, slot_object, reports_);
    Slot slot;
    slot.name = name->text;
    slot.pages = read_pages(document, fields, reports_);
    if (const yaml::Node* selector = fields.find("select")) {
      if (added) sources_.slots.find(name->text)->second.value = selector;
      slot.selector = selector->text;
      const bool allow_payment = fields.boolean("allow_payment", false);
      if (const auto error = set_.selectors.add(selector->text))
        reports_.add(document.at(*selector, error->offset, error->message));
      else if (allow_payment)
        set_.selectors.allow_payment();
    }
    if (added) set_.slots.push_back(std::move(slot));
  }
}

void Loader::read_partials(const File& file) {
  const yaml::Node* partials = file.fields->find("partials");
  if (!partials) return;
  const yaml::Document& document = *file.document;
  for (const auto& [name, value] : named_entries(document, *partials, false, reports_)) {
    if (!value->is_scalar()) {
      reports_.add(document.at(*value, in_quotes(name->text) + " must be text, not " + std::string(describe(*value))));
      continue;
    }
    if (!define(sources_.partials, "partial", document, *name, 0, reports_)) continue;
    sources_.partials.find(name->text)->second.value = value;
    // Its values are checked where it is used; here, that it can be parsed.
    std::vector<templates::Error> errors;
    templates::parse(value->text, errors);
    for (const templates::Error& error : errors) reports_.add(document.at(*value, error.offset, error.message));
  }
}

std::vector<cel::Environment::Segment> Loader::read_segments() {
  for (const File& file : files_) {
    const yaml::Node* segments = file.fields->find("segments");
    if (!segments) continue;
    for (const auto& [name, value] : named_entries(*file.document, *segments, true, reports_)) {
      const auto number = static_cast<std::uint32_t>(sources_.segment_sources.size());
      if (!define(sources_.segments, "segment", *file.document, *name, number, reports_)) continue;
      Condition condition = read_condition(*file.document, *value, reports_);
      if (!condition.complete) condition = {"false", {{0, value}}};  // its name is known nevertheless
      sources_.segment_sources.push_back({file.document, std::move(condition)});
    }
  }
  std::vector<cel::Environment::Segment> segments(sources_.segment_sources.size());
  for (const auto& [name, definition] : sources_.segments)
    segments[definition.number] = {std::string(name), sources_.segment_sources[definition.number].condition.source};
  set_.environment = std::make_unique<cel::Environment>(set_.schema);
  std::vector<cel::Environment::SegmentError> errors;
  set_.environment->add_segments(segments, errors);
  for (const cel::Environment::SegmentError& error : errors) {
    const SegmentSource& segment = sources_.segment_sources[error.segment];
    reports_.add(segment.condition.at(*segment.document, error.error.offset, error.error.message));
  }
  set_.segment_count = set_.environment->segment_count();
  return segments;
}

std::unique_ptr<const cel::Program> Loader::compile(const yaml::Document& document, const Condition& condition) {
  return compile_condition(document, condition, *set_.environment, cel::Program::Result::condition, reports_,
                           [](std::string message) { return message; });
}

void Loader::finish_slots() {
  for (RuleId id = 0; id < set_.rules.size(); ++id) {
    const Rule& rule = set_.rules[id];
    Slot& slot = set_.slots[rule.slot];
    (rule.enabled ? slot.candidates : slot.disabled).push_back(id);
    if (rule.enabled) slot.target_mask |= rule.target_mask;
  }
  for (Slot& slot : set_.slots)
    std::stable_sort(slot.candidates.begin(), slot.candidates.end(),
                     [&](RuleId a, RuleId b) { return set_.rules[a].priority > set_.rules[b].priority; });
}

}  // namespace personalize::rules::load
