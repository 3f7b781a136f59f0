#include "html/tree/foreign_names.h"

#include <algorithm>
#include <array>

#include "html/tokens/ascii.h"

namespace personalize::html {
namespace {

// In alphabetical order of their lower-case forms (WHATWG HTML, "adjust SVG tag name" and "adjust SVG
// attributes").
constexpr std::array<std::string_view, 37> svg_tags = {"altGlyph",
                                                       "altGlyphDef",
                                                       "altGlyphItem",
                                                       "animateColor",
                                                       "animateMotion",
                                                       "animateTransform",
                                                       "clipPath",
                                                       "feBlend",
                                                       "feColorMatrix",
                                                       "feComponentTransfer",
                                                       "feComposite",
                                                       "feConvolveMatrix",
                                                       "feDiffuseLighting",
                                                       "feDisplacementMap",
                                                       "feDistantLight",
                                                       "feDropShadow",
                                                       "feFlood",
                                                       "feFuncA",
                                                       "feFuncB",
                                                       "feFuncG",
                                                       "feFuncR",
                                                       "feGaussianBlur",
                                                       "feImage",
                                                       "feMerge",
                                                       "feMergeNode",
                                                       "feMorphology",
                                                       "feOffset",
                                                       "fePointLight",
                                                       "feSpecularLighting",
                                                       "feSpotLight",
                                                       "feTile",
                                                       "feTurbulence",
                                                       "foreignObject",
                                                       "glyphRef",
                                                       "linearGradient",
                                                       "radialGradient",
                                                       "textPath"};

constexpr std::array<std::string_view, 58> svg_attributes = {"attributeName",
                                                             "attributeType",
                                                             "baseFrequency",
                                                             "baseProfile",
                                                             "calcMode",
                                                             "clipPathUnits",
                                                             "diffuseConstant",
                                                             "edgeMode",
                                                             "filterUnits",
                                                             "glyphRef",
                                                             "gradientTransform",
                                                             "gradientUnits",
                                                             "kernelMatrix",
                                                             "kernelUnitLength",
                                                             "keyPoints",
                                                             "keySplines",
                                                             "keyTimes",
                                                             "lengthAdjust",
                                                             "limitingConeAngle",
                                                             "markerHeight",
                                                             "markerUnits",
                                                             "markerWidth",
                                                             "maskContentUnits",
                                                             "maskUnits",
                                                             "numOctaves",
                                                             "pathLength",
                                                             "patternContentUnits",
                                                             "patternTransform",
                                                             "patternUnits",
                                                             "pointsAtX",
                                                             "pointsAtY",
                                                             "pointsAtZ",
                                                             "preserveAlpha",
                                                             "preserveAspectRatio",
                                                             "primitiveUnits",
                                                             "refX",
                                                             "refY",
                                                             "repeatCount",
                                                             "repeatDur",
                                                             "requiredExtensions",
                                                             "requiredFeatures",
                                                             "specularConstant",
                                                             "specularExponent",
                                                             "spreadMethod",
                                                             "startOffset",
                                                             "stdDeviation",
                                                             "stitchTiles",
                                                             "surfaceScale",
                                                             "systemLanguage",
                                                             "tableValues",
                                                             "targetX",
                                                             "targetY",
                                                             "textLength",
                                                             "viewBox",
                                                             "viewTarget",
                                                             "xChannelSelector",
                                                             "yChannelSelector",
                                                             "zoomAndPan"};

/// Compares a mixed-case name with one in lower case.
bool less(std::string_view mixed, std::string_view name) {
  return std::lexicographical_compare(mixed.begin(), mixed.end(), name.begin(), name.end(),
                                      [](char a, char b) { return ascii_lower(a) < ascii_lower(b); });
}

std::string_view respelled(const auto& table, std::string_view name) {
  const auto found = std::lower_bound(table.begin(), table.end(), name, less);
  if (found == table.end() || found->size() != name.size()) return name;
  return std::equal(name.begin(), name.end(), found->begin(), [](char a, char b) { return a == ascii_lower(b); })
             ? *found
             : name;
}

}  // namespace

std::string_view svg_tag_name(std::string_view lower_case) { return respelled(svg_tags, lower_case); }
std::string_view svg_attribute_name(std::string_view lower_case) { return respelled(svg_attributes, lower_case); }

}  // namespace personalize::html
