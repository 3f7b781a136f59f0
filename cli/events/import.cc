#include "cli/events/import.h"

namespace personalize::cli {

ImportFile::ImportFile(const std::string& path, std::istream& standard_input) : in_(&standard_input) {
  if (path == "-") return;
  file_.open(path, std::ios::binary);
  in_ = &file_;
}

bool ImportFile::is_json() {
  constexpr std::string_view mark = "\xEF\xBB\xBF";
  if (in_->peek() == static_cast<unsigned char>(mark[0]))
    for (std::size_t i = 0; i < mark.size(); ++i) in_->get();
  while (in_->peek() == ' ' || in_->peek() == '\t' || in_->peek() == '\r' || in_->peek() == '\n') in_->get();
  const bool json = in_->peek() == '{';
  if (in_->eof()) in_->clear();  // an empty file is no mistake
  return json;
}

void ImportReport::refused(const std::string& path, std::size_t line, std::string_view why) {
  if (++refused_ > max_said) return;
  progress_.end();
  errors_ << path << ':' << line << ": " << why << '\n';
}

int ImportReport::fail(const std::string& why) {
  progress_.end();
  errors_ << "personalize: " << why << "; " << progress_.count() << ' ' << what_ << " were imported before\n";
  return 2;
}

int ImportReport::sum_up() {
  progress_.end();
  errors_ << "personalize: " << progress_.count() << ' ' << what_;
  if (passed_over_ != 0) errors_ << ", " << passed_over_ << " passed over";
  if (refused_ != 0) errors_ << ", " << refused_ << " refused";
  errors_ << '\n';
  return refused_ != 0 ? 1 : 0;
}

}  // namespace personalize::cli
