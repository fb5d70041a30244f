#include "api/stored_json.hpp"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <vector>

namespace hs::api {

double number_of(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_number() ? value->to_number<double>() : 0.0;
}

std::string text_of(const json::object& object, std::string_view name) {
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_string() ? std::string(value->as_string()) : std::string();
}

const json::array& list_of(const json::object& object, std::string_view name) {
    static const json::array none;
    const auto* value = object.if_contains(name);
    return value != nullptr && value->is_array() ? value->as_array() : none;
}

json::value stored_json(const std::string& text) {
    if (text.empty()) return nullptr;
    auto value = parse_json(text);
    return value ? *std::move(value) : json::value(nullptr);
}

namespace {

/// How a member of a stored shape is written; `num` always with a fraction, `text` never null.
enum class Form { integer, num, text, as_is };

struct Member {
    std::string_view name;
    Form form;
};

constexpr std::array deviation_members{Member{"turn_number", Form::integer},
                                       Member{"start_time", Form::num},
                                       Member{"end_time", Form::num},
                                       Member{"deviated_phrase", Form::text},
                                       Member{"should_have_said", Form::text},
                                       Member{"what_was_wrong", Form::text},
                                       Member{"severity", Form::num}};
constexpr std::array issue_members{Member{"primary_issue", Form::as_is},
                                   Member{"sub_issue", Form::as_is},
                                   Member{"root_cause", Form::as_is},
                                   Member{"matches_declared_category", Form::as_is}};
constexpr std::array resolution_members{Member{"resolved", Form::as_is},
                                        Member{"resolution_path", Form::as_is},
                                        Member{"valid_path", Form::as_is},
                                        Member{"follow_up_required", Form::as_is}};
constexpr std::array mood_members{
    Member{"turn", Form::integer}, Member{"score", Form::num}, Member{"sentiment", Form::text}};

/// Objects taken over from the reference lack members or have others: known ones come first and in
/// order, the rest as it is.
void write_shape(JsonWriter& out,
                 const json::object& stored,
                 std::span<const Member> members,
                 bool all_members) {
    out.begin_object();
    for (const auto& [name, form] : members) {
        const auto* value = stored.if_contains(name);
        if (value == nullptr && !all_members) continue;
        out.key(name);
        switch (form) {
        case Form::integer: out.integer(static_cast<std::int64_t>(number_of(stored, name))); break;
        case Form::num: out.number(number_of(stored, name)); break;
        case Form::text: out.string(text_of(stored, name)); break;
        case Form::as_is: out.document(*value); break;
        }
    }
    for (const auto& member : stored) {
        if (std::ranges::find(members, std::string_view(member.key()), &Member::name) ==
            members.end())
            out.key(member.key()).document(member.value());
    }
    out.end_object();
}

void write_shapes(JsonWriter& out,
                  const std::string& stored,
                  std::span<const Member> members,
                  std::string_view ordered_by) {
    auto value = stored_json(stored);
    std::vector<json::object> items;
    if (value.is_array()) {
        for (auto& item : value.as_array())
            if (item.is_object()) items.push_back(std::move(item.as_object()));
    }
    for (auto& item : items)
        if (ordered_by == "start_time" && !item.contains("end_time"))
            item["end_time"] = number_of(item, "start_time");
    std::ranges::stable_sort(
        items, {}, [&](const json::object& item) { return number_of(item, ordered_by); });
    out.begin_array();
    for (const auto& item : items)
        write_shape(out, item, members, true);
    out.end_array();
}

void write_analysis(JsonWriter& out, const std::string& stored, std::span<const Member> members) {
    const auto value = stored_json(stored);
    static const json::object empty;
    write_shape(out, value.is_object() ? value.as_object() : empty, members, false);
}

} // namespace

void write_deviations(JsonWriter& out, const std::string& stored) {
    write_shapes(out, stored, deviation_members, "start_time");
}

void write_issue_analysis(JsonWriter& out, const std::string& stored) {
    write_analysis(out, stored, issue_members);
}

void write_resolution_analysis(JsonWriter& out, const std::string& stored) {
    write_analysis(out, stored, resolution_members);
}

void write_sentiment_trajectory(JsonWriter& out, const std::string& stored) {
    write_shapes(out, stored, mood_members, "turn");
}

} // namespace hs::api
