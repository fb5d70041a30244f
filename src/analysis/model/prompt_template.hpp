/// Prompts as files: what is said to a model, with a version and a hash that an evaluation names.
///
/// Variables {{name}} and blocks {{#each name}}…{{field}}…{{/each}}; no logic beyond that. A value
/// is put in as it is and never looked at again, so words of a call cannot name a variable.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"
#include "base/json.hpp"

namespace hs::analysis {

struct PromptValues {
    std::map<std::string, std::string> texts;
    std::map<std::string, std::vector<std::map<std::string, std::string>>> lists;
};

struct RenderedPrompt {
    std::string system;
    std::string user;
};

struct PromptTemplate {
    std::string id;
    int version = 0;
    std::string purpose; // judge | summary | monthly | overall | change | daily_ops | coaching
    std::string tier = "small";
    int min_context = 0;
    double temperature = 0;
    int max_output = 4000;
    std::vector<std::string> variables;
    json::object schema; // of the reply
    std::string schema_hash;
    std::string content_hash; // SHA-256 of the normalised file and the schema

    std::string system; // template texts
    std::string user;

    /// Every variable of the template must be among `values`: what lint promised.
    [[nodiscard]] RenderedPrompt render(const PromptValues& values) const;
};

/// Parses and lints. `schema` is the text of the schema file the front matter names.
/// Errors: invalid "prompt.invalid" with "file: message" lines: unknown or missing members, a
/// variable that is used and not declared or declared and not used, an unclosed block.
[[nodiscard]] Result<PromptTemplate>
read_prompt(std::string_view text, std::string_view schema, const std::string& file);

/// Name of the schema in the front matter; empty when there is none.
[[nodiscard]] std::string schema_name_of(std::string_view text);

/// Reads `<folder>/<id>/<version>.md` and `<folder>/schemas/<schema>.json`.
[[nodiscard]] Result<PromptTemplate>
load_prompt(const std::filesystem::path& folder, const std::string& id, int version);

/// The highest version in `<folder>/<id>`. Errors: not_found "prompt.missing".
[[nodiscard]] Result<PromptTemplate> load_newest_prompt(const std::filesystem::path& folder,
                                                        const std::string& id);

} // namespace hs::analysis
