#include "pipeline/move_objects.hpp"

#include "pipeline/objects.hpp"
#include "providers/blob/two_stores.hpp"
#include "store/calls.hpp"
#include "store/recordings.hpp"

namespace hs::pipeline {

namespace {

constexpr std::size_t page = 500;

struct Way {
    providers::BlobStore& from;
    providers::BlobStore& to;
};

Task<Result<bool>>
move_one(const Services& services, TenantId tenant, Way way, const std::string& path) {
    const auto call = call_of_path(path);
    if (!call) co_return false; // nothing of ours
    const auto key = stored_key(tenant, *call, path, variant_of_path(path));
    auto move = [way, key] { return providers::move_object(way.from, way.to, key); };
    auto moved = co_await services.disk.run(move);
    if (!moved || !*moved || key.variant != "original") co_return moved;
    const auto unit = services.database.unit({.tenant = tenant, .role = pg::DbRole::worker});
    auto locator = way.to.locator(key);
    co_await store::set_audio_locator(*unit, tenant, *call, std::move(locator));
    co_return true;
}

/// Whether the next object may fare better.
bool of_this_object_only(const Error& error) {
    return error.code == "storage.corrupt" || error.code == "storage.conflict";
}

} // namespace

Task<Result<MoveReport>> move_objects(const Services& services,
                                      providers::BlobStore& from,
                                      providers::BlobStore& to,
                                      std::function<void(const MoveReport&)> progress) {
    MoveReport report;
    const Way way{from, to};
    std::vector<TenantId> tenants;
    {
        const auto unit =
            services.database.unit({.tenant = std::nullopt, .role = pg::DbRole::worker});
        tenants = co_await store::list_tenants(*unit);
    }
    for (const auto tenant : tenants) {
        const std::string prefix = "t/" + tenant.str() + "/";
        std::string after;
        for (;;) {
            auto look = [way, prefix, after] { return way.from.list(prefix, after, page); };
            CO_TRY(const auto paths, co_await services.disk.run(look));
            if (paths.empty()) break;
            for (const auto& path : paths) {
                after = path;
                const auto moved = co_await move_one(services, tenant, way, path);
                if (!moved && !of_this_object_only(moved.error()))
                    co_return std::unexpected(moved.error());
                if (!moved) report.left.push_back(path);
                if (moved && *moved) ++report.moved;
                progress(report);
            }
        }
    }
    co_return report;
}

} // namespace hs::pipeline
