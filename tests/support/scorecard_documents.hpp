/// Small scorecards for tests: the shipped one with its greeting judged otherwise.
#pragma once

#include <string>

#include <fmt/format.h>

namespace hs::test {

struct CardOptions {
    std::string key = "battery-swap-support";
    int version = 2;
    std::string greeting = "fail"; // how every greeting is judged
    std::string category{};        // meant for calls of this one only
};

/// Passes or fails every greeting, whatever was said. Line 8 holds the rule.
inline std::string scorecard_document(const CardOptions& options) {
    const std::string other = options.greeting == "fail" ? "pass" : "fail";
    return fmt::format(R"(scorecard:
  key: {0}
  version: {1}
  title: {{en: For a test, hi: परीक्षा}}
  extends: battery-swap-support@1
selector: {{issue_category: [{4}]}}
rules:
  - id: greeting
    title: {{en: A greeting of no call}}
    {3}: 'meta.issue_category in ("Nobody has this")'
    else: {2}
    anchor: first_agent_turn
    tests:
      - {{agent: "good morning to you all", want: {2}}}
)",
                       options.key,
                       options.version,
                       options.greeting,
                       other,
                       options.category.empty() ? "" : "\"" + options.category + "\"");
}

} // namespace hs::test
