#include "api/call_form.hpp"

#include <algorithm>
#include <array>
#include <chrono>

#include <fmt/format.h>

#include "api/field_text.hpp"
#include "base/json.hpp"
#include "base/text.hpp"
#include "domain/phone.hpp"

namespace hs::api {

namespace {

constexpr std::size_t note_limit = 8192;

/// Collects faults while the fields are read one by one.
class FormReader {
public:
    explicit FormReader(const http::Form& form) : form_(form) {}

    /// Trimmed text of a field; an empty one is absent. Faults: wrong UTF-8, control characters,
    /// sent twice, longer than `limit` characters.
    std::optional<std::string> text(const char* name, std::size_t limit, bool lines = false) {
        const std::string* found = nullptr;
        for (const auto& [key, value] : form_.fields) {
            if (key != name) continue;
            if (found != nullptr) {
                fault(name, "field.repeated", "Send this field once.");
                return std::nullopt;
            }
            found = &value;
        }
        if (found == nullptr) return std::nullopt;
        if (!(lines ? printable_lines(*found) : printable_line(*found))) {
            fault(name, "field.invalid_text", "Only printable UTF-8 text is accepted.");
            return std::nullopt;
        }
        const auto value = trim(*found);
        if (value.empty()) return std::nullopt;
        if (character_count(value) > limit) {
            fault(name, "field.too_long", fmt::format("At most {} characters.", limit));
            return std::nullopt;
        }
        return nfc(value);
    }

    std::string required(const char* name, std::size_t limit) {
        const auto before = faults_.size();
        auto value = text(name, limit);
        if (!value && faults_.size() == before) {
            fault(name, "field.required", "This field is required.");
        }
        return std::move(value).value_or("");
    }

    void fault(std::string field, std::string code, std::string message) {
        faults_.push_back({std::move(field), std::move(code), std::move(message)});
    }

    [[nodiscard]] const std::vector<http::FieldError>& faults() const { return faults_; }

private:
    const http::Form& form_;
    std::vector<http::FieldError> faults_;
};

std::string upper(std::string text) {
    for (char& c : text) {
        if (c >= 'a' && c <= 'z') c = static_cast<char>(c - 'a' + 'A');
    }
    return text;
}

void read_context(FormReader& reader, NewCall& call) {
    const auto sent = reader.text("call_context", 30);
    if (!sent) return;
    const auto context = upper(*sent);
    if (std::ranges::find(call_contexts, context) == call_contexts.end()) {
        reader.fault("call_context",
                     "field.choice",
                     fmt::format("Use one of {}.", fmt::join(call_contexts, ", ")));
        return;
    }
    call.call_context = context;
}

void read_phone(FormReader& reader, NewCall& call, std::string_view region) {
    const auto sent = reader.text("customer_phone", 40);
    if (!sent) return;
    call.customer_phone = e164(*sent, region);
    if (!call.customer_phone) {
        reader.fault("customer_phone",
                     "phone.invalid",
                     "Send the number with its country code, such as +919812345670.");
    }
}

void read_timestamp(FormReader& reader, NewCall& call, Time now) {
    const auto sent = reader.text("call_timestamp", 40);
    if (!sent) return;
    bool offset_missing = false;
    const auto time = parse_rfc3339(*sent, &offset_missing);
    if (offset_missing) {
        reader.fault("call_timestamp",
                     "timestamp.offset_missing",
                     "Add the offset, such as 2026-02-03T14:05:12+05:30.");
        return;
    }
    if (!time) {
        reader.fault("call_timestamp", "field.invalid_timestamp", "Use RFC 3339 date and time.");
        return;
    }
    using namespace std::chrono;
    const Time earliest = sys_days(year(2000) / 1 / 1);
    if (*time < earliest || *time > now + minutes(5)) {
        reader.fault("call_timestamp",
                     "field.range",
                     "Not before the year 2000 and not more than 5 minutes ahead.");
        return;
    }
    call.call_timestamp = *time;
}

bool valid_channel_map(std::string_view map) {
    if (map == "mono") return true;
    const auto parts = split(map, ',');
    if (parts.size() > 2) return false;
    std::vector<std::string> sides;
    std::vector<std::string> roles;
    for (const auto part : parts) {
        const auto halves = split(part, '=');
        if (halves.size() != 2) return false;
        sides.emplace_back(trim(halves[0]));
        roles.emplace_back(trim(halves[1]));
        if (sides.back() != "left" && sides.back() != "right") return false;
        if (roles.back() != "agent" && roles.back() != "customer") return false;
    }
    return parts.size() == 1 || (sides[0] != sides[1] && roles[0] != roles[1]);
}

void read_channel_map(FormReader& reader, NewCall& call) {
    const auto sent = reader.text("channel_map", 60);
    if (!sent) return;
    call.channel_map = to_lower(*sent);
    std::erase(call.channel_map, ' ');
    if (!valid_channel_map(call.channel_map)) {
        reader.fault("channel_map",
                     "field.choice",
                     "Use left=agent, left=customer, right=agent, right=customer (two of them "
                     "joined by a comma) or mono.");
    }
}

bool language_tag(std::string_view tag) {
    if (tag == "auto") return true;
    const auto parts = split(tag, '-');
    const auto alphanumeric = [](std::string_view part) {
        return std::ranges::all_of(part, [](unsigned char c) { return std::isalnum(c) != 0; });
    };
    if (parts.front().size() < 2 || parts.front().size() > 3) return false;
    return std::ranges::all_of(parts, [&](std::string_view part) {
        return !part.empty() && part.size() <= 8 && alphanumeric(part);
    });
}

void read_language(FormReader& reader, NewCall& call) {
    const auto sent = reader.text("language", 35);
    if (!sent) return;
    if (!language_tag(*sent)) {
        reader.fault(
            "language", "field.invalid_language", "Use a BCP 47 tag such as hi-IN, or auto.");
        return;
    }
    call.language = *sent;
}

int depth_of(const json::value& value) {
    int deepest = 0;
    if (const auto* object = value.if_object()) {
        for (const auto& member : *object)
            deepest = std::max(deepest, depth_of(member.value()));
        return deepest + 1;
    }
    if (const auto* array = value.if_array()) {
        for (const auto& item : *array)
            deepest = std::max(deepest, depth_of(item));
        return deepest + 1;
    }
    return 0;
}

/// No text of the database holds that character, and no document.
bool holds_nul(const json::value& value) {
    constexpr char nul = 0;
    if (const auto* text = value.if_string()) return text->find(nul) != json::string::npos;
    if (const auto* array = value.if_array()) return std::ranges::any_of(*array, holds_nul);
    if (const auto* object = value.if_object()) {
        return std::ranges::any_of(*object, [](const auto& member) {
            return member.key().find(nul) != json::string_view::npos || holds_nul(member.value());
        });
    }
    return false;
}

void read_metadata(FormReader& reader, NewCall& call) {
    const auto sent = reader.text("metadata", note_limit, true);
    if (!sent) return;
    const auto document = parse_json(*sent);
    const auto* object = document ? document->if_object() : nullptr;
    if (object == nullptr || holds_nul(*document)) {
        reader.fault("metadata", "json.invalid", "Send one JSON object, without NUL characters.");
        return;
    }
    if (object->size() > 64 || depth_of(*document) > 4) {
        reader.fault("metadata", "field.range", "At most 64 keys and a depth of 4.");
        return;
    }
    call.metadata = *object;
}

void check_file(FormReader& reader, const http::Form& form, NewCall& call) {
    const auto named = [](const auto& file) { return file.field == "file"; };
    const auto count = std::ranges::count_if(form.files, named);
    if (count == 0) {
        reader.fault("file", "field.required", "This field is required.");
    } else if (count > 1) {
        reader.fault("file", "field.repeated", "Send exactly one file.");
    } else {
        call.filename = safe_filename(std::ranges::find_if(form.files, named)->filename);
    }
}

} // namespace

std::expected<NewCall, std::vector<http::FieldError>>
read_call_form(const http::Form& form, Time now, std::string_view region) {
    FormReader reader(form);
    NewCall call;
    check_file(reader, form, call);
    call.agent_identifier = reader.required("agent_identifier", 150);
    call.issue_category = reader.required("issue_category", 50);
    call.city_identifier = reader.required("city_identifier", 100);
    call.customer_name = reader.text("customer_name", 100);
    read_phone(reader, call, region);
    call.customer_preferred_language = reader.text("customer_preferred_language", 50);
    read_context(reader, call);
    call.agent_manual_note = reader.text("agent_manual_note", note_limit, true);
    read_timestamp(reader, call, now);
    read_channel_map(reader, call);
    read_language(reader, call);
    call.external_id = reader.text("external_id", 128);
    read_metadata(reader, call);
    if (!reader.faults().empty()) return std::unexpected(reader.faults());
    return call;
}

std::string safe_filename(std::string_view sent) {
    const auto slash = sent.find_last_of("/\\");
    std::string name(slash == std::string_view::npos ? sent : sent.substr(slash + 1));
    if (!valid_utf8(name)) name.clear();
    std::erase_if(name, [](unsigned char c) { return c < 0x20 || c == 0x7f; });
    name = std::string(truncate_utf8(trim(name), 255));
    return name == "." || name == ".." ? std::string() : name;
}

} // namespace hs::api
