#include "html/elements.h"

namespace personalize::html {

using enum TagId;

TextMode text_mode_of(TagId id) {
  switch (id) {
    case title:
    case textarea: return TextMode::rcdata;
    case style:
    case xmp:
    case iframe:
    case noembed:
    case noframes:
    case noscript: return TextMode::rawtext;
    case script: return TextMode::script;
    case plaintext: return TextMode::plaintext;
    default: return TextMode::markup;
  }
}

bool is_svg_integration_point(TagId id) { return id == foreignobject || id == desc || id == title; }

bool is_mathml_text_integration_point(TagId id) { return id == mi || id == mo || id == mn || id == ms || id == mtext; }

}  // namespace personalize::html
