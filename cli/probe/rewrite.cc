// The probe `rewrite`: a page with edits in it.
#include <stdexcept>

#include "cli/probe/page.h"
#include "cli/probe/probes.h"
#include "html/rewriter.h"

namespace personalize::cli {
namespace {

class StringSink : public html::Sink {
 public:
  void pass(std::string_view bytes) override { page_ += bytes; }
  void insert(std::string_view bytes) override { page_ += bytes; }
  void copy(std::string_view bytes) override { page_ += bytes; }
  const std::string& page() const { return page_; }

 private:
  std::string page_;
};

/// Children sorted by the numeric value of their attribute; other values count as 0.
class NumericOrder : public html::ChildOrder {
 public:
  void describe(std::string& text) const override { text += "numeric"; }
  std::int64_t key(std::string_view value) const override { return std::atoll(std::string(value).c_str()); }
};

std::string text_of(const Json& edit, const char* name) {
  return edit.contains(name) && edit[name].is_string() ? edit[name].get<std::string>() : std::string();
}

/// Everything an `html::Edit` points to.
struct OwnedEdit {
  std::string content;
  std::string name;
  std::string value;
  html::Operation operation;
};

}  // namespace

Json probe_rewrite(const Json& input) {
  const std::string page = page_of(input);
  html::Selectors selectors;
  std::vector<OwnedEdit> owned;
  for (const Json& edit : input.at("edits")) {
    const std::string selector = edit.at("selector").get<std::string>();
    if (const auto error = selectors.add(selector)) throw std::runtime_error(selector + ": " + error->message);
    OwnedEdit own{text_of(edit, "content"), text_of(edit, "name"), text_of(edit, "value"), {}};
    const std::string operation = edit.at("op").get<std::string>();
    const std::optional<html::Operation> parsed = html::parse_operation(operation);
    if (!parsed) throw std::runtime_error("unknown op \"" + operation + '"');
    own.operation = *parsed;
    if (const auto why = html::check_content(own.content)) {
      throw std::runtime_error("content: " + std::string(*why));
    }
    const auto slot = static_cast<html::SlotId>(owned.size());
    if (const auto why = selectors.refusal(slot, own.operation)) {
      throw std::runtime_error(selector + ": " + std::string(*why));
    }
    owned.push_back(std::move(own));
  }
  const NumericOrder order;
  std::vector<html::Edit> edits;
  for (std::size_t i = 0; i < owned.size(); ++i) {
    const OwnedEdit& own = owned[i];
    edits.push_back({static_cast<html::SlotId>(i), own.operation, own.content, own.name, own.value, &order});
  }

  const std::string content_type = text_of(input, "content_type");
  StringSink sink;
  html::RewriterOptions options;
  options.content_type = content_type;
  html::Rewriter rewriter(selectors, edits, sink, options);
  for (std::string_view chunk : chunks_of(page, input)) rewriter.write(chunk);
  rewriter.end();

  Json results = Json::array();
  for (const html::EditResult& result : rewriter.results()) {
    results.push_back({{"matches", result.matches},
                       {"applied", result.applied},
                       {"reason", std::string(html::to_string(result.reason))}});
  }
  if (input.contains("html_base64")) return {{"html_base64", to_base64(sink.page())}, {"edits", results}};
  return {{"html", sink.page()}, {"edits", results}};
}

}  // namespace personalize::cli
