#include "providers/blob/two_stores.hpp"

#include <algorithm>
#include <iterator>

namespace hs::providers {

namespace {

template <typename T>
bool missing(const Result<T>& result) {
    return !result && result.error().code == "storage.not_found";
}

/// Asks the first, then the second, then the first again: an object on its way from second to first
/// may have arrived in between, and it is never in neither.
template <typename Ask>
auto in_either(BlobStore& first, BlobStore& second, Ask ask) {
    auto found = ask(first);
    if (missing(found)) found = ask(second);
    if (missing(found)) found = ask(first);
    return found;
}

} // namespace

Result<void> TwoStores::put(std::span<const NewBlob> objects) {
    return first_->put(objects);
}

Result<Bytes> TwoStores::read(const BlobKey& key, std::uint64_t offset, std::uint64_t length) {
    return in_either(
        *first_, *second_, [&](BlobStore& store) { return store.read(key, offset, length); });
}

Result<Fd> TwoStores::fetch(const BlobKey& key) {
    return in_either(*first_, *second_, [&](BlobStore& store) { return store.fetch(key); });
}

Result<BlobStat> TwoStores::stat(const BlobKey& key) {
    return in_either(*first_, *second_, [&](BlobStore& store) { return store.stat(key); });
}

Result<void> TwoStores::remove(const BlobKey& key) {
    TRY_VOID(second_->remove(key));
    return first_->remove(key);
}

Result<std::vector<std::string>>
TwoStores::list(const std::string& prefix, const std::string& after, std::size_t limit) {
    TRY(const auto one, first_->list(prefix, after, limit));
    TRY(const auto other, second_->list(prefix, after, limit));
    std::vector<std::string> out;
    std::ranges::set_union(one, other, std::back_inserter(out));
    if (out.size() > limit) out.resize(limit);
    return out;
}

Result<void> TwoStores::quarantine(const std::string& path) {
    auto moved = first_->quarantine(path);
    const auto other = second_->quarantine(path);
    if (missing(moved)) return other;
    if (moved && !other && !missing(other)) return other;
    return moved;
}

std::size_t TwoStores::remove_leftovers(std::chrono::seconds older_than) {
    return first_->remove_leftovers(older_than) + second_->remove_leftovers(older_than);
}

std::string TwoStores::locator(const BlobKey& key) const {
    return first_->locator(key);
}

Result<std::optional<std::string>> TwoStores::link_to_read(const BlobKey& key,
                                                           std::chrono::seconds lifetime,
                                                           const std::string& content_type) {
    TRY(auto link, first_->link_to_read(key, lifetime, content_type));
    if (!link) return std::nullopt;
    const auto there = first_->stat(key);
    if (missing(there)) return std::nullopt;
    if (!there) return std::unexpected(there.error());
    return link;
}

Result<std::optional<SignedRequest>> TwoStores::link_to_write(const ExpectedBlob& object,
                                                              std::chrono::seconds lifetime) {
    return first_->link_to_write(object, lifetime);
}

Result<bool> move_object(BlobStore& from, BlobStore& to, const BlobKey& key) {
    const auto facts = from.stat(key);
    if (missing(facts)) return false;
    if (!facts) return std::unexpected(facts.error());
    auto file = from.fetch(key);
    if (missing(file)) return false;
    if (!file) return std::unexpected(file.error());
    TRY_VOID(to.put(NewBlob{key, file->get(), facts->size, facts->sha256}));
    TRY_VOID(from.remove(key));
    return true;
}

} // namespace hs::providers
