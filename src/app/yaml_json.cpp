#include "app/yaml_json.hpp"

#include <regex>
#include <stdexcept>

#include <yaml-cpp/yaml.h>

#include "base/files.hpp"

namespace hs::app {

namespace {

/// A quoted scalar is text whatever it holds: '200' and 'true' stay strings.
json::value scalar(const YAML::Node& node) {
    const auto& text = node.Scalar();
    if (node.Tag() == "!") return json::string(text);
    static const std::regex number(R"(-?(0|[1-9]\d*)(\.\d+)?([eE][-+]?\d+)?)");
    if (text == "true" || text == "false") return text == "true";
    if (text == "null" || text == "~" || text.empty()) return nullptr;
    if (std::regex_match(text, number)) return parse_json(text).value();
    return json::string(text);
}

json::value converted(const YAML::Node& node) {
    if (node.IsScalar()) return scalar(node);
    if (node.IsSequence()) {
        json::array items;
        for (const auto& item : node)
            items.push_back(converted(item));
        return items;
    }
    if (!node.IsMap()) return nullptr;
    json::object members;
    for (const auto& member : node) {
        const auto& name = member.first.Scalar();
        if (members.contains(name)) throw std::runtime_error("yaml: twice in one map: " + name);
        members[name] = converted(member.second);
    }
    return members;
}

} // namespace

json::value json_of_yaml(const std::string& text) {
    return converted(YAML::Load(text));
}

json::value json_of_yaml_file(const std::filesystem::path& file) {
    return json_of_yaml(read_file(file).value());
}

} // namespace hs::app
