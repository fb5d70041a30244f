#include "pipeline/seed.hpp"

#include "store/calls.hpp"
#include "store/directory.hpp"

namespace hs::pipeline {

Task<std::size_t> seed_categories(const Services& services, analysis::IssueCategories categories) {
    std::size_t added = 0;
    const auto everywhere =
        services.database.unit({.tenant = std::nullopt, .role = pg::DbRole::worker});
    for (const auto tenant : co_await store::list_tenants(*everywhere)) {
        const auto transaction = co_await services.database.begin({.tenant = tenant});
        const auto known = co_await store::list_categories(*transaction, tenant);
        if (!known.empty()) continue;
        for (const auto& category : categories.all()) {
            store::IssueCategory row;
            row.name = category.name;
            row.aliases = category.aliases;
            row.emergency = category.is_emergency;
            const auto id = co_await store::insert_category(*transaction, tenant, std::move(row));
            if (id) ++added;
        }
        co_await transaction->commit();
    }
    co_return added;
}

} // namespace hs::pipeline
