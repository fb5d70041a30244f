#include "store/directory.hpp"

#include <charconv>

#include "base/text.hpp"
#include "store/queries.hpp"

namespace hs::store {

namespace {

Agent read_agent(const pg::Row& row) {
    return {.id = AgentId{row.uuid("id")},
            .name = row.text("name"),
            .employee_id = row.optional_text("employee_id"),
            .languages = row.text_array("languages"),
            .active = row.boolean("active")};
}

City read_city(const pg::Row& row) {
    City city;
    city.id = CityId{static_cast<std::int32_t>(row.integer("id"))};
    city.name = row.text("name");
    city.state = row.optional_text("state");
    city.latitude = row.optional_real("latitude");
    city.longitude = row.optional_real("longitude");
    return city;
}

IssueCategory read_category(const pg::Row& row) {
    return {.id = static_cast<std::int32_t>(row.integer("id")),
            .name = row.text("name"),
            .aliases = row.text_array("aliases"),
            .emergency = row.boolean("emergency")};
}

std::vector<std::string> keys_of(const std::vector<std::string>& names) {
    std::vector<std::string> keys;
    keys.reserve(names.size());
    for (const auto& name : names)
        keys.push_back(name_key(name));
    return keys;
}

std::optional<std::int64_t> as_city_number(const std::string& text) {
    std::int32_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return number;
}

} // namespace

Task<std::vector<AgentMatch>>
agents_named(pg::Session& session, TenantId tenant, std::string identifier) {
    const auto rows = co_await session.run(
        sql::agents_named, pg::params(tenant, Uuid::parse(identifier), name_key(identifier)));
    std::vector<AgentMatch> matches;
    for (const auto row : rows) {
        matches.push_back({read_agent(row), static_cast<MatchedBy>(row.integer("matched_by"))});
    }
    co_return matches;
}

Task<std::vector<CityMatch>>
cities_named(pg::Session& session, TenantId tenant, std::string identifier) {
    const auto rows = co_await session.run(
        sql::cities_named, pg::params(tenant, as_city_number(identifier), name_key(identifier)));
    std::vector<CityMatch> matches;
    for (const auto row : rows) {
        matches.push_back({read_city(row), static_cast<MatchedBy>(row.integer("matched_by"))});
    }
    co_return matches;
}

Task<std::optional<Agent>> find_agent(pg::Session& session, TenantId tenant, AgentId id) {
    const auto rows = co_await session.run(sql::find_agent, pg::params(tenant, id));
    if (rows.empty()) co_return std::nullopt;
    co_return read_agent(rows.front());
}

Task<std::optional<IssueCategory>>
category_named(pg::Session& session, TenantId tenant, std::string name) {
    const auto rows = co_await session.run(sql::category_named, pg::params(tenant, name_key(name)));
    if (rows.empty()) co_return std::nullopt;
    co_return read_category(rows.front());
}

Task<std::vector<Agent>>
list_agents(pg::Session& session, TenantId tenant, std::optional<Agent> after, int limit) {
    const auto name = after ? std::optional(after->name) : std::nullopt;
    const auto id = after ? std::optional(after->id) : std::nullopt;
    const auto rows = co_await session.run(sql::list_agents, pg::params(tenant, name, id, limit));
    std::vector<Agent> agents;
    for (const auto row : rows)
        agents.push_back(read_agent(row));
    co_return agents;
}

Task<std::vector<ListedAgent>>
agents_in_order(pg::Session& session, TenantId tenant, AgentList list) {
    std::optional<std::string> key;
    if (list.text) key = name_key(*list.text);
    pg::Params params = pg::params(tenant,
                                   key,
                                   list.team,
                                   list.active,
                                   list.order,
                                   list.after_place,
                                   list.after_id,
                                   list.limit);
    const auto rows = co_await session.run(sql::agents_in_order, std::move(params));
    std::vector<ListedAgent> agents;
    for (const auto row : rows)
        agents.push_back({read_agent(row), row.text("place")});
    co_return agents;
}

Task<std::vector<City>>
list_cities(pg::Session& session, TenantId tenant, std::optional<City> after, int limit) {
    const auto name = after ? std::optional(after->name) : std::nullopt;
    const auto id = after ? std::optional(after->id) : std::nullopt;
    const auto rows = co_await session.run(sql::list_cities, pg::params(tenant, name, id, limit));
    std::vector<City> cities;
    for (const auto row : rows) {
        cities.push_back(read_city(row));
        cities.back().aliases = row.text_array("aliases");
    }
    co_return cities;
}

Task<std::vector<IssueCategory>> list_categories(pg::Session& session, TenantId tenant) {
    const auto rows = co_await session.run(sql::list_categories, pg::params(tenant));
    std::vector<IssueCategory> categories;
    for (const auto row : rows)
        categories.push_back(read_category(row));
    co_return categories;
}

Task<std::vector<IssueCategory>> categories_after(pg::Session& session,
                                                  TenantId tenant,
                                                  std::optional<IssueCategory> after,
                                                  int limit) {
    const auto name = after ? std::optional(after->name) : std::nullopt;
    const auto id = after ? std::optional(std::int64_t{after->id}) : std::nullopt;
    pg::Params params = pg::params(tenant, name, id, limit);
    const auto rows = co_await session.run(sql::categories_after, std::move(params));
    std::vector<IssueCategory> categories;
    for (const auto row : rows)
        categories.push_back(read_category(row));
    co_return categories;
}

Task<std::vector<CategoryName>>
category_names(pg::Session& session, TenantId tenant, std::optional<std::string> after, int limit) {
    const auto rows = co_await session.run(sql::category_names, pg::params(tenant, after, limit));
    std::vector<CategoryName> names;
    for (const auto row : rows)
        names.push_back({row.text("name"), row.boolean("emergency"), row.boolean("configured")});
    co_return names;
}

Task<std::optional<AgentId>> insert_agent(pg::Session& session, TenantId tenant, Agent agent) {
    std::optional<std::string> employee_key;
    if (agent.employee_id) employee_key = name_key(*agent.employee_id);
    const auto rows = co_await session.run(sql::insert_agent,
                                           pg::params(tenant,
                                                      agent.id,
                                                      agent.name,
                                                      name_key(agent.name),
                                                      agent.employee_id,
                                                      employee_key,
                                                      agent.languages));
    if (rows.empty()) co_return std::nullopt;
    co_return AgentId{rows.front().uuid("id")};
}

Task<std::optional<CityId>> insert_city(pg::Session& session, TenantId tenant, City city) {
    const auto rows = co_await session.run(sql::insert_city,
                                           pg::params(tenant,
                                                      city.name,
                                                      name_key(city.name),
                                                      city.state,
                                                      city.latitude,
                                                      city.longitude,
                                                      city.aliases,
                                                      keys_of(city.aliases)));
    if (rows.empty()) co_return std::nullopt;
    co_return CityId{static_cast<std::int32_t>(rows.front().integer("id"))};
}

Task<std::optional<std::int32_t>>
insert_category(pg::Session& session, TenantId tenant, IssueCategory category) {
    const auto rows = co_await session.run(sql::insert_category,
                                           pg::params(tenant,
                                                      category.name,
                                                      name_key(category.name),
                                                      category.aliases,
                                                      keys_of(category.aliases),
                                                      category.emergency));
    if (rows.empty()) co_return std::nullopt;
    co_return static_cast<std::int32_t>(rows.front().integer("id"));
}

} // namespace hs::store
