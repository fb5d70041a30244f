#include "analysis/model/schema_check.hpp"

#include <algorithm>
#include <cmath>

#include <fmt/format.h>

#include "base/text.hpp"

namespace hs::analysis {

namespace {

constexpr int deepest = 32;

bool is_of_type(const json::value& value, std::string_view type) {
    if (type == "object") return value.is_object();
    if (type == "array") return value.is_array();
    if (type == "string") return value.is_string();
    if (type == "boolean") return value.is_bool();
    if (type == "null") return value.is_null();
    if (type == "number") return value.is_number();
    if (type != "integer") return false;
    if (value.is_double()) return std::trunc(value.get_double()) == value.get_double();
    return value.is_number();
}

class Checker {
public:
    Checker(const json::object& root, std::size_t most) : root_(root), most_(most) {}

    void check(const json::object& schema,
               const json::value& value,
               const std::string& path,
               int depth) {
        if (depth > deepest || full()) return;
        if (const auto* ref = schema.if_contains("$ref"); ref != nullptr && ref->is_string()) {
            const auto* target = definition(ref->get_string());
            if (target == nullptr) return wrong(path, "its schema is missing");
            return check(*target, value, path, depth + 1);
        }
        if (!of_type(schema, value)) return wrong(path, "must be " + type_names(schema));
        check_enum(schema, value, path);
        if (value.is_object()) check_object(schema, value.get_object(), path, depth);
        if (value.is_array()) check_array(schema, value.get_array(), path, depth);
        if (value.is_string()) check_text(schema, value.get_string(), path);
        if (value.is_number()) check_number(schema, value.to_number<double>(), path);
    }

    [[nodiscard]] std::vector<std::string> take() { return std::move(errors_); }

private:
    [[nodiscard]] bool full() const { return errors_.size() >= most_; }

    void wrong(const std::string& path, const std::string& message) {
        if (!full()) errors_.push_back((path.empty() ? "the answer" : path) + ": " + message);
    }

    [[nodiscard]] const json::object* definition(std::string_view ref) const {
        constexpr std::string_view prefix = "#/$defs/";
        const auto* all = root_.if_contains("$defs");
        if (!ref.starts_with(prefix) || all == nullptr || !all->is_object()) return nullptr;
        const auto* found = all->get_object().if_contains(ref.substr(prefix.size()));
        return found == nullptr ? nullptr : found->if_object();
    }

    static std::string type_names(const json::object& schema) {
        const auto& type = schema.at("type");
        if (type.is_string()) return std::string(type.get_string());
        std::string out;
        for (const auto& name : type.as_array())
            out += (out.empty() ? "" : " or ") + std::string(name.as_string());
        return out;
    }

    static bool of_type(const json::object& schema, const json::value& value) {
        const auto* type = schema.if_contains("type");
        if (type == nullptr) return true;
        if (type->is_string()) return is_of_type(value, type->get_string());
        return std::ranges::any_of(type->as_array(), [&](const auto& name) {
            return is_of_type(value, name.as_string());
        });
    }

    void check_enum(const json::object& schema, const json::value& value, const std::string& path) {
        const auto* allowed = schema.if_contains("enum");
        if (allowed == nullptr) return;
        std::string names;
        for (const auto& one : allowed->as_array()) {
            if (one == value) return;
            names += (names.empty() ? "" : ", ") +
                     (one.is_string() ? std::string(one.get_string()) : json::serialize(one));
        }
        wrong(path, "not one of " + names);
    }

    void check_object(const json::object& schema,
                      const json::object& object,
                      const std::string& path,
                      int depth) {
        const auto dotted = path.empty() ? path : path + ".";
        if (const auto* required = schema.if_contains("required"))
            for (const auto& name : required->as_array())
                if (!object.contains(name.as_string()))
                    wrong(dotted + std::string(name.as_string()), "is missing");
        const auto* properties = schema.if_contains("properties");
        const auto* more = schema.if_contains("additionalProperties");
        const bool closed = more != nullptr && more->is_bool() && !more->get_bool();
        for (const auto& member : object) {
            const auto* known =
                properties == nullptr ? nullptr : properties->as_object().if_contains(member.key());
            if (known != nullptr)
                check(known->as_object(),
                      member.value(),
                      dotted + std::string(member.key()),
                      depth + 1);
            else if (closed)
                wrong(path, "has a member that the schema does not know");
        }
    }

    void check_array(const json::object& schema,
                     const json::array& array,
                     const std::string& path,
                     int depth) {
        if (const auto most = limit(schema, "maxItems");
            most && static_cast<double>(array.size()) > *most)
            wrong(path, fmt::format("has more than {} items", *most));
        if (const auto least = limit(schema, "minItems");
            least && static_cast<double>(array.size()) < *least)
            wrong(path, fmt::format("has fewer than {} items", *least));
        const auto* items = schema.if_contains("items");
        if (items == nullptr || !items->is_object()) return;
        for (std::size_t i = 0; i < array.size() && !full(); ++i)
            check(items->get_object(), array[i], fmt::format("{}[{}]", path, i), depth + 1);
    }

    void check_text(const json::object& schema, std::string_view text, const std::string& path) {
        const auto length = static_cast<double>(character_count(text));
        if (const auto most = limit(schema, "maxLength"); most && length > *most)
            wrong(path, fmt::format("is longer than {} characters", *most));
        if (const auto least = limit(schema, "minLength"); least && length < *least)
            wrong(path, "is empty");
    }

    void check_number(const json::object& schema, double number, const std::string& path) {
        if (const auto least = limit(schema, "minimum"); least && number < *least)
            wrong(path, fmt::format("is below {}", *least));
        if (const auto most = limit(schema, "maximum"); most && number > *most)
            wrong(path, fmt::format("is above {}", *most));
    }

    static std::optional<double> limit(const json::object& schema, std::string_view name) {
        const auto* value = schema.if_contains(name);
        if (value == nullptr || !value->is_number()) return std::nullopt;
        return value->to_number<double>();
    }

    const json::object& root_;
    std::size_t most_;
    std::vector<std::string> errors_;
};

} // namespace

std::vector<std::string>
schema_errors(const json::object& schema, const json::value& document, std::size_t most) {
    Checker checker(schema, most);
    checker.check(schema, document, {}, 0);
    return checker.take();
}

} // namespace hs::analysis
