#include "html/tokens/reader.h"

#include <gtest/gtest.h>

#include <random>
#include <string>

#include "tests/unit/html/random_page.h"

namespace personalize::html::testing {
namespace {

/// Records the calls, and lets `p` pass.
class Listener {
 public:
  explicit Listener(const Scanner& scanner) : reader_(*this, 8192, scanner) {}

  void read(std::string_view page, std::size_t piece) {
    for (std::size_t at = 0; at < page.size(); at += piece) reader_.write(page.substr(at, piece));
    reader_.end();
  }
  const std::string& tags() const { return tags_; }
  const std::string& bytes() const { return bytes_; }

  void text(std::string_view bytes) { bytes_ += bytes; }
  void tag(const PageTag& tag) {
    if (tag.token.name.id != TagId::p) (tags_ += tag.bytes) += '\n';
    bytes_ += tag.bytes;
  }
  bool tag_quickly(const ScannedTag& tag) { return tag.name.id == TagId::p; }
  const char* end_quickly(const char* name) {
    const TagTable::Ending& p = tag_table.endings[static_cast<std::size_t>(TagId::p)];
    return p.fits(name) ? name + p.size : nullptr;
  }
  bool wants_text() const { return false; }
  void pass(std::string_view bytes) { bytes_ += bytes; }
  void rest(std::string_view bytes) { bytes_ += bytes; }
  void comment(std::string_view bytes, bool) { bytes_ += bytes; }
  void cdata(std::string_view bytes, bool) { bytes_ += bytes; }
  void doctype(std::string_view bytes, bool) { bytes_ += bytes; }
  TextMode text_mode() const { return TextMode::markup; }
  TagId text_element() const { return TagId::unknown; }
  bool cdata_allowed() const { return false; }

 private:
  std::string tags_, bytes_;
  Reader<Listener> reader_;
};

TEST(Reader, ReadsTheSameTagsOnEveryCpuHoweverThePageIsCut) {
  std::mt19937 random(4);
  std::size_t tags = 0;
  for (int round = 0; round < 300; ++round) {
    const std::string page = random_page(random);
    Listener expected(*scanner("scalar"));
    expected.read(page, page.size());
    ASSERT_EQ(expected.bytes(), page);
    tags += expected.tags().size();
    for (const char* name : {"avx512", "avx2", "sse2", "scalar"}) {
      if (scanner(name) == nullptr) continue;
      for (const std::size_t piece : {page.size(), std::size_t{1 + random() % 40}}) {
        Listener listener(*scanner(name));
        listener.read(page, piece);
        ASSERT_EQ(listener.bytes(), page) << name;
        ASSERT_EQ(listener.tags(), expected.tags()) << name << ", pieces of " << piece;
      }
    }
  }
  EXPECT_GT(tags, 10000u);
}

}  // namespace
}  // namespace personalize::html::testing
