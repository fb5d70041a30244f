/// A demonstration history: calls that nobody made, judged like any other and marked as what they
/// are, so that figures, trends and lists show their shape before there are calls of one's own.
///
/// No call has a recording, none raises an alarm, and all of them go with one command.
#pragma once

#include <functional>
#include <string>
#include <vector>

#include "domain/transcript.hpp"
#include "pipeline/services.hpp"
#include "store/demonstration.hpp"
#include "store/directory.hpp"

namespace hs::pipeline {

/// What a call is before it has been judged.
struct StagedCall {
    CallId id;
    std::string external_id;
    AgentId agent;
    std::string agent_name;
    CityId city;
    std::string customer;
    std::string issue;
    bool issue_is_emergency = false;
    Time at;
    Transcript transcript;
};

/// Makes one call; asked from the pool's threads, for one after the other.
using StageCall = std::function<StagedCall(std::size_t)>;
/// Told how many calls have been stored since it was last told.
using OnStored = std::function<void(std::size_t)>;

/// The agents of these names and employee ids, in their order: those there are, or new ones that
/// are marked as the demonstration's. The same for cities.
Task<std::vector<AgentId>>
demonstration_agents(const Services& services, TenantId tenant, std::vector<store::Agent> wanted);
Task<std::vector<CityId>>
demonstration_cities(const Services& services, TenantId tenant, std::vector<store::City> wanted);

/// Judges and stores `count` calls of one agent, oldest first: what an agent does often is told by
/// the calls before.
Task<void> add_demonstration_calls(const Services& services,
                                   TenantId tenant,
                                   StageCall stage,
                                   std::size_t count,
                                   OnStored on_stored);

struct RemovedDemonstration {
    std::int64_t calls = 0;
    store::RemovedDirectory directory{};
};

/// Removes every call, agent and city of the demonstration that nothing else needs.
Task<RemovedDemonstration> remove_demonstration(const Services& services, TenantId tenant);

} // namespace hs::pipeline
