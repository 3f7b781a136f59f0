// Who has sent a beacon, and what the edge knows of him.
#pragma once

#include <optional>
#include <string_view>

#include "learn/events/event.h"
#include "module/evaluation/request_evaluation.h"

namespace personalize::module {

class BeaconVisitor final : private EvaluationOwner {
 public:
  BeaconVisitor(ngx_http_request_t* r, const LocationConf& conf);

  /// It is known who it is, no robot, and what he does may be written down. Without rules nobody has said which consent
  /// that needs, and nothing is.
  bool recorded() const { return recorded_; }
  std::string_view id() const { return id_; }
  /// For the answer, which no cache keeps: gives a cookie to a visitor without an id who consents, and takes it from
  /// one who does not any more.
  void answer_with_cookie(ngx_http_request_t* r, const LocationConf& conf);
  /// Visitor, country, device and the like, as views that live as long as this. Of one who is recorded.
  void fill_in(learn::events::Event& event);

 private:
  void on_ready() override {}  // nothing is fetched

  RequestEvaluation evaluation_;
  std::string_view id_;
  bool recorded_ = false;
};

}  // namespace personalize::module
