#include "module/splicing/spliced_page.h"

#include <algorithm>
#include <array>
#include <bit>
#include <cassert>
#include <cstring>
#include <type_traits>

#include "engine/facts/kept_facts.h"
#include "html/limits.h"
#include "module/coding/decoder.h"
#include "module/log/log.h"
#include "module/page/exchange.h"
#include "module/splicing/packed_body.h"

namespace personalize::module {
namespace {

/// Part of every ETag: another version of the rewriter may produce other pages.
constexpr std::uint32_t rewriter_version = 3;

/// Shorter pieces of the page and of rules' content are compressed together with what is around them.
constexpr std::size_t worth_a_part = 512, worth_a_fragment = 256;

/// Copying two shorter neighbours into one buffer costs less than sending two buffers.
constexpr std::size_t worth_a_buffer = 256;
/// Sizes of the memory in which they are joined.
constexpr std::size_t first_room = 1024, max_room = 16 * 1024;

/// Larger bodies are always streamed: making a plan needs the whole body in memory and blocks the worker (for 0.1 s at
/// this size, if it consists of tags).
constexpr std::size_t max_bytes_to_read = 16 * 1024 * 1024;

/// Nothing if it is broken or becomes too large.
std::optional<std::string> unpack(std::string_view packed, const BodyCodings& codings, std::size_t max_bytes) {
  std::string bytes;
  const std::unique_ptr<Decoder> decoder = make_decoder(codings);
  std::vector<unsigned char> piece(64 * 1024);
  while (!packed.empty() || decoder->pending()) {
    std::size_t written = 0;
    if (decoder->run(packed, piece, written) == Decoder::Result::failed) return std::nullopt;
    bytes.append(reinterpret_cast<const char*>(piece.data()), written);
    if (bytes.size() > max_bytes) return std::nullopt;
  }
  return decoder->complete() ? std::optional(std::move(bytes)) : std::nullopt;
}

/// True if the page's bytes can be sent from the file later. Not if something may write into it meanwhile, as edits
/// would then be in the wrong places.
bool can_stay_in(const PageFile& file) {
  return file.immutable && file.opened != nullptr && file.size() <= max_bytes_to_read;
}

/// Parses the page and keeps its plan, and the page itself if it is small enough for the zone.
PinnedPlan make_plan(const Exchange& exchange, const PageFile& file, const FilterEffect& effect,
                     const IdentifiedPage& before) {
  const std::size_t max_bytes = max_page_bytes();
  const bool fits = file.size() <= max_bytes, encoded = !effect.codings.empty();
  if (!fits && (encoded || !can_stay_in(file))) return {};
  std::optional<std::string> read = file.read();
  if (!read) return {};
  if (encoded) read = unpack(*read, effect.codings, max_bytes);
  const std::string body = std::move(read).value_or("");  // empty: it cannot be decoded
  const std::optional<IdentifiedPage> after = identify(file, effect.form, exchange.evaluation.rules().plans);
  if (!after || after->key != before.key) return {};
  std::string plan;  // if it stays empty, the page is streamed from now on without another attempt
  const rules::RuleSet& rules = exchange.evaluation->engine().rules();
  if (!body.empty()) {
    std::string facts;
    if (reads_facts(rules))
      facts = engine::read_kept_facts(rules.facts(), body, effect.type_after, exchange.evaluation->request().path);
    plan = html::record_plan(rules.selectors(), body, {.content_type = effect.type_after},
                             fits ? html::TagSource::body : html::TagSource::plan, rules.sorted_slots(), facts);
  }
  if (plan.size() > max_bytes) plan.clear();
  return store_plan(before.key, hash(body), plan, plan.empty() || !fits ? std::string_view() : body);
}

/// Pages for which the zone had no room a moment ago. They are streamed for a while, which is cheaper than making a
/// plan for every request in vain.
class PagesWithoutRoom {
 public:
  bool has(const PlanKey& page) const {
    const Without& known = known_[page.low % known_.size()];
    return known.page == page && static_cast<ngx_msec_int_t>(known.until - ngx_current_msec) > 0;
  }
  void add(const PlanKey& page) { known_[page.low % known_.size()] = {page, ngx_current_msec + pause}; }

 private:
  static constexpr ngx_msec_t pause = 1000;
  struct Without {
    PlanKey page;
    ngx_msec_t until;
  };
  std::array<Without, 64> known_{};
};

PagesWithoutRoom without_room;  // in this worker

/// True if the bytes are a slice of content that is the same on every page.
bool is_constant(std::string_view bytes, std::span<const html::Edit> edits) {
  return std::any_of(edits.begin(), edits.end(), [bytes](const html::Edit& edit) {
    return edit.constant && bytes.data() >= edit.content.data() &&
           bytes.data() + bytes.size() <= edit.content.data() + edit.content.size();
  });
}

/// With `aio threads` one of NGINX's threads sends the file, and afterwards resumes filters that did not send it.
bool can_be_sent(const PageFile& file) {
#if (NGX_THREADS || NGX_COMPAT)
  if (file.opened != nullptr && file.opened->thread_handler != nullptr) return false;
#endif
  return file.opened != nullptr;
}

/// The fixed-size parts of what an ETag is a hash of.
struct NamedPage {
  PlanKey body, selectors;
  std::uint32_t version, edits, type_size, orders_size;
};
struct NamedEdit {
  std::uint32_t slot, operation, content_size, name_size, value_size;
};

/// The size in 32 bits: rules and their content are much smaller than 4 GB.
template <class Sized>
std::uint32_t short_size(const Sized& sized) {
  return static_cast<std::uint32_t>(sized.size());
}

template <class T>
char* append(char* end, const T& part) {
  static_assert(std::has_unique_object_representations_v<T>);
  std::memcpy(end, &part, sizeof part);
  return end + sizeof part;
}

char* append(char* end, std::string_view part) { return std::copy(part.begin(), part.end(), end); }

constexpr auto hexadecimal = [] {
  constexpr std::string_view digits = "0123456789abcdef";
  std::array<std::array<char, 2>, 256> bytes{};
  for (std::size_t byte = 0; byte < bytes.size(); ++byte) bytes[byte] = {digits[byte >> 4], digits[byte & 15]};
  return bytes;
}();

std::string_view quoted(const PlanKey& key, rules::Arena& arena) {
  constexpr std::size_t size = 2 + 2 * sizeof key;
  auto* text = static_cast<char*>(arena.allocate(size, 1));
  char* end = text;
  *end++ = '"';
  for (unsigned char byte : std::bit_cast<std::array<unsigned char, sizeof key>>(key))
    end = append(end, hexadecimal[byte]);
  *end = '"';
  return {text, size};
}

/// Descriptions of the edits' orders of children, each followed by its size.
std::string describe_orders(std::span<const html::Edit> edits) {
  std::string all;
  for (const html::Edit& edit : edits) {
    if (edit.order == nullptr) continue;
    const std::size_t before = all.size();
    edit.order->describe(all);
    const std::size_t size = all.size() - before;
    all.append(reinterpret_cast<const char*>(&size), sizeof size);
  }
  return all;
}

}  // namespace

void SplicedPage::note(const Exchange& exchange, const PageFile& file, const FilterEffect& effect) {
  if (const auto page = identify(file, effect.form, exchange.evaluation.rules().plans)) seen_before(page->key);
}

SplicedPage::SplicedPage(const Exchange& exchange, PinnedPlan plan, const PlanKey& key)
    : r_(exchange.request),
      arena_(&exchange.evaluation->arena()),
      plan_(std::move(plan)),
      key_(key),
      results_(exchange.evaluation->edits().size(), arena_),
      pieces_(arena_) {}

std::optional<SplicedPage> SplicedPage::make(const Exchange& exchange, const PageFile& file,
                                             const FilterEffect& effect) {
  if (!has_plan_zone()) return std::nullopt;
  const std::optional<IdentifiedPage> page = identify(file, effect.form, exchange.evaluation.rules().plans);
  if (!page) return std::nullopt;
  PinnedPlan plan = find_plan(page->key);
  if (!plan && seen_before(page->key) && !page->may_change && !without_room.has(page->key)) {
    plan = make_plan(exchange, file, effect, *page);
    if (!plan) without_room.add(page->key);
  }
  if (!plan || plan->plan_size == 0) return std::nullopt;
  if (plan->body_size == 0 && !can_stay_in(file)) return std::nullopt;
  std::optional<SplicedPage> spliced(SplicedPage(exchange, std::move(plan), page->key));
  if (!spliced->splice(exchange, effect.type_after)) return std::nullopt;
  spliced->file_ = file;
  if (spliced->unread() && !spliced->is_worth_sending()) return std::nullopt;
  // NGINX never writes into the body of a complete file of its cache.
  spliced->sendable_ =
      file.immutable && effect.codings.empty() && exchange.request->connection->sendfile && can_be_sent(file);
  ++counters().plans_used;
  return spliced;
}

bool SplicedPage::splice(const Exchange& exchange, std::string_view content_type) {
  const std::span<const html::Edit> edits = exchange.evaluation->edits();
  pieces_.reserve(4 * edits.size() + 2);
  const html::SpliceRecipe* recipe = exchange.evaluation.rules().recipes.find(key_, edits);
  if (recipe != nullptr && (unread() || recipe->body_size() == plan_->body_size)) {
    declaration_ = recipe->declaration();
    recipe->splice(edits, *this);
    std::copy(recipe->results().begin(), recipe->results().end(), results_.begin());
  } else if (!splice_from_plan(exchange)) {
    return false;
  }
  name(exchange, content_type);
  return true;
}

bool SplicedPage::splice_from_plan(const Exchange& exchange) {
  const html::SplicePlan plan(plan_->plan());
  if (!plan.valid()) {
    log_limited(Topic::rewrite, NGX_LOG_ERR, r_->connection->log, "a splice plan in shared memory is broken");
    return false;
  }
  declaration_ = plan.declaration();
  const std::span<const html::Edit> edits = exchange.evaluation->edits();
  std::optional<html::SpliceRecipe> recipe;
  if (!html::SpliceRecipe::splice(plan, exchange.evaluation->engine().rules().selectors(), plan_->body(), edits, *this,
                                  results_, recipe))
    return false;
  if (recipe) exchange.evaluation.rules().recipes.keep(key_, edits, std::move(*recipe));
  return true;
}

/// The ETag: a hash of everything that the page depends on.
void SplicedPage::name(const Exchange& exchange, std::string_view content_type) {
  const std::span<const html::Edit> edits = exchange.evaluation->edits();
  const std::string orders = describe_orders(edits);
  std::size_t size = sizeof(NamedPage) + content_type.size() + orders.size();
  for (const html::Edit& edit : edits)
    size += sizeof(NamedEdit) + edit.content.size() + edit.name.size() + edit.value.size();
  auto* all = static_cast<char*>(arena_->allocate(size, 1));
  char* end = append(all, NamedPage{plan_->body_hash, exchange.evaluation.rules().selectors, rewriter_version,
                                    short_size(edits), short_size(content_type), short_size(orders)});
  end = append(append(end, content_type), std::string_view(orders));
  for (const html::Edit& edit : edits) {
    end = append(end, NamedEdit{edit.slot, static_cast<std::uint32_t>(edit.operation), short_size(edit.content),
                                short_size(edit.name), short_size(edit.value)});
    end = append(append(append(end, edit.content), edit.name), edit.value);
  }
  assert(end == all + size);
  etag_ = quoted(hash({all, size}), *arena_);
}

void SplicedPage::slice(std::size_t at, std::size_t size) {
  assert(unread() || (at <= plan_->body_size && size <= plan_->body_size - at));
  if (at < declaration_.end && declaration_.end <= at + size) declared_by_ = size_ + (declaration_.end - at);
  add({unread() ? nullptr : plan_->body().data(), at, size});
}

std::string_view SplicedPage::charset() const {
  const bool found = declared_by_ != 0 && declared_by_ <= html::limits::max_prescanned;
  return declaration_.end == 0 || found ? std::string_view() : declaration_.label;
}

void SplicedPage::copy(std::string_view bytes) { add(keep({bytes})); }

void SplicedPage::add(PagePiece piece) {
  if (piece.size == 0) return;
  size_ += piece.size;
  if (pieces_.empty()) return pieces_.push_back(piece);
  if (is_continued_by(piece))
    pieces_.back().size += piece.size;
  else if (piece.size >= worth_a_buffer || !join(piece))
    pieces_.push_back(piece);
}

bool SplicedPage::is_continued_by(const PagePiece& piece) const {
  const PagePiece& last = pieces_.back();
  return last.of_body == piece.of_body &&
         (piece.of_body ? last.at + last.size == piece.at : last.bytes + last.size == piece.bytes);
}

/// Joins a short piece with the last one, if that is short or was joined itself; otherwise does nothing and returns
/// false. A sorted list consists of hundreds of pieces, more buffers than one system call takes.
bool SplicedPage::join(const PagePiece& piece) {
  PagePiece& last = pieces_.back();
  const bool grows = !last.of_body && last.bytes + last.size == room_.data();
  if (piece.bytes == nullptr || last.bytes == nullptr || !(grows || last.size < worth_a_buffer)) return false;
  if (room_.size() < piece.size + (grows ? 0 : last.size)) {
    if (grows) return false;
    room_size_ = std::min(std::max(2 * room_size_, first_room), max_room);
    room_ = {static_cast<char*>(arena_->allocate(room_size_, 1)), room_size_};
  }
  const auto put = [this](std::string_view bytes) {
    assert(bytes.size() <= room_.size());
    bytes.copy(room_.data(), bytes.size());
    room_ = room_.subspan(bytes.size());
  };
  if (!grows) {
    const char* begin = room_.data();
    put(last.text());
    last = std::string_view(begin, last.size);
  }
  put(piece.text());
  last.size += piece.size;
  return true;
}

/// Sending from the file is not worth it if there are so many slices that streaming is cheaper.
bool SplicedPage::is_worth_sending() const {
  const auto slices =
      std::count_if(pieces_.begin(), pieces_.end(), [](const PagePiece& piece) { return piece.of_body; });
  return static_cast<std::size_t>(slices) * worth_a_sendfile <= file_.size();
}

/// A copy of the parts, concatenated, in the evaluation's memory.
std::string_view SplicedPage::keep(std::initializer_list<std::string_view> parts) {
  std::size_t size = 0;
  for (std::string_view part : parts) size += part.size();
  auto* bytes = static_cast<char*>(arena_->allocate(size, 1));
  char* end = bytes;
  for (std::string_view part : parts) end = append(end, part);
  return {bytes, size};
}

bool SplicedPage::pack(Coding coding, const Exchange& exchange) {
  std::vector<PackedPart> parts;
  parts.reserve(pieces_.size());
  std::vector<const PackedPart*> packed(pieces_.size(), nullptr);  // by piece; null: not compressed
  bool complete = true;
  for (std::size_t i = 0; i < pieces_.size();
       ++i) {  // does not stop at the first one that is missing, so that all will be there the next time
    const PagePiece& piece = pieces_[i];
    if (piece.size < (piece.of_body ? worth_a_part : worth_a_fragment)) continue;
    if (!piece.of_body) {
      if (is_constant(piece.text(), exchange.evaluation->edits()))
        packed[i] = exchange.evaluation.rules().fragments.find(coding, piece.text());
    } else if (std::optional<PackedPart> part = packed_part(coding, key_, piece, file_)) {
      packed[i] = &parts.emplace_back(std::move(*part));
    } else {
      complete = false;
    }
  }
  if (!complete) return false;

  PackedBody body(coding);
  for (std::size_t i = 0; i < pieces_.size(); ++i) {
    const PagePiece& piece = pieces_[i];
    if (packed[i] != nullptr)
      body.add(*packed[i]);
    else if (piece.bytes != nullptr)
      body.add(piece.text());
    else if (const std::optional<std::string> read = file_.slice(piece.at, piece.size).read())
      body.add(*read);
    else
      return false;
  }
  body.finish();
  const std::string_view own = keep({body.own()});
  pieces_.clear();
  size_ = 0;
  for (const PackedBody::Piece& piece : body.pieces()) {
    assert(piece.part.data() != nullptr || piece.begin + piece.size <= own.size());
    add(piece.part.data() != nullptr ? piece.part : own.substr(piece.begin, piece.size));
  }
  parts_ = std::move(parts);
  sendable_ = false;
  etag_ = keep({etag_.substr(0, etag_.size() - 1), "-", to_string(coding), "\""});
  coding_ = coding;
  return true;
}

PageChain SplicedPage::chain() const {
  const SendableBody body{file_.opened, file_.from};
  static const PagePiece nothing("");  // for a page of which everything was removed
  return page_chain(r_->pool, pieces_.empty() ? std::span(&nothing, 1) : std::span(pieces_),
                    sendable_ || unread() ? &body : nullptr);
}

}  // namespace personalize::module
