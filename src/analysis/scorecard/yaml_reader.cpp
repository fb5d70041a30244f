#include "analysis/scorecard/yaml_reader.hpp"

#include <charconv>
#include <cmath>

#include <fmt/format.h>

namespace hs::analysis {

namespace {

bool is_plain(const YAML::Node& node) {
    return node.Tag() != "!"; // yaml-cpp gives quoted scalars the tag "!"
}

std::optional<double> as_number(const std::string& text) {
    double value = 0;
    const auto* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || rest != end || !std::isfinite(value)) return std::nullopt;
    return value;
}

std::optional<std::int64_t> as_integer(const std::string& text) {
    std::int64_t value = 0;
    const auto* end = text.data() + text.size();
    const auto [rest, error] = std::from_chars(text.data(), end, value);
    if (error != std::errc{} || rest != end) return std::nullopt;
    return value;
}

json::value plain_scalar(const std::string& text) {
    if (text.empty() || text == "~" || text == "null") return nullptr;
    if (text == "true") return true;
    if (text == "false") return false;
    if (const auto whole = as_integer(text)) return *whole;
    if (const auto number = as_number(text)) return *number;
    return json::string(text);
}

} // namespace

SourcePlace place_of(const YAML::Node& node) {
    const auto mark = node.Mark();
    if (mark.is_null()) return {};
    return {mark.line + 1, mark.column + 1};
}

void YamlReader::error(const YAML::Node& at, std::string code, std::string message) {
    const auto place = place_of(at);
    problems_.push_back(
        {Severity::error, std::move(code), file_, place.line, place.column, std::move(message)});
}

void YamlReader::text(const YAML::Node& map, const char* key, std::string& out) {
    const auto node = map[key];
    if (!node || node.IsNull()) return;
    if (!node.IsScalar()) return error(node, "S01", fmt::format("{} must be a text", key));
    out = node.Scalar();
}

void YamlReader::number(const YAML::Node& map, const char* key, double& out) {
    std::optional<double> value;
    number(map, key, value);
    if (value) out = *value;
}

void YamlReader::number(const YAML::Node& map, const char* key, std::optional<double>& out) {
    const auto node = map[key];
    if (!node || node.IsNull()) return;
    const auto value = node.IsScalar() ? as_number(node.Scalar()) : std::nullopt;
    if (!value) return error(node, "S01", fmt::format("{} must be a number", key));
    out = *value;
}

void YamlReader::integer(const YAML::Node& map, const char* key, int& out) {
    const auto node = map[key];
    if (!node || node.IsNull()) return;
    const auto value = node.IsScalar() ? as_integer(node.Scalar()) : std::nullopt;
    if (!value) return error(node, "S01", fmt::format("{} must be a whole number", key));
    out = static_cast<int>(*value);
}

void YamlReader::boolean(const YAML::Node& map, const char* key, bool& out) {
    const auto node = map[key];
    if (!node || node.IsNull()) return;
    const auto value = node.IsScalar() ? node.Scalar() : std::string();
    if (value != "true" && value != "false")
        return error(node, "S01", fmt::format("{} must be true or false", key));
    out = value == "true";
}

void YamlReader::texts(const YAML::Node& map, const char* key, std::vector<std::string>& out) {
    const auto node = map[key];
    if (!node || node.IsNull()) return;
    if (!node.IsSequence()) return error(node, "S01", fmt::format("{} must be a list", key));
    out.clear();
    for (const auto& item : node) {
        if (item.IsScalar())
            out.push_back(item.Scalar());
        else
            error(item, "S01", fmt::format("{} must be a list of texts", key));
    }
}

void YamlReader::local(const YAML::Node& map, const char* key, LocalText& out) {
    const auto node = map[key];
    if (!node || node.IsNull()) return;
    if (node.IsScalar()) {
        out["en"] = node.Scalar();
        return;
    }
    if (!node.IsMap())
        return error(node, "S01", fmt::format("{} must be a text or texts by language", key));
    for (const auto& entry : node) {
        if (entry.second.IsScalar())
            out[entry.first.Scalar()] = entry.second.Scalar();
        else
            error(entry.second, "S01", fmt::format("{} must hold texts", key));
    }
}

void YamlReader::only_keys(const YAML::Node& map, const std::set<std::string_view>& known) {
    if (!map.IsMap()) return;
    for (const auto& entry : map) {
        if (!known.contains(entry.first.Scalar()))
            error(entry.first, "S02", fmt::format("unknown field \"{}\"", entry.first.Scalar()));
    }
}

json::value YamlReader::document(const YAML::Node& node) {
    switch (node.Type()) {
    case YAML::NodeType::Undefined:
    case YAML::NodeType::Null: return nullptr;
    case YAML::NodeType::Scalar:
        if (is_plain(node)) return plain_scalar(node.Scalar());
        return json::string(node.Scalar());
    case YAML::NodeType::Sequence: {
        json::array items;
        for (const auto& item : node)
            items.push_back(document(item));
        return items;
    }
    case YAML::NodeType::Map: {
        json::object fields;
        for (const auto& entry : node)
            fields[entry.first.Scalar()] = document(entry.second);
        return fields;
    }
    }
    return nullptr;
}

} // namespace hs::analysis
