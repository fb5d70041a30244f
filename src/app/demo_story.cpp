#include "app/demo_story.hpp"

#include <algorithm>
#include <chrono>

#include <fmt/format.h>

#include "app/demo_chance.hpp"
#include "app/demo_telling.hpp"
#include "app/yaml_json.hpp"

namespace hs::app {

namespace {

using namespace std::chrono_literals;

constexpr auto zone = 5h + 30min; // India has one; the hours people call are those of its clock
constexpr int opens = 7;          // o'clock
constexpr int closes = 22;
constexpr double sunday_calls = 0.55;
constexpr std::size_t enough_tries = 8;

double number_of(const json::object& object, const char* name, double fallback) {
    const auto* value = object.if_contains(name);
    return value == nullptr ? fallback : value->to_number<double>();
}

std::string text_of(const json::object& object, const char* name) {
    const auto* value = object.if_contains(name);
    return value == nullptr ? std::string() : std::string(value->as_string());
}

std::vector<std::string> texts_of(const json::object& object, const char* name) {
    std::vector<std::string> texts;
    if (const auto* value = object.if_contains(name))
        for (const auto& item : value->as_array())
            texts.emplace_back(item.as_string());
    return texts;
}

DemoAgent agent_of(const json::object& entry) {
    return {.name = text_of(entry, "name"),
            .employee_id = text_of(entry, "employee_id"),
            .woman = entry.contains("woman"),
            .skill = number_of(entry, "skill", 0.8),
            .change = number_of(entry, "change", 0),
            .weak = text_of(entry, "weak")};
}

DemoCity city_of(const json::object& entry) {
    return {.name = text_of(entry, "name"),
            .state = text_of(entry, "state"),
            .latitude = number_of(entry, "latitude", 0),
            .longitude = number_of(entry, "longitude", 0),
            .aliases = texts_of(entry, "aliases"),
            .calls = number_of(entry, "calls", 1),
            .trouble = number_of(entry, "trouble", 0.1),
            .change = number_of(entry, "change", 0)};
}

/// Fewer on Sundays; later days are as likely as earlier ones.
int day_by_chance(Chance& chance, int days, std::chrono::sys_days today) {
    for (std::size_t i = 0; i < enough_tries; ++i) {
        const auto ago = chance.between(0, days - 1);
        const std::chrono::weekday weekday(today - std::chrono::days(ago));
        if (weekday != std::chrono::Sunday || chance.happens(sunday_calls)) return ago;
    }
    return chance.between(0, days - 1);
}

/// Most calls come in the late morning and in the evening: the mean of two chances is.
std::chrono::seconds hour_by_chance(Chance& chance) {
    const auto span = (closes - opens) * 3600;
    const bool evening = chance.happens(0.45);
    const auto spread = (chance.share() + chance.share()) / 2;
    const auto place = evening ? 0.35 + 0.65 * spread : 0.75 * spread;
    return std::chrono::hours(opens) + std::chrono::seconds(static_cast<int>(place * span));
}

} // namespace

DemoStory::DemoStory(const std::filesystem::path& folder) {
    const auto cast = json_of_yaml_file(folder / "cast.yaml").as_object();
    for (const auto& entry : cast.at("agents").as_array())
        agents_.push_back(agent_of(entry.as_object()));
    for (const auto& entry : cast.at("cities").as_array())
        cities_.push_back(city_of(entry.as_object()));
    for (const auto& entry : cast.at("issues").as_object())
        issues_.push_back({std::string(entry.key()), entry.value().to_number<double>()});
    for (const auto& entry : cast.at("languages").as_object())
        languages_.push_back({std::string(entry.key()), entry.value().to_number<double>()});
    customers_ = texts_of(cast, "customers");
    stations_ = texts_of(cast, "stations");
    for (const auto& language : languages_)
        parts_[language.name] = json_of_yaml_file(folder / (language.name + ".yaml")).as_object();
}

std::vector<DemoCall>
DemoStory::plan(std::uint64_t seed, std::size_t calls, int days, Time now) const {
    const auto today = std::chrono::floor<std::chrono::days>(now + zone);
    std::vector<DemoCall> planned;
    planned.reserve(calls);
    for (std::size_t number = 0; number < calls; ++number) {
        Chance chance(seed * 1'000'003U + number);
        DemoCall call;
        call.number = number;
        call.days_ago = day_by_chance(chance, days, today);
        const auto hour = hour_by_chance(chance);
        call.at = Time(today - std::chrono::days(call.days_ago)) + hour - zone;
        if (call.at > now) call.at = now - std::chrono::seconds(chance.between(60, 7200));
        call.agent = chance.below(agents_.size());
        call.city = chance.weighted(cities_, [](const DemoCity& city) { return city.calls; });
        const auto& trouble = cities_[call.city].trouble;
        const auto share = [&](const Weighted& issue) {
            return issue.name == "Safety Incident" ? issue.share * (1 + 3 * trouble) : issue.share;
        };
        call.issue = issues_[chance.weighted(issues_, share)].name;
        const auto spoken = [](const Weighted& language) { return language.share; };
        call.language = languages_[chance.weighted(languages_, spoken)].name;
        call.customer = chance.one_of(customers_);
        call.seed = chance.next();
        planned.push_back(std::move(call));
    }
    std::ranges::sort(
        planned, {}, [](const DemoCall& call) { return std::pair(call.at, call.number); });
    return planned;
}

Transcript DemoStory::tell(const DemoCall& call) const {
    const auto& parts = parts_.find(call.language)->second;
    return told({.parts = parts,
                 .agent = agents_.at(call.agent),
                 .city = cities_.at(call.city),
                 .stations = stations_},
                call);
}

} // namespace hs::app
