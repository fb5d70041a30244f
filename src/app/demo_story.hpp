/// Calls of a demonstration history, put together by chance from the parts in scripts/demo/history.
///
/// Pure after loading: the same seed, number of days and time give the same calls. Nobody ever said
/// their words; what they are worth, the judge decides as for any other call.
#pragma once

#include <cstdint>
#include <filesystem>
#include <map>
#include <string>
#include <vector>

#include "base/clock.hpp"
#include "base/json.hpp"
#include "domain/transcript.hpp"

namespace hs::app {

struct DemoAgent {
    std::string name;
    std::string employee_id;
    bool woman = false;
    double skill = 0.8;  // how often a part of a call is done well
    double change = 0.0; // of it, over the last four weeks
    std::string weak;    // the part done less well than the others; empty: none
};

struct DemoCity {
    std::string name;
    std::string state;
    double latitude = 0;
    double longitude = 0;
    std::vector<std::string> aliases;
    double calls = 1;     // share of all calls
    double trouble = 0.1; // how often a caller is upset from the start
    double change = 0.0;  // of it, over the last four weeks
};

/// A call before it is told. Agent and city are places in the story's lists.
struct DemoCall {
    std::size_t number = 0;
    std::size_t agent = 0;
    std::size_t city = 0;
    std::string issue;
    std::string language; // BCP 47
    std::string customer;
    Time at;
    int days_ago = 0;
    std::uint64_t seed = 0;
};

class DemoStory {
public:
    /// Throws std::runtime_error or what the JSON library throws when the files are not as they
    /// should be: they are the program's own.
    explicit DemoStory(const std::filesystem::path& folder);

    [[nodiscard]] const std::vector<DemoAgent>& agents() const { return agents_; }

    [[nodiscard]] const std::vector<DemoCity>& cities() const { return cities_; }

    /// `calls` calls over `days` days before `now`, oldest first.
    [[nodiscard]] std::vector<DemoCall>
    plan(std::uint64_t seed, std::size_t calls, int days, Time now) const;

    /// What is said in the call, with roles.
    [[nodiscard]] Transcript tell(const DemoCall& call) const;

private:
    struct Weighted {
        std::string name;
        double share = 1;
    };

    std::vector<DemoAgent> agents_;
    std::vector<DemoCity> cities_;
    std::vector<Weighted> issues_;
    std::vector<Weighted> languages_;
    std::vector<std::string> customers_;
    std::vector<std::string> stations_;
    std::map<std::string, json::object, std::less<>> parts_; // by language
};

} // namespace hs::app
