// Which events a request would make, and why not.
#pragma once

#include <deque>
#include <iosfwd>
#include <string>
#include <utility>
#include <vector>

#include "engine/evaluation.h"
#include "engine/json/json.h"
#include "html/facts/page_facts.h"
#include "rules/events/event_rules.h"

namespace personalize::cli {

/// What is known of a request when its page is over.
class Recorded {
 public:
  using Pairs = std::vector<std::pair<std::string, std::string>>;
  /// `page`: the backend's, or empty: then facts are what `facts` says. Both may be given; `facts` count more. Throws a
  /// std::runtime_error that names a fact which does not exist.
  Recorded(const engine::Evaluation& evaluation, const std::string& page, Pairs form, Pairs facts);
  Recorded(const Recorded&) = delete;
  Recorded& operator=(const Recorded&) = delete;

  /// In the order in which mappings are asked.
  const std::vector<rules::EventCandidate>& candidates() const { return candidates_; }
  /// The facts of the page, or what was said in their place, by name; null where they are not there.
  engine::json::Json facts() const;
  /// [{"event", "place", "made", "reason", "detail", "fields", "left_out": {field: why}}]
  engine::json::Json to_json() const;
  /// The same for people; nothing if the rules know no events.
  void write(std::ostream& out) const;

 private:
  const engine::Evaluation& evaluation_;
  const Pairs form_, said_;
  html::PageFacts page_;
  std::vector<html::FactValue> facts_;
  std::vector<rules::EventCandidate> candidates_;
};

}  // namespace personalize::cli
