// What rule files say for plugins: the shop's stores and languages.
#pragma once

#include "rules/load/fields.h"
#include "rules/load/sources.h"
#include "rules/settings.h"
#include "rules/yaml/document.h"

namespace personalize::rules::load {

/// Reports what is wrong.
class SettingsReader {
 public:
  SettingsReader(Settings& settings, Sources& sources, Reports& reports)
      : settings_(settings), sources_(sources), reports_(reports) {}

  void read_stores(const yaml::Document& document, const Fields& file);
  void read_languages(const yaml::Document& document, const Fields& file);

 private:
  Settings& settings_;
  Sources& sources_;
  Reports& reports_;
};

}  // namespace personalize::rules::load
