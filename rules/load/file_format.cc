#include "rules/load/file_format.h"

namespace personalize::rules::load {
namespace {

using namespace shape;

constexpr Key condition_keys[] = {
    {"all", condition, "conditions that must all be true"},
    {"any", condition, "conditions of which one must be true"},
    {"not", condition, "a condition that must not be true"},
};

constexpr Key set_attribute_keys[] = {
    {"name", text, "name of the attribute", nullptr, true},
    {"value", text, "its value, a template; addresses are checked and encoded", nullptr, true},
    {"allow_unsafe", boolean, "true: style, srcset, srcdoc and event handlers may be set, to fixed text"},
};

constexpr Key reorder_keys[] = {
    {"by", text, "attribute of the children whose value is looked at", nullptr, true},
    {"order", text | texts, "values in the order wanted: a list, or an attribute that is one", nullptr, true},
};

constexpr Key actions_keys[] = {
    {"before", text, "HTML template, put in front of the element"},
    {"prepend", text, "HTML template, put in front of the element's content"},
    {"append", text, "HTML template, put behind the element's content"},
    {"after", text, "HTML template, put behind the element"},
    {"inner", text, "HTML template, in place of the element's content"},
    {"replace", text, "HTML template, in place of the element"},
    {"use", text | texts, "names of blocks: what they do is done"},
    {"remove", boolean, "true: the element is taken away"},
    {"set_attribute", object | objects, "sets attributes of the element", &set_attribute_object},
    {"remove_attribute", text | texts, "names of attributes that are taken away"},
    {"add_class", text | texts, "class names that are added, templates"},
    {"remove_class", text | texts, "class names that are taken away, templates"},
    {"reorder", object, "sorts the element's children", &reorder_object},
};

constexpr Key schedule_keys[] = {
    {"from", text, "first day, 2026-10-01, or moment, 2026-10-01T08:00 (with +02:00 or Z if it is not on the zone's clock)"},
    {"until", text, "last day, or the moment when it is over"},
    {"hours", text | texts, "times of day, 07:00-22:00; 22:00-06:00 goes over midnight"},
    {"weekdays", text | texts, "days of the week, monday or mon, and ranges of them, mon-fri"},
    {"repeat", text, "days that come again, as in calendars (RFC 5545): FREQ=MONTHLY;BYDAY=1MO"},
    {"holidays", text | texts, "only on these days: names of lists under `holidays`, or dates"},
    {"except", text | texts, "not on these days: names of lists under `holidays`, or dates"},
    {"timezone", text, "name such as Europe/Dublin, or visitor; the file's if absent"},
};

constexpr Key rule_keys[] = {
    {"id", text, "name of the rule, unique among all files", nullptr, true},
    {"slot", text, "name of the slot that the rule fills", nullptr, true},
    {"description", text, "for people"},
    {"when", condition, "the rule applies when this is true; without it, always"},
    {"priority", integer, "the highest wins, then the rule that comes first; 0 if absent"},
    {"pages", text | texts, "paths of the pages that the rule is for, with * for anything and ! for all but"},
    {"schedule", object | objects, "when the rule applies; of a list, one must", &schedule_object},
    {"enabled", boolean, "false: the rule is checked, but never applies"},
    {"do", text | object | objects, "what is done to the slot's element: a map, a list of maps, or `remove`", &actions_object, true},
};

constexpr Key slot_keys[] = {
    {"fallback", text | object | objects, "what is done if no rule wins what it does", &actions_object},
    {"select", text, "CSS selector of the element; in quotes if it begins with #", nullptr, true},
    {"description", text, "for people"},
    {"pages", text | texts, "paths of the pages that the slot is on, with * for anything and ! for all but"},
};

constexpr std::string_view versions[] = {"1"};

constexpr Key file_keys[] = {
    {"version", text, "version of the format: 1", nullptr, true, versions},
    {"include", text | texts, "other rule files, relative to this one"},
    {"timezone", text, "zone of schedules that name none, such as Europe/Dublin; UTC if absent"},
    {"holidays", named_lists, "lists of days by name: 2026-12-24, 12-25 for every year, 2026-12-24..2026-12-26"},
    {"attributes", named_maps, "what the shop stores in the profile: types by name"},
    {"slots", named, "places in pages, by name", &slot_object},
    {"partials", named, "templates by name, used in others as {{> NAME}}"},
    {"blocks", named, "what several rules do, by name, used as `use: NAME`", &actions_object},
    {"segments", named, "conditions by name, used in others as segments.NAME"},
    {"rules", objects, "who sees what", &rule_object},
};

}  // namespace

const Object file_object{"a rule file", file_keys};
const Object slot_object{"a slot", slot_keys};
const Object rule_object{"a rule", rule_keys};
const Object actions_object{"`do`", actions_keys};
const Object schedule_object{"a schedule", schedule_keys};
const Object set_attribute_object{"`set_attribute`", set_attribute_keys};
const Object reorder_object{"`reorder`", reorder_keys};
const Object condition_object{"a condition", condition_keys};

}  // namespace personalize::rules::load
