#include "cli/explain.h"

#include <istream>
#include <ostream>
#include <stdexcept>

#include "cli/explanation.h"
#include "cli/files.h"
#include "cli/request_file.h"
#include "engine/visit.h"
#include "html/rewriter.h"

namespace personalize::cli {
namespace {

Json read_request(const ExplainOptions& options, std::istream& in) {
  Json request = Json::object();
  if (!options.request_file.empty()) {
    try {
      request = Json::parse(read_file(options.request_file, in));
    } catch (const Json::exception& error) {
      throw std::runtime_error(options.request_file + ": " + error.what());
    }
  }
  if (!options.url.empty()) request["url"] = options.url;
  if (!options.address.empty()) request["address"] = options.address;
  if (!options.user_agent.empty()) request["headers"]["User-Agent"] = options.user_agent;
  if (!options.at.empty()) request["at"] = options.at;
  return request;
}

class StreamSink final : public html::Sink {
 public:
  explicit StreamSink(std::ostream& out) : out_(out) {}
  void pass(std::string_view bytes) override { out_ << bytes; }
  void insert(std::string_view bytes) override { out_ << bytes; }
  void copy(std::string_view bytes) override { out_ << bytes; }

 private:
  std::ostream& out_;
};

/// The page with the visit's edits in it goes to `out`; what became of each edit is returned.
std::vector<html::EditResult> write_page(const engine::Visit& visit, const std::string& page, std::ostream& out) {
  StreamSink sink(out);
  html::Rewriter rewriter(visit.engine().rules().selectors(), visit.edits(), sink);
  rewriter.write(page);
  rewriter.end();
  return {rewriter.results().begin(), rewriter.results().end()};
}

}  // namespace

int explain(const ExplainOptions& options, std::istream& in, std::ostream& out, std::ostream& errors) {
  rules::Diagnostics diagnostics;
  auto engine = engine::Engine::load(options.rules, options.settings, diagnostics);
  for (const rules::Diagnostic& diagnostic : diagnostics) errors << rules::to_string(diagnostic) << '\n';
  if (!engine) return 1;

  try {
    const RequestFile request(read_request(options, in));
    engine::Visit visit(std::move(engine), request.request());
    request.answer(visit, visit.start());
    visit.decide();

    std::vector<html::EditResult> results;
    if (!options.page.empty()) results = write_page(visit, read_file(options.page, in), out);
    std::ostream& explanation = options.page.empty() ? out : errors;
    if (options.json)
      explanation << explanation_json(visit, results).dump(2, ' ', false, Json::error_handler_t::replace) << '\n';
    else
      write_explanation(visit, request.request(), results, explanation);
    return 0;
  } catch (const std::exception& error) {
    errors << "personalize: " << error.what() << '\n';
    return 1;
  }
}

}  // namespace personalize::cli
