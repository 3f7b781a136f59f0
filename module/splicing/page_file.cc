#include "module/splicing/page_file.h"

#include <unistd.h>

namespace personalize::module {

PageFile PageFile::slice(std::size_t at, std::size_t size) const {
  PageFile part = *this;
  part.from += static_cast<off_t>(at);
  part.to = part.from + static_cast<off_t>(size);
  return part;
}

std::optional<std::string> PageFile::read() const {
  std::string bytes(size(), '\0');
  for (std::size_t filled = 0; filled < bytes.size();) {
    const ssize_t count = pread(file, bytes.data() + filled, bytes.size() - filled, from + static_cast<off_t>(filled));
    if (count <= 0) return std::nullopt;  // will be reported when the page is streamed
    filled += static_cast<std::size_t>(count);
  }
  return bytes;
}

KeptPageFile::KeptPageFile(const PageFile& page) : page_(page) {
  page_.file = dup(page.file);
  page_.opened = nullptr;
}

KeptPageFile::~KeptPageFile() {
  if (*this) close(page_.file);
}

}  // namespace personalize::module
