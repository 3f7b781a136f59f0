#include "plugins/elf_file.h"

#include <elf.h>
#include <link.h>

#include <bit>
#include <cstdint>
#include <cstring>
#include <vector>

/// The linker's name for the header of the file that this code is in.
extern "C" const ElfW(Ehdr) __ehdr_start __attribute__((visibility("hidden")));

namespace personalize::plugins {
namespace {

using FileHeader = ElfW(Ehdr);
using Segment = ElfW(Phdr);
using Section = ElfW(Shdr);
using DynamicEntry = ElfW(Dyn);

constexpr char incomplete[] = "it is incomplete: copy it again";
constexpr char damaged[] = "it is damaged: copy it again";

/// The file, whose parts may be anywhere or missing.
class Elf {
 public:
  explicit Elf(std::string_view bytes) : bytes_(bytes) {}

  std::string check();

 private:
  bool has(std::uint64_t offset, std::uint64_t size) const {
    return offset <= bytes_.size() && size <= bytes_.size() - offset;
  }
  template <class T>
  T at(std::uint64_t offset) const {  // the file may have it at any address
    T part;
    std::memcpy(&part, bytes_.data() + offset, sizeof(part));
    return part;
  }
  /// Whether the file has that many bytes for this address of the loaded object.
  bool has_loaded(std::uint64_t address, std::uint64_t size) const;

  std::string check_kind() const;
  std::string read_segments();
  std::string check_segment(const Segment& segment) const;
  std::string check_sections() const;
  std::string check_dynamic() const;

  std::string_view bytes_;
  FileHeader header_{};
  std::vector<Segment> segments_;
};

std::string Elf::check() {
  if (bytes_.empty()) return "it is empty: copy it again";
  if (!looks_like_elf(bytes_)) return "it is no shared object";
  if (bytes_.size() < sizeof(FileHeader)) return incomplete;
  header_ = at<FileHeader>(0);
  std::string wrong = check_kind();
  if (wrong.empty()) wrong = read_segments();
  if (wrong.empty()) wrong = check_sections();
  if (wrong.empty()) wrong = check_dynamic();
  return wrong;
}

std::string Elf::check_kind() const {
  const auto is = [&](int part) { return header_.e_ident[part] == __ehdr_start.e_ident[part]; };
  if (!is(EI_CLASS) || !is(EI_DATA) || header_.e_machine != __ehdr_start.e_machine)
    return "it was built for another kind of machine";
  if (!is(EI_VERSION) || header_.e_version != __ehdr_start.e_version) return damaged;
  if (header_.e_type == ET_REL) return "it is an object file (.o): link it with -shared";
  if (header_.e_type == ET_EXEC) return "it is a program: link it with -shared";
  if (header_.e_type != ET_DYN) return "it is no shared object: link it with -shared";
  return {};
}

std::string Elf::read_segments() {
  if (header_.e_phentsize != sizeof(Segment) || header_.e_phnum == 0) return damaged;
  if (!has(header_.e_phoff, std::uint64_t{header_.e_phnum} * sizeof(Segment))) return incomplete;
  std::uint64_t end = 0;
  bool code = false;
  for (std::size_t i = 0; i < header_.e_phnum; ++i) {
    const auto segment = at<Segment>(header_.e_phoff + i * sizeof(Segment));
    if (segment.p_type == PT_INTERP) return "it is a program: link it with -shared";
    if (std::string wrong = check_segment(segment); !wrong.empty()) return wrong;
    segments_.push_back(segment);
    if (segment.p_type != PT_LOAD) continue;
    if (segment.p_vaddr < end) return damaged;  // the dynamic linker counts on their order
    end = segment.p_vaddr + segment.p_memsz;
    code = code || (segment.p_flags & PF_X) != 0;
  }
  return code ? std::string() : "it has no code: is it only debugging information?";
}

std::string Elf::check_segment(const Segment& segment) const {
  if (segment.p_type == PT_NULL) return {};
  if (segment.p_filesz != 0 && !has(segment.p_offset, segment.p_filesz)) return incomplete;
  if (segment.p_type != PT_LOAD) return {};
  constexpr std::uint64_t max_memory = std::uint64_t{1} << 32;
  if (segment.p_filesz > segment.p_memsz || segment.p_memsz > max_memory || segment.p_vaddr > max_memory)
    return damaged;
  if (segment.p_align > 1 &&
      (!std::has_single_bit(segment.p_align) || (segment.p_vaddr - segment.p_offset) % segment.p_align != 0))
    return damaged;
  return {};
}

/// Not loaded, but usually the last thing in a file.
std::string Elf::check_sections() const {
  if (header_.e_shoff == 0) return {};
  if (header_.e_shentsize != sizeof(Section)) return damaged;
  if (!has(header_.e_shoff, std::uint64_t{header_.e_shnum} * sizeof(Section))) return incomplete;
  for (std::size_t i = 0; i < header_.e_shnum; ++i) {
    const auto section = at<Section>(header_.e_shoff + i * sizeof(Section));
    if (section.sh_type == SHT_NULL || section.sh_type == SHT_NOBITS) continue;
    if (!has(section.sh_offset, section.sh_size)) return incomplete;
  }
  return {};
}

bool Elf::has_loaded(std::uint64_t address, std::uint64_t size) const {
  for (const Segment& segment : segments_) {
    if (segment.p_type != PT_LOAD || address < segment.p_vaddr) continue;
    const std::uint64_t offset = address - segment.p_vaddr;
    if (offset <= segment.p_filesz && size <= segment.p_filesz - offset) return true;
  }
  return false;
}

/// The tables that the dynamic linker follows without checks.
std::string Elf::check_dynamic() const {
  std::uint64_t values[DT_NUM] = {};
  bool known[DT_NUM] = {}, hash = false;
  for (const Segment& segment : segments_) {
    if (segment.p_type != PT_DYNAMIC) continue;
    if (!has_loaded(segment.p_vaddr, segment.p_filesz)) return damaged;
    bool ended = false;
    for (std::uint64_t i = 0; !ended && (i + 1) * sizeof(DynamicEntry) <= segment.p_filesz; ++i) {
      const auto entry = at<DynamicEntry>(segment.p_offset + i * sizeof(DynamicEntry));
      const auto tag = static_cast<std::uint64_t>(entry.d_tag);
      ended = tag == DT_NULL;
      hash = hash || tag == DT_GNU_HASH || tag == DT_HASH;
      if (tag == DT_GNU_HASH && !has_loaded(entry.d_un.d_ptr, 4 * sizeof(std::uint32_t))) return damaged;
      if (tag >= DT_NUM) continue;
      values[tag] = entry.d_un.d_val;
      known[tag] = true;
    }
    if (!ended) return damaged;
  }
  constexpr struct {
    std::uint64_t table, size;
  } tables[] = {{DT_STRTAB, DT_STRSZ},
                {DT_RELA, DT_RELASZ},
                {DT_REL, DT_RELSZ},
                {DT_JMPREL, DT_PLTRELSZ},
                {DT_INIT_ARRAY, DT_INIT_ARRAYSZ},
                {DT_FINI_ARRAY, DT_FINI_ARRAYSZ}};
  for (const auto& [table, size] : tables)
    if (known[table] && !has_loaded(values[table], values[size])) return damaged;
  if (!known[DT_STRTAB] || !known[DT_SYMTAB] || !hash) return damaged;
  if (!has_loaded(values[DT_SYMTAB], sizeof(ElfW(Sym)))) return damaged;
  return {};
}

}  // namespace

bool looks_like_elf(std::string_view bytes) {
  const std::string_view begin = bytes.substr(0, SELFMAG);
  return !begin.empty() && std::string_view(ELFMAG, SELFMAG).starts_with(begin);
}

std::string what_is_wrong_with_elf(std::string_view bytes) { return Elf(bytes).check(); }

}  // namespace personalize::plugins
