#include "html/facts/fact_reader.h"

#include "html/facts/page_fact_reader.h"

namespace personalize::html {

class FactReader::Impl : public PageFactReader {
 public:
  using PageFactReader::PageFactReader;
};

FactReader::FactReader(const FactSet& set, std::string_view content_type)
    : impl_(std::make_unique<Impl>(set, content_type)) {}
FactReader::~FactReader() = default;
void FactReader::write(std::string_view chunk) { impl_->write(chunk); }
PageFacts FactReader::end() { return impl_->end(); }
std::size_t FactReader::memory() const { return impl_->memory(); }

PageFacts read_facts(const FactSet& set, std::string_view page, std::string_view content_type) {
  FactReader reader(set, content_type);
  reader.write(page);
  return reader.end();
}

}  // namespace personalize::html
