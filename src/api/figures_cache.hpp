/// Finished replies about figures, kept until their figures change.
///
/// A key names everything a reply depends on, the data version included, so nothing is ever thrown
/// away for being old: a new version is a new key. Correct only when the version was read before
/// the figures: then a reply may be newer than its key says, never older.
#pragma once

#include <chrono>
#include <functional>
#include <list>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/ids.hpp"
#include "base/task.hpp"
#include "http/message.hpp"

namespace hs::api {

/// A reply as it was made, with its gzip form once somebody has asked for it.
struct KeptReply {
    http::Response reply;
    std::string packed{};
};

class FiguresCache {
public:
    using Kept = std::shared_ptr<const KeptReply>;
    using Make = std::function<Task<http::Response>()>;

    explicit FiguresCache(std::size_t most_bytes = std::size_t{32} << 20);
    ~FiguresCache();
    FiguresCache(const FiguresCache&) = delete;
    FiguresCache& operator=(const FiguresCache&) = delete;

    /// The reply under `key`, made when it is not there. Of many who ask at once one makes it and
    /// the others wait: a fold under load must not start the same sums a hundred times. Replies
    /// other than 200 are handed to their maker only and not kept.
    Task<Kept> take(std::string key, Make make);
    /// Adds the gzip form.
    void keep_packed(const std::string& key, const Kept& kept, std::string packed);

    [[nodiscard]] std::size_t bytes() const;

private:
    struct Waiter;

    struct Entry {
        std::string key;
        Kept kept;
    };

    [[nodiscard]] static std::size_t size_of(const Entry& entry);
    Kept find(const std::string& key);                        // under the mutex
    void keep(std::string key, Kept kept);                    // under the mutex
    void finish(const std::string& key, const Kept* to_keep); // ends the making of `key`

    const std::size_t most_bytes_;
    mutable std::mutex mutex_; // guards all below
    std::list<Entry> entries_; // the last used first
    std::unordered_map<std::string_view, std::list<Entry>::iterator> index_;
    std::unordered_map<std::string, std::vector<std::shared_ptr<Waiter>>> making_;
    std::size_t bytes_ = 0;
};

/// Until when the figures of a tenant are complete, asked of the database at most four times a
/// second. An answer a moment old is still true, only less than could be said.
class CompleteUntil {
public:
    using Instant = std::chrono::steady_clock::time_point;

    [[nodiscard]] std::optional<Time> recent(TenantId tenant, Instant now) const;
    void note(TenantId tenant, Time complete_until, Instant now);

private:
    struct Noted {
        Time until;
        Instant at;
    };

    mutable std::mutex mutex_; // guards noted_
    std::map<TenantId, Noted> noted_;
};

} // namespace hs::api
