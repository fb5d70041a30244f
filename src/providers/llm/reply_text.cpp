#include "providers/llm/reply_text.hpp"

#include <algorithm>
#include <array>

#include "base/text.hpp"

namespace hs::providers {

namespace {

constexpr std::array<std::string_view, 9> refused_keywords{"$schema",
                                                           "$id",
                                                           "minimum",
                                                           "maximum",
                                                           "minLength",
                                                           "maxLength",
                                                           "minItems",
                                                           "maxItems",
                                                           "uniqueItems"};

json::object portable_object(const json::object& schema);

json::value portable(const json::value& value) {
    if (value.is_object()) return portable_object(value.get_object());
    if (!value.is_array()) return value;
    json::array out;
    for (const auto& item : value.get_array())
        out.push_back(portable(item));
    return out;
}

/// Members named by the data, each a schema of its own.
json::object portable_members(const json::object& members) {
    json::object out;
    for (const auto& member : members)
        out[member.key()] = portable(member.value());
    return out;
}

json::object portable_object(const json::object& schema) {
    json::object out;
    for (const auto& member : schema) {
        const std::string_view key = member.key();
        if (std::ranges::find(refused_keywords, key) != refused_keywords.end()) continue;
        const bool named = (key == "properties" || key == "$defs") && member.value().is_object();
        out[key] = named ? json::value(portable_members(member.value().get_object()))
                         : portable(member.value());
    }
    if (out.contains("enum") && !out.contains("type")) out["type"] = "string";
    return out;
}

std::string_view without_thinking(std::string_view text) {
    constexpr std::string_view open = "<think>";
    constexpr std::string_view close = "</think>";
    if (!text.starts_with(open)) return text;
    const auto end = text.find(close);
    return end == std::string_view::npos ? std::string_view()
                                         : trim(text.substr(end + close.size()));
}

} // namespace

std::string unwrapped(std::string_view text) {
    text = without_thinking(trim(text));
    constexpr std::string_view fence = "```";
    if (!text.starts_with(fence) || !text.ends_with(fence) || text.size() < 2 * fence.size())
        return std::string(text);
    const auto line_end = text.find('\n');
    if (line_end == std::string_view::npos) {
        // On one line there is no place for a language name.
        return std::string(trim(text.substr(fence.size(), text.size() - 2 * fence.size())));
    }
    const auto last = text.size() - fence.size();
    return std::string(trim(text.substr(line_end, last > line_end ? last - line_end : 0)));
}

json::object portable_schema(const json::object& schema) {
    return portable_object(schema);
}

std::string schema_instruction(const json::object& schema) {
    return "\n\nAnswer with one JSON object and nothing else. It must match this JSON Schema:\n" +
           json::serialize(schema);
}

} // namespace hs::providers
