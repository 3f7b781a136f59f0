#include "rules/load/file_format.h"

#include "rules/load/event_format.h"
#include "rules/load/formats.h"
#include "rules/text/language_tag.h"

namespace personalize::rules::load {
namespace {

using namespace shape;

constexpr std::string_view version_values[] = {"1"};
constexpr Format version_format{.values = version_values};
constexpr std::string_view remove_examples[] = {"remove"};
constexpr Format remove_format{.pattern = "^remove$", .examples = remove_examples};

constexpr std::string_view bound_examples[] = {"2026-10-01", "2026-10-01T08:00", "2026-10-01T08:00+02:00"};
constexpr Format bound_format{.pattern = "^\\d{4}-\\d\\d-\\d\\d([T ]\\d\\d:\\d\\d(:\\d\\d)?(Z|[+-]\\d\\d:?\\d\\d)?)?$",
                              .examples = bound_examples};
constexpr std::string_view hours_examples[] = {"07:00-22:00", "22:00-06:00"};
constexpr Format hours_format{.pattern = "^([01]\\d|2[0-4]):[0-5]\\d-([01]\\d|2[0-4]):[0-5]\\d$",
                              .examples = hours_examples};
constexpr std::string_view weekdays_examples[] = {"mon-fri", "saturday", "sun"};
constexpr Format weekdays_format{
    .pattern = "^([Mm][Oo][Nn]|[Tt][Uu][Ee]|[Ww][Ee][Dd]|[Tt][Hh][Uu]|[Ff][Rr][Ii]|[Ss][Aa][Tt]|[Ss][Uu][Nn])",
    .examples = weekdays_examples};
constexpr std::string_view repeat_examples[] = {"FREQ=WEEKLY;BYDAY=SA,SU", "FREQ=MONTHLY;BYDAY=1MO",
                                                "FREQ=YEARLY;BYMONTH=11;BYDAY=4FR"};
constexpr Format repeat_format{.pattern = "^(RRULE:)?[A-Z]+=", .examples = repeat_examples};
constexpr std::string_view zone_examples[] = {"Europe/Dublin", "UTC"};
constexpr Format zone_format{.examples = zone_examples};
constexpr std::string_view visitor_zone_examples[] = {"visitor", "Europe/Dublin", "UTC"};
constexpr Format visitor_zone_format{.examples = visitor_zone_examples};

constexpr std::string_view dates_examples[] = {"2026-12-24", "12-25", "2026-12-24..2026-12-26"};
constexpr Format dates_format{.pattern = "^(\\d{4}-)?\\d\\d-\\d\\d(\\.\\.(\\d{4}-)?\\d\\d-\\d\\d)?$",
                              .examples = dates_examples};
constexpr Format holidays_format{.pattern = name_pattern, .examples = dates_examples};

constexpr Key condition_keys[] = {
    {"all", condition, "conditions that must all be true"},
    {"any", condition, "conditions of which one must be true"},
    {"not", condition, "a condition that must not be true"},
};

constexpr Key set_attribute_keys[] = {
    required(formatted(html_attribute_format, {"name", text, "name of the attribute"})),
    required({"value", text, "its value, a template; addresses are checked and encoded"}),
    {"allow_unsafe", boolean, "true: style, srcset, srcdoc and event handlers may be set, to fixed text"},
};

constexpr Key reorder_keys[] = {
    required(formatted(html_attribute_format, {"by", text, "attribute by whose value the children are sorted"})),
    required(
        {"order", text | texts, "its values in the wanted order: a list, or an attribute of the context that is one"}),
};

constexpr Key actions_keys[] = {
    {"before", text, "HTML template, inserted before the element"},
    {"prepend", text, "HTML template, inserted before the element's content"},
    {"append", text, "HTML template, inserted after the element's content"},
    {"after", text, "HTML template, inserted after the element"},
    {"inner", text, "HTML template, in place of the element's content"},
    {"replace", text, "HTML template, in place of the element"},
    formatted(name_format, {"use", text | texts, "names of blocks whose operations are applied"}),
    formatted(only_true, {"remove", boolean, "removes the element"}),
    {"set_attribute", object | objects, "sets attributes of the element", &set_attribute_object},
    formatted(html_attribute_format, {"remove_attribute", text | texts, "names of attributes to remove"}),
    formatted(not_blank, {"add_class", text | texts, "class names to add; templates"}),
    formatted(not_blank, {"remove_class", text | texts, "class names to remove; templates"}),
    {"reorder", object, "sorts the element's children", &reorder_object},
};

constexpr Key schedule_keys[] = {
    formatted(bound_format, {"from", text,
                             "first day, 2026-10-01, or time, 2026-10-01T08:00 (with +02:00 or Z if it is not on "
                             "the zone's clock)"}),
    formatted(bound_format, {"until", text, "last day, or the time at which it ends"}),
    formatted(hours_format, {"hours", text | texts, "times of day, 07:00-22:00; 22:00-06:00 spans midnight"}),
    formatted(weekdays_format,
              {"weekdays", text | texts, "days of the week, monday or mon, and ranges of them, mon-fri"}),
    formatted(repeat_format, {"repeat", text, "recurring days as in calendars (RFC 5545): FREQ=MONTHLY;BYDAY=1MO"}),
    formatted(holidays_format,
              {"holidays", text | texts, "only on these days: names of lists under `holidays`, or dates"}),
    formatted(holidays_format,
              {"except", text | texts, "not on these days: names of lists under `holidays`, or dates"}),
    formatted(visitor_zone_format, {"timezone", text, "name such as Europe/Dublin, or visitor; the file's if absent"}),
};

constexpr Key content_keys[] = {
    required(formatted(name_format, {"plugin", text, "name of the plugin"})),
    {"with", named, "what the plugin is told, by name: text, numbers, true, false, lists and maps; see its documents"},
};

constexpr Key rule_keys[] = {
    required(formatted(name_format, {"id", text, "name of the rule, unique among all files"})),
    required(formatted(name_format, {"slot", text, "name of the slot that the rule fills"})),
    {"description", text, "for people"},
    {"when", condition, "the rule applies when this is true; without it, always"},
    {"priority", integer, "the highest wins, then the rule that comes first; 0 if absent"},
    formatted(page_format,
              {"pages", text | texts, "paths of the pages that the rule is for; * stands for anything, ! excludes"}),
    {"schedule", object | objects, "when the rule applies; one of a list is enough", &schedule_object},
    formatted(name_format,
              {"content", text | object,
               "the plugin that {{content}} comes from: its name, or a map with what it is told", &content_object}),
    {"enabled", boolean, "false: the rule is checked, but never applies"},
    required(formatted(remove_format,
                       {"do", text | object | objects,
                        "what is done to the slot's element: a map, a list of maps, or `remove`", &actions_object})),
};

constexpr Key slot_keys[] = {
    required(formatted(not_blank, {"select", text, "CSS selector of the element; in quotes if it begins with #"})),
    formatted(page_format,
              {"pages", text | texts, "paths of the pages that the slot is on; * stands for anything, ! excludes"}),
    formatted(remove_format,
              {"fallback", text | object | objects, "what is done if no rule wins this operation", &actions_object}),
    {"allow_payment", boolean, "true: the slot may be in a form with fields for payment cards"},
    {"description", text, "for people"},
};

constexpr Key store_keys[] = {
    required({"id", text, "the value of geo.nearest_store.id"}),
    required({"name", text, "the value of geo.nearest_store.name"}),
    required(within(max_latitude, {"latitude", number, "degrees, 53.35; north of the equator is positive"})),
    required(within(max_longitude, {"longitude", number, "degrees, -6.26; east of Greenwich is positive"})),
};

constexpr std::string_view language_examples[] = {"en", "de-AT"};
constexpr Format language_format{.pattern = text::language_tag_pattern, .examples = language_examples};

constexpr Key file_keys[] = {
    required(formatted(version_format, {"version", text, "version of the format: 1"})),
    {"include", text | texts, "other rule files, relative to this one, or a preset: personalize:woocommerce"},
    formatted(zone_format,
              {"timezone", text, "zone of schedules that name none, such as Europe/Dublin; UTC if absent"}),
    entries(text | texts, formatted(dates_format, {"holidays", named,
                                                   "lists of days by name: 2026-12-24, 12-25 for every year, "
                                                   "2026-12-24..2026-12-26; time.holiday is the name of today's"})),
    {"stores", objects, "the shop's stores, for geo.nearest_store", &store_object},
    formatted(language_format,
              {"languages", text | texts, "the shop's languages, preferred first, for request.language"}),
    entries(text,
            formatted(attribute_type_format,
                      by_identifier({"attributes", groups, "what the shop stores in the profile: types by name"}))),
    entries(object, {"slots", named, "places in pages, by name", &slot_object}),
    entries(text, {"partials", named, "templates by name, used in others as {{> NAME}}"}),
    entries(
        text | object | objects,
        formatted(remove_format, {"blocks", named, "operations that several rules share, by name, used as `use: NAME`",
                                  &actions_object})),
    entries(condition, by_identifier({"segments", named, "conditions by name, used in others as segments.NAME"})),
    {"rules", objects, "who sees what", &rule_object},
    entries(object,
            by_identifier({"facts", named, "what pages say, by name, used in events as page.NAME", &fact_object})),
    {"events", object, "what is recorded of requests, by GA4's names", &events_object},
};

constexpr std::string_view attribute_types[] = {
    "string", "int", "uint",  "double",       "bool",      "timestamp", "duration",
    "html",   "dyn", "bytes", "list<string>", "list<int>", "list<dyn>", "map<string, string>"};

}  // namespace

constexpr Format attribute_type_format{
    .pattern =
        "^\\s*(html|((list\\s*<|map\\s*<\\s*string\\s*,)\\s*)?"
        "(string|int|uint|double|bool|bytes|timestamp|duration|dyn)(\\s*>)?|list|map)\\s*$",
    .examples = attribute_types};

const Object file_object{"a rule file", file_keys, false, true};
const Object slot_object{"a slot", slot_keys};
const Object store_object{"a store", store_keys};
const Object content_object{"`content`", content_keys};
const Object rule_object{"a rule", rule_keys};
const Object actions_object{"`do`", actions_keys, true};
const Object schedule_object{"a schedule", schedule_keys, true};
const Object set_attribute_object{"`set_attribute`", set_attribute_keys};
const Object reorder_object{"`reorder`", reorder_keys};
const Object condition_object{"a condition", condition_keys, true};

}  // namespace personalize::rules::load
