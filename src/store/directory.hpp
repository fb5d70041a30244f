/// Store: product tables as typed functions over named SQL.
///
/// Every function takes the session (a unit or a transaction) first and never commits. Column names
/// are known here and nowhere else. No business decision is taken in this folder.
#pragma once

#include <optional>
#include <string>
#include <vector>

#include "base/ids.hpp"
#include "base/task.hpp"
#include "pg/session.hpp"

namespace hs::store {

struct Agent {
    AgentId id;
    std::string name;
    std::optional<std::string> employee_id{};
    std::vector<std::string> languages{};
    bool active = true;
};

struct City {
    CityId id;
    std::string name;
    std::optional<std::string> state{};
    std::optional<double> latitude{};
    std::optional<double> longitude{};
    std::vector<std::string> aliases{};
};

struct IssueCategory {
    std::int32_t id = 0;
    std::string name;
    std::vector<std::string> aliases{};
    bool emergency = false;
};

/// How an identifier named something, best first.
enum class MatchedBy { id, key, name };

struct AgentMatch {
    Agent agent;
    MatchedBy by = MatchedBy::name;
};

struct CityMatch {
    City city;
    MatchedBy by = MatchedBy::name; // key: by alias
};

/// Every active agent whose id, employee id or name is `identifier` (case and blanks ignored).
Task<std::vector<AgentMatch>>
agents_named(pg::Session& session, TenantId tenant, std::string identifier);
/// Every city whose id, name or alias is `identifier`.
Task<std::vector<CityMatch>>
cities_named(pg::Session& session, TenantId tenant, std::string identifier);
Task<std::optional<Agent>> find_agent(pg::Session& session, TenantId tenant, AgentId id);
/// The category with this name or alias.
Task<std::optional<IssueCategory>>
category_named(pg::Session& session, TenantId tenant, std::string name);

struct AgentList {
    std::optional<std::string> text{}; // in the name or the employee id, whatever its case
    std::optional<Uuid> team{};
    std::optional<bool> active{};
    std::string order = "name";               // name | employee_id, with - for falling
    std::optional<std::string> after_place{}; // of the last agent of the page before
    std::optional<AgentId> after_id{};
    int limit = 50;
};

struct ListedAgent {
    Agent agent;
    std::string place; // in the order
};

/// Agents without an employee id come before all that have one.
Task<std::vector<ListedAgent>>
agents_in_order(pg::Session& session, TenantId tenant, AgentList list);
/// Pages in order of (name, id) after the given one; all when `limit` is large.
Task<std::vector<Agent>>
list_agents(pg::Session& session, TenantId tenant, std::optional<Agent> after, int limit);
Task<std::vector<City>>
list_cities(pg::Session& session, TenantId tenant, std::optional<City> after, int limit);
Task<std::vector<IssueCategory>> list_categories(pg::Session& session, TenantId tenant);
/// In the same order, after the given one.
Task<std::vector<IssueCategory>> categories_after(pg::Session& session,
                                                  TenantId tenant,
                                                  std::optional<IssueCategory> after,
                                                  int limit);

struct CategoryName {
    std::string name;
    bool emergency = false;
    bool configured = false; // otherwise seen on calls only
};

/// In order of the name, after the given one. Issues of calls as far as the sums are folded.
Task<std::vector<CategoryName>>
category_names(pg::Session& session, TenantId tenant, std::optional<std::string> after, int limit);

/// Adds, or nothing when the employee id (the city's or category's name) is already there.
Task<std::optional<AgentId>> insert_agent(pg::Session& session, TenantId tenant, Agent agent);
Task<std::optional<CityId>> insert_city(pg::Session& session, TenantId tenant, City city);
/// The new category's id.
Task<std::optional<std::int32_t>>
insert_category(pg::Session& session, TenantId tenant, IssueCategory category);

} // namespace hs::store
