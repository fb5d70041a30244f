#include "analysis/eval/dataset.hpp"

#include <algorithm>

namespace hs::analysis {

namespace {

std::string text_field(const json::object& object, std::string_view key) {
    const auto* value = object.if_contains(key);
    return value != nullptr && value->is_string() ? std::string(value->get_string())
                                                  : std::string();
}

std::optional<double> number_field(const json::object& object, std::string_view key) {
    const auto* value = object.if_contains(key);
    if (value == nullptr || !value->is_number()) return std::nullopt;
    return value->to_number<double>();
}

void read_labels(const json::object& expected, LabelledCall& call) {
    if (const auto* sop = expected.if_contains("sop"); sop != nullptr && sop->is_object())
        for (const auto& label : sop->get_object()) {
            if (!label.value().is_string()) continue;
            const std::string state(label.value().get_string());
            if (state == "pass" || state == "fail" || state == "na") call.sop[label.key()] = state;
        }
    if (const auto* flag = expected.if_contains("escalation"); flag != nullptr && flag->is_bool())
        call.escalation = flag->get_bool();
    if (auto direction = text_field(expected, "sentiment_direction");
        !direction.empty() && direction != "none")
        call.direction = std::move(direction);
    call.stabilisation = number_field(expected, "sentiment_stabilization_score");
    call.resolution = number_field(expected, "resolution_validity_score");
}

Result<LabelledCall> read_call(const json::object& item) {
    LabelledCall call;
    call.id = text_field(item, "id");
    if (call.id.empty()) return fail(ErrorKind::invalid, "dataset.invalid", "a call without id");
    call.language = text_field(item, "language");
    call.split = text_field(item, "split");
    call.audio = text_field(item, "file");
    auto given = read_given_call(item);
    if (!given) {
        return fail(ErrorKind::invalid, "dataset.invalid", call.id + ": " + given.error().message);
    }
    call.call = std::move(*given);
    const auto* expected = item.if_contains("expected");
    if (expected == nullptr || !expected->is_object())
        return fail(ErrorKind::invalid, "dataset.invalid", call.id + ": no expected labels");
    read_labels(expected->get_object(), call);
    return call;
}

void assign_splits(std::vector<LabelledCall>& calls) {
    std::ranges::sort(calls, [](const LabelledCall& a, const LabelledCall& b) {
        return std::tie(a.language, a.id) < std::tie(b.language, b.id);
    });
    std::map<std::string, int> counted; // calls of the language without a split of their own
    for (auto& call : calls) {
        if (!call.split.empty()) continue;
        const bool check = call.audio.empty() && counted[call.language]++ % 2 == 1;
        call.split = check ? "check" : "dev";
    }
}

} // namespace

Result<std::vector<LabelledCall>> read_dataset(const json::value& document) {
    const auto* object = document.if_object();
    const auto* list = object == nullptr ? nullptr : object->if_contains("calls");
    if (list == nullptr || !list->is_array())
        return fail(ErrorKind::invalid, "dataset.invalid", "a data set is {\"calls\": […]}");
    std::vector<LabelledCall> calls;
    for (const auto& item : list->get_array()) {
        if (!item.is_object())
            return fail(ErrorKind::invalid, "dataset.invalid", "a call is an object");
        const auto* turns = item.get_object().if_contains("transcript");
        if (turns == nullptr || !turns->is_array() || turns->get_array().empty()) continue;
        TRY(auto call, read_call(item.get_object()));
        if (!call.sop.empty()) calls.push_back(std::move(call));
    }
    assign_splits(calls);
    return calls;
}

} // namespace hs::analysis
