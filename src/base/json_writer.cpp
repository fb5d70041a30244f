#include <utility>

#include "base/json.hpp"

namespace hs {

void JsonWriter::separate() {
    if (after_key_) {
        after_key_ = false;
        return;
    }
    if (has_items_.empty()) return;
    if (has_items_.back()) out_ += ',';
    has_items_.back() = true;
}

JsonWriter& JsonWriter::begin_object() {
    separate();
    out_ += '{';
    has_items_.push_back(false);
    return *this;
}

JsonWriter& JsonWriter::end_object() {
    has_items_.pop_back();
    out_ += '}';
    return *this;
}

JsonWriter& JsonWriter::begin_array() {
    separate();
    out_ += '[';
    has_items_.push_back(false);
    return *this;
}

JsonWriter& JsonWriter::end_array() {
    has_items_.pop_back();
    out_ += ']';
    return *this;
}

JsonWriter& JsonWriter::key(std::string_view name) {
    separate();
    append_json_string(out_, name);
    out_ += ':';
    after_key_ = true;
    return *this;
}

JsonWriter& JsonWriter::string(std::string_view text) {
    separate();
    append_json_string(out_, text);
    return *this;
}

JsonWriter& JsonWriter::integer(std::int64_t value) {
    return raw(std::to_string(value));
}

JsonWriter& JsonWriter::number(double value) {
    return raw(json_number(value));
}

JsonWriter& JsonWriter::number(double value, int digits) {
    return raw(json_number(round_half_away(value, digits)));
}

JsonWriter& JsonWriter::boolean(bool value) {
    return raw(value ? "true" : "false");
}

JsonWriter& JsonWriter::null() {
    return raw("null");
}

JsonWriter& JsonWriter::raw(std::string_view json) {
    separate();
    out_ += json;
    return *this;
}

JsonWriter& JsonWriter::document(const json::value& value) {
    switch (value.kind()) {
    case json::kind::null: return null();
    case json::kind::bool_: return boolean(value.get_bool());
    case json::kind::int64: return integer(value.get_int64());
    case json::kind::uint64: return raw(std::to_string(value.get_uint64()));
    case json::kind::double_: return number(value.get_double());
    case json::kind::string: return string(value.get_string());
    case json::kind::array:
        begin_array();
        for (const auto& item : value.get_array())
            document(item);
        return end_array();
    case json::kind::object:
        begin_object();
        for (const auto& member : value.get_object())
            key(member.key()).document(member.value());
        return end_object();
    }
    return *this;
}

JsonWriter& JsonWriter::field(std::string_view name, std::string_view text) {
    return key(name).string(text);
}

JsonWriter& JsonWriter::field(std::string_view name, const char* text) {
    return key(name).string(text);
}

JsonWriter& JsonWriter::field(std::string_view name, const std::optional<std::string>& text) {
    return text ? key(name).string(*text) : key(name).null();
}

JsonWriter& JsonWriter::field(std::string_view name, std::int64_t value) {
    return key(name).integer(value);
}

JsonWriter& JsonWriter::field(std::string_view name, int value) {
    return key(name).integer(value);
}

JsonWriter& JsonWriter::field(std::string_view name, double value) {
    return key(name).number(value);
}

JsonWriter& JsonWriter::field(std::string_view name, bool value) {
    return key(name).boolean(value);
}

JsonWriter& JsonWriter::null_field(std::string_view name) {
    return key(name).null();
}

std::string JsonWriter::take() {
    has_items_.clear();
    after_key_ = false;
    return std::exchange(out_, {});
}

} // namespace hs
