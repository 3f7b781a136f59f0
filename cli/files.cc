#include "cli/files.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>

namespace personalize::cli {
namespace {

std::string read(std::istream& in, const std::string& name) {
  std::string text(std::istreambuf_iterator<char>(in), {});
  if (!in) throw std::runtime_error(name + ": cannot be read");
  return text;
}

}  // namespace

std::string read_file(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return read(in, path);
}

std::string read_file(const std::string& path, std::istream& standard_input) {
  return path == "-" ? read(standard_input, path) : read_file(path);
}

bool is_file(const std::string& path) {
  std::error_code ignored;
  return std::filesystem::is_regular_file(path, ignored);
}

}  // namespace personalize::cli
