#include "module/page/fact_tap.h"

#include <array>

#include "engine/facts/kept_facts.h"
#include "engine/facts/page_product.h"

namespace personalize::module {

FactTap::FactTap(std::shared_ptr<PreparedRules> rules, std::string_view content_type, std::string_view path,
                 std::unique_ptr<Decoder> decoder)
    : rules_(std::move(rules)), path_(path), decoder_(std::move(decoder)) {
  reader_.emplace(rules_->rules->facts(), content_type);
}

void FactTap::write(std::string_view bytes) {
  if (!reader_) return;
  try {
    reader_->write(bytes);
  } catch (const std::bad_alloc&) {
    give_up();
  }
}

void FactTap::read(const ngx_chain_t* in) {
  for (; in != nullptr && reader_; in = in->next) {
    const ngx_buf_t& buffer = *in->buf;
    if (ngx_buf_special(&buffer)) continue;
    if (!ngx_buf_in_memory(&buffer)) return give_up();
    const std::string_view bytes(reinterpret_cast<const char*>(buffer.pos),
                                 static_cast<std::size_t>(buffer.last - buffer.pos));
    decoder_ ? unpack(bytes) : write(bytes);
  }
}

void FactTap::unpack(std::string_view bytes) {
  std::array<unsigned char, 4096> unpacked;
  while (!bytes.empty() || decoder_->pending()) {
    std::size_t written = 0;
    if (decoder_->run(bytes, unpacked, written) == Decoder::Result::failed) return give_up();
    write({reinterpret_cast<const char*>(unpacked.data()), written});
  }
}

std::string_view FactTap::end(bool complete) {
  if (reader_ && complete && (decoder_ == nullptr || decoder_->complete())) {
    const html::PageFacts facts = reader_->end();
    kept_ = engine::keep_facts(facts, engine::read_page_product(facts, path_), path_);
  }
  give_up();
  return kept_;
}

}  // namespace personalize::module
