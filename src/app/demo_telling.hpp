/// Telling one call of a demonstration history: which parts follow each other, how well the agent
/// does them, how the caller takes it. Internal to demo_story.
#pragma once

#include "app/demo_story.hpp"

namespace hs::app {

struct Telling {
    const json::object& parts; // of the call's language
    const DemoAgent& agent;
    const DemoCity& city;
    const std::vector<std::string>& stations;
};

[[nodiscard]] Transcript told(const Telling& telling, const DemoCall& call);

} // namespace hs::app
