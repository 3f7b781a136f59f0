#include "module/events/beacon_visitor.h"

#include "engine/engine.h"
#include "module/http/request_values.h"
#include "module/identity/set_cookie.h"

namespace personalize::module {

BeaconVisitor::BeaconVisitor(ngx_http_request_t* r, const LocationConf& conf) : evaluation_(r, *this) {
  if (conf.engine == nullptr) return;
  evaluation_.prepare(conf, view(visible_path(r)));
  const engine::Visitor visitor = evaluation_->identify();
  id_ = visitor.id;
  if (!visitor.measurement || id_.empty()) return;
  evaluation_->resolve();  // what would have to be fetched is not known
  evaluation_->attributes();
  recorded_ = !evaluation_->exposures({}).response.bot;
}

void BeaconVisitor::answer_with_cookie(ngx_http_request_t* r, const LocationConf& conf) {
  if (evaluation_) module::answer_with_cookie(r, conf, evaluation_.visitor_source(), evaluation_->identify());
}

void BeaconVisitor::fill_in(learn::events::Event& event) {
  evaluation_->engine().event_attributes().fill_in(evaluation_->attributes(), event);
  event.visitor = id_;
  event.confirmed = true;
  event.referrer = {};  // the page that sent it
}

}  // namespace personalize::module
