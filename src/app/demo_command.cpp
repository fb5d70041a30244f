#include <charconv>
#include <chrono>
#include <exception>
#include <optional>

#include <boost/asio/experimental/awaitable_operators.hpp>
#include <fmt/format.h>
#include <unistd.h>

#include "app/command_line.hpp"
#include "app/commands.hpp"
#include "app/demo_story.hpp"
#include "app/resources.hpp"
#include "base/crypto.hpp"
#include "pipeline/demonstration.hpp"
#include "pipeline/seed.hpp"

namespace hs::app {

namespace {

constexpr const char* usage =
    "usage: hacksmart demo load [--calls 3000] [--days 90] [--seed 1]\n"
    "       hacksmart demo remove\n\n"
    "load adds a history of calls that nobody made: put together from templates, judged like any\n"
    "other call, marked as demonstration, without recordings. remove takes all of it away again.\n";

constexpr const char* local_tenant = "00000000-0000-7000-8000-000000000001";

struct Wanted {
    bool load = false;
    std::int64_t calls = 3000;
    std::int64_t days = 90;
    std::int64_t seed = 1;
    CommandLine line;
};

std::optional<std::int64_t>
number_in(const std::string& text, std::int64_t least, std::int64_t most) {
    std::int64_t number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool whole = error == std::errc() && end == text.data() + text.size();
    if (!whole || number < least || number > most) return std::nullopt;
    return number;
}

/// Takes the command's own numbers out; the rest are settings.
std::optional<Wanted> read(std::span<const std::string> args) {
    Wanted wanted;
    std::vector<std::string> rest;
    for (std::size_t i = 0; i < args.size(); ++i) {
        auto* number = args[i] == "--calls"  ? &wanted.calls
                       : args[i] == "--days" ? &wanted.days
                       : args[i] == "--seed" ? &wanted.seed
                                             : nullptr;
        if (number == nullptr) {
            rest.push_back(args[i]);
            continue;
        }
        const auto most = number == &wanted.days ? 730 : 100'000;
        const auto given = i + 1 == args.size() ? std::nullopt : number_in(args[++i], 1, most);
        if (!given) return std::nullopt;
        *number = *given;
    }
    wanted.line = split_arguments(rest, {});
    if (wanted.line.words.size() != 1) return std::nullopt;
    const auto& action = wanted.line.words.front();
    if (action != "load" && action != "remove") return std::nullopt;
    wanted.load = action == "load";
    return wanted;
}

/// What the writers share; they run on one thread and take the next agent in turn.
struct Loading {
    Engine& engine;
    const DemoStory& story;
    TenantId tenant;
    std::int64_t seed;
    std::vector<AgentId> agents;
    std::vector<CityId> cities;
    std::vector<std::vector<DemoCall>> by_agent; // oldest first
    std::size_t next;
    std::size_t stored;
    std::size_t all;
    std::exception_ptr
        failure; // of the first writer that met one; the others stop after their agent
};

/// Ordered by the call's time, and the same for the same seed and call.
CallId id_of(std::int64_t seed, const DemoCall& call) {
    const auto hash = sha256(bytes_of(fmt::format("demonstration {} {}", seed, call.number)));
    auto id = Uuid::v7(call.at);
    for (std::size_t i = 6; i < id.bytes.size(); ++i)
        id.bytes[i] = hash[i];
    id.bytes[6] = static_cast<std::uint8_t>((id.bytes[6] & 0x0fU) | 0x70U);
    id.bytes[8] = static_cast<std::uint8_t>((id.bytes[8] & 0x3fU) | 0x80U);
    return CallId{id};
}

pipeline::StagedCall staged(const Loading& loading, const DemoCall& call) {
    pipeline::StagedCall out;
    out.id = id_of(loading.seed, call);
    out.external_id = fmt::format("demonstration-{}-{}", loading.seed, call.number);
    out.agent = loading.agents.at(call.agent);
    out.agent_name = loading.story.agents().at(call.agent).name;
    out.city = loading.cities.at(call.city);
    out.customer = call.customer;
    out.issue = call.issue;
    out.issue_is_emergency = loading.engine.categories().is_emergency(call.issue);
    out.at = call.at;
    out.transcript = loading.story.tell(call);
    return out;
}

void show(const Loading& loading) {
    if (::isatty(STDERR_FILENO) != 1) return;
    fmt::print(stderr, "\r{} of {} calls ", loading.stored, loading.all);
    std::fflush(stderr);
}

Task<void> write_agents(Loading& loading) {
    while (!loading.failure && loading.next < loading.by_agent.size()) {
        const auto& calls = loading.by_agent[loading.next++];
        const pipeline::StageCall stage = [&loading, &calls](std::size_t place) {
            return staged(loading, calls.at(place));
        };
        const pipeline::OnStored on_stored = [&loading](std::size_t more) {
            loading.stored += more;
            show(loading);
        };
        const auto& services = loading.engine.services();
        co_await pipeline::add_demonstration_calls(
            services, loading.tenant, stage, calls.size(), on_stored);
    }
}

/// Throws nothing: a group of writers would cancel the others in the middle of a statement.
Task<void> write_in_turn(Loading& loading) {
    try {
        co_await write_agents(loading);
    } catch (...) {
        if (!loading.failure) loading.failure = std::current_exception();
    }
}

std::vector<store::Agent> agents_of(const DemoStory& story) {
    std::vector<store::Agent> agents;
    for (const auto& agent : story.agents()) {
        store::Agent row;
        row.name = agent.name;
        row.employee_id = agent.employee_id;
        row.languages = {"English", "Hindi"};
        agents.push_back(std::move(row));
    }
    return agents;
}

std::vector<store::City> cities_of(const DemoStory& story) {
    std::vector<store::City> cities;
    for (const auto& city : story.cities()) {
        store::City row;
        row.name = city.name;
        row.state = city.state;
        row.latitude = city.latitude;
        row.longitude = city.longitude;
        row.aliases = city.aliases;
        cities.push_back(std::move(row));
    }
    return cities;
}

/// False when there is a history already.
Task<bool> load(Engine& engine, const DemoStory& story, const Wanted& wanted) {
    using namespace boost::asio::experimental::awaitable_operators;
    const auto& services = engine.services();
    const auto tenant = *TenantId::parse(local_tenant);
    const auto unit = services.database.unit({.tenant = tenant});
    const auto there = co_await store::demonstration_calls(*unit, tenant);
    if (there > 0) {
        fmt::print(stderr,
                   "There are {} calls of a demonstration; `hacksmart demo remove` first.\n",
                   there);
        co_return false;
    }
    co_await pipeline::seed_categories(services, engine.categories());
    Loading loading{engine, story, tenant, wanted.seed, {}, {}, {}, 0, 0, 0, nullptr};
    loading.agents = co_await pipeline::demonstration_agents(services, tenant, agents_of(story));
    loading.cities = co_await pipeline::demonstration_cities(services, tenant, cities_of(story));
    loading.by_agent.resize(story.agents().size());
    loading.all = static_cast<std::size_t>(wanted.calls);
    auto calls = story.plan(static_cast<std::uint64_t>(wanted.seed),
                            loading.all,
                            static_cast<int>(wanted.days),
                            services.clock.now());
    for (auto& call : calls) {
        auto& list = loading.by_agent.at(call.agent);
        list.push_back(std::move(call));
    }
    co_await (write_in_turn(loading) && write_in_turn(loading) && write_in_turn(loading));
    if (loading.failure) std::rethrow_exception(loading.failure);
    co_await engine.rollups().fold_tenant(tenant, std::nullopt);
    co_return true;
}

Task<void> remove(Engine& engine) {
    const auto tenant = *TenantId::parse(local_tenant);
    const auto removed = co_await pipeline::remove_demonstration(engine.services(), tenant);
    co_await engine.rollups().fold_tenant(tenant, std::nullopt);
    fmt::print("{} calls, {} agents and {} cities of the demonstration removed\n",
               removed.calls,
               removed.directory.agents,
               removed.directory.cities);
}

} // namespace

int demo_command(std::span<const std::string> args) {
    const auto wanted = read(args);
    if (!wanted) {
        fmt::print(stderr, "{}", usage);
        return 2;
    }
    const auto engine = engine_or_complain(wanted->line, Engine::PrivateDatabase::shared);
    if (!engine) return 1;
    if (!wanted->load) {
        run_to_end(*engine, [&]() -> Task<void> { co_await remove(*engine); });
        return 0;
    }
    const DemoStory story(find_resources(engine->config().resources_dir).demonstration);
    const auto began = std::chrono::steady_clock::now();
    bool good = false;
    run_to_end(*engine, [&]() -> Task<void> { good = co_await load(*engine, story, *wanted); });
    if (!good) return 1;
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - began;
    fmt::print("{} calls over {} days made, judged and marked as demonstration in {:.1f} s\n",
               wanted->calls,
               wanted->days,
               took.count());
    return 0;
}

} // namespace hs::app
