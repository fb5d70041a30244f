/// Reads YAML nodes into plain values and remembers what was wrong, with line and column.
///
/// A missing optional field keeps its default; a wrong type is one message, never an exception.
/// Internal to analysis: yaml-cpp types stay out of the public headers.
#pragma once

#include <set>
#include <string>
#include <string_view>
#include <vector>

#include <yaml-cpp/yaml.h>

#include "analysis/scorecard/diagnostics.hpp"
#include "analysis/scorecard/scorecard.hpp"
#include "base/json.hpp"

namespace hs::analysis {

[[nodiscard]] SourcePlace place_of(const YAML::Node& node);

class YamlReader {
public:
    explicit YamlReader(std::string file) : file_(std::move(file)) {}

    void error(const YAML::Node& at, std::string code, std::string message);

    void text(const YAML::Node& map, const char* key, std::string& out);
    void number(const YAML::Node& map, const char* key, double& out);
    void number(const YAML::Node& map, const char* key, std::optional<double>& out);
    void integer(const YAML::Node& map, const char* key, int& out);
    void boolean(const YAML::Node& map, const char* key, bool& out);
    void texts(const YAML::Node& map, const char* key, std::vector<std::string>& out);
    void local(const YAML::Node& map, const char* key, LocalText& out);
    /// One message for every key of `map` that is not in `known`.
    void only_keys(const YAML::Node& map, const std::set<std::string_view>& known);

    /// The value as YAML 1.2 core types: quoted scalars are strings, plain ones may be numbers.
    [[nodiscard]] json::value document(const YAML::Node& node);

    [[nodiscard]] const std::string& file() const { return file_; }

    [[nodiscard]] std::vector<Diagnostic>& problems() { return problems_; }

private:
    std::string file_;
    std::vector<Diagnostic> problems_;
};

} // namespace hs::analysis
