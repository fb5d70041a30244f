#include "api/json_body.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "api/field_text.hpp"
#include "base/text.hpp"

namespace hs::api {

BodyReader::BodyReader(std::string_view body, Unknown unknown) : unknown_(unknown) {
    auto parsed = parse_json(body);
    if (parsed && parsed->is_object()) {
        document_ = std::move(parsed->as_object());
    } else {
        fault("", "json.invalid", "Send one JSON object.");
    }
}

std::string BodyReader::required_text(const char* name, std::size_t limit, Lines lines) {
    const auto* value = member(name);
    if (value == nullptr) {
        if (faults_.empty() || faults_.front().code != "json.invalid") {
            fault(name, "field.required", "This field is required.");
        }
        return {};
    }
    auto text = checked(name, *value, limit, lines);
    if (text && text->empty()) fault(name, "field.required", "This field is required.");
    return std::move(text).value_or("");
}

std::optional<std::string> BodyReader::text(const char* name, std::size_t limit, Lines lines) {
    const auto* value = member(name);
    if (value == nullptr) return std::nullopt;
    auto text = checked(name, *value, limit, lines);
    if (text && text->empty()) return std::nullopt;
    return text;
}

std::vector<std::string> BodyReader::texts(const char* name, std::size_t items, std::size_t limit) {
    std::vector<std::string> out;
    const auto* value = member(name);
    if (value == nullptr) return out;
    const auto* array = value->if_array();
    if (array == nullptr || array->size() > items) {
        fault(name, "field.type", fmt::format("A list of at most {} texts.", items));
        return out;
    }
    for (const auto& item : *array) {
        if (auto text = checked(name, item, limit, Lines::one); text && !text->empty()) {
            out.push_back(*std::move(text));
        }
    }
    return out;
}

std::string BodyReader::required_document(const char* name, std::size_t limit) {
    const auto* value = member(name);
    if (value == nullptr || (value->is_string() && value->get_string().empty())) {
        if (faults_.empty() || faults_.front().code != "json.invalid")
            fault(name, "field.required", "This field is required.");
        return {};
    }
    const auto* text = value->if_string();
    if (text == nullptr) {
        fault(name, "field.type", "A text.");
        return {};
    }
    if (text->size() > limit)
        fault(name, "field.too_long", fmt::format("At most {} bytes.", limit));
    if (!valid_utf8(*text)) fault(name, "field.encoding", "UTF-8.");
    return std::string(*text);
}

std::optional<json::object> BodyReader::object(const char* name) {
    const auto* value = member(name);
    if (value == nullptr) return std::nullopt;
    if (value->is_object()) return value->get_object();
    fault(name, "field.type", "An object.");
    return std::nullopt;
}

std::optional<double> BodyReader::number(const char* name, double least, double most) {
    const auto* value = member(name);
    if (value == nullptr) return std::nullopt;
    if (!value->is_number()) {
        fault(name, "field.type", "A number.");
        return std::nullopt;
    }
    const auto number = value->to_number<double>();
    if (!std::isfinite(number) || number < least || number > most) {
        fault(name, "field.range", fmt::format("From {} to {}.", least, most));
        return std::nullopt;
    }
    return number;
}

std::optional<bool> BodyReader::flag(const char* name) {
    const auto* value = member(name);
    if (value == nullptr) return std::nullopt;
    if (!value->is_bool()) {
        fault(name, "field.type", "true or false.");
        return std::nullopt;
    }
    return value->as_bool();
}

std::vector<http::FieldError> BodyReader::finish() {
    for (const auto& member : document_) {
        if (unknown_ == Unknown::refused && !asked_.contains(std::string_view(member.key()))) {
            fault(std::string(truncate_utf8(member.key(), 64)), "field.unknown", "No such field.");
        }
    }
    return faults_;
}

const json::value* BodyReader::member(const char* name) {
    asked_.insert(name);
    const auto* value = document_.if_contains(name);
    return value == nullptr || value->is_null() ? nullptr : value;
}

std::optional<std::string>
BodyReader::checked(const char* name, const json::value& value, std::size_t limit, Lines lines) {
    const auto* string = value.if_string();
    if (string == nullptr) {
        fault(name, "field.type", "A text.");
        return std::nullopt;
    }
    const std::string_view text = trim(*string);
    const bool printable = lines == Lines::many ? printable_lines(text) : printable_line(text);
    if (!printable) {
        fault(name, "field.invalid_text", "Only printable UTF-8 text is accepted.");
        return std::nullopt;
    }
    if (character_count(text) > limit) {
        fault(name, "field.too_long", fmt::format("At most {} characters.", limit));
        return std::nullopt;
    }
    return nfc(text);
}

void BodyReader::fault(std::string field, std::string code, std::string message) {
    faults_.push_back({prefix_ + field, std::move(code), std::move(message)});
}

http::Response body_problem(const http::Request& request,
                            const std::vector<http::FieldError>& faults,
                            std::string_view extra_members) {
    const auto& first = faults.front();
    const bool same =
        std::ranges::all_of(faults, [&](const auto& fault) { return fault.code == first.code; });
    auto message = faults.size() == 1 ? std::string("1 field needs attention.")
                                      : fmt::format("{} fields need attention.", faults.size());
    return http::problem(request,
                         {ErrorKind::invalid,
                          same ? first.code : "request.invalid",
                          std::move(message),
                          std::nullopt},
                         faults,
                         std::string(extra_members));
}

store::AuditEntry
audit_entry(const http::Request& request, std::string action, std::string object) {
    store::AuditEntry entry;
    entry.principal = request.principal.name;
    entry.address = request.remote_address;
    entry.action = std::move(action);
    entry.object = std::move(object);
    entry.request_id = request.request_id;
    return entry;
}

} // namespace hs::api
