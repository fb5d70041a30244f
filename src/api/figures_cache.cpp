#include "api/figures_cache.hpp"

#include <boost/asio/post.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>

namespace hs::api {

namespace asio = boost::asio;
using namespace std::chrono_literals;

struct FiguresCache::Waiter {
    explicit Waiter(const asio::any_io_executor& executor) : timer(executor) {}

    asio::steady_timer timer;
};

FiguresCache::FiguresCache(std::size_t most_bytes) : most_bytes_(most_bytes) {}

FiguresCache::~FiguresCache() = default;

std::size_t FiguresCache::size_of(const Entry& entry) {
    std::size_t size = sizeof(Entry) + sizeof(KeptReply) + entry.key.size();
    size += entry.kept->reply.body.size() + entry.kept->packed.size();
    for (const auto& [name, value] : entry.kept->reply.headers)
        size += name.size() + value.size();
    return size;
}

FiguresCache::Kept FiguresCache::find(const std::string& key) {
    const auto found = index_.find(key);
    if (found == index_.end()) return nullptr;
    entries_.splice(entries_.begin(), entries_, found->second);
    return found->second->kept;
}

void FiguresCache::keep(std::string key, Kept kept) {
    if (const auto old = index_.find(key); old != index_.end()) {
        bytes_ -= size_of(*old->second);
        const auto entry = old->second;
        index_.erase(old);
        entries_.erase(entry);
    }
    entries_.push_front({std::move(key), std::move(kept)});
    index_.emplace(entries_.front().key, entries_.begin());
    bytes_ += size_of(entries_.front());
    while (bytes_ > most_bytes_) {
        bytes_ -= size_of(entries_.back());
        index_.erase(entries_.back().key);
        entries_.pop_back();
    }
}

void FiguresCache::finish(const std::string& key, const Kept* to_keep) {
    const std::lock_guard lock(mutex_);
    if (to_keep != nullptr) keep(key, *to_keep);
    const auto flight = making_.extract(key);
    if (flight.empty()) return;
    for (const auto& waiter : flight.mapped()) {
        // The timer belongs to its waiter's thread.
        asio::post(waiter->timer.get_executor(), [waiter] { waiter->timer.cancel(); });
    }
}

Task<FiguresCache::Kept> FiguresCache::take(std::string key, Make make) {
    const auto executor = co_await asio::this_coro::executor;
    for (bool mine = false; !mine;) {
        std::shared_ptr<Waiter> waiter;
        {
            const std::lock_guard lock(mutex_);
            if (auto kept = find(key)) co_return kept;
            auto [flight, first] = making_.try_emplace(key);
            mine = first;
            if (!mine) {
                waiter = std::make_shared<Waiter>(executor);
                waiter->timer.expires_after(1s); // looks again in case its maker is gone
                flight->second.push_back(waiter);
            }
        }
        if (!waiter) continue;
        boost::system::error_code ignored;
        co_await waiter->timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
    }
    std::exception_ptr failure;
    std::shared_ptr<KeptReply> made = std::make_shared<KeptReply>();
    try {
        made->reply = co_await make();
    } catch (...) { // whoever waits tries it for itself
        failure = std::current_exception();
    }
    const Kept kept = std::move(made);
    finish(key, !failure && kept->reply.status == 200 ? &kept : nullptr);
    if (failure) std::rethrow_exception(failure);
    co_return kept;
}

void FiguresCache::keep_packed(const std::string& key, const Kept& kept, std::string packed) {
    auto both = std::make_shared<KeptReply>(*kept);
    both->packed = std::move(packed);
    const std::lock_guard lock(mutex_);
    keep(key, std::move(both));
}

std::size_t FiguresCache::bytes() const {
    const std::lock_guard lock(mutex_);
    return bytes_;
}

std::optional<Time> CompleteUntil::recent(TenantId tenant, Instant now) const {
    const std::lock_guard lock(mutex_);
    const auto found = noted_.find(tenant);
    if (found == noted_.end() || now - found->second.at > 250ms) return std::nullopt;
    return found->second.until;
}

void CompleteUntil::note(TenantId tenant, Time complete_until, Instant now) {
    const std::lock_guard lock(mutex_);
    noted_[tenant] = {complete_until, now};
}

} // namespace hs::api
