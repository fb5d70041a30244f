#include "support/json_schema.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <regex>
#include <set>
#include <stdexcept>

namespace hs::test {

namespace {

/// Names of an object's members that some schema in force speaks about.
struct Named {
    std::set<std::string, std::less<>> names;
    bool any = false;  ///< some schema names members at all
    bool open = false; ///< some schema lets every other member pass
};

/// One keyword of one schema, applied to one value.
struct Place {
    const json::value& argument;
    const json::object& schema;
    const json::value& value;
    std::string path;
    Named& named;
};

class Checker {
public:
    explicit Checker(const JsonSchema& schemas) : schemas_(schemas) {}

    /// The schema, and that nothing stands in the value which no schema names.
    void whole(const json::value& schema, const json::value& value, const std::string& path);

    JsonSchema::Faults faults;

    // One function a keyword; see `rules`.
    void type(const Place& at);
    void properties(const Place& at);
    void required(const Place& at);
    void additional_properties(const Place& at);
    void enumeration(const Place& at);
    void constant(const Place& at);
    void items(const Place& at);
    void all_of(const Place& at);
    void any_of(const Place& at);
    void one_of(const Place& at);
    void reference(const Place& at);
    void pattern(const Place& at);
    void format(const Place& at);
    void minimum(const Place& at);
    void maximum(const Place& at);
    void min_items(const Place& at);
    void max_items(const Place& at);
    void unique_items(const Place& at);
    void min_length(const Place& at);
    void max_length(const Place& at);

    void annotation(const Place& /*at*/) {}

private:
    void in_place(const json::value& schema, const Place& at);

    struct Branches {
        std::size_t that_hold = 0;
        JsonSchema::Faults nearest; ///< of the branch with the fewest, for the reader
    };

    [[nodiscard]] Branches try_branches(const Place& at);

    void fault(const Place& at, const std::string& what) {
        faults.push_back((at.path.empty() ? "/" : at.path) + ": " + what);
    }

    const JsonSchema& schemas_;
};

using Rule = void (Checker::*)(const Place&);

const std::map<std::string_view, Rule>& rules() {
    static const std::map<std::string_view, Rule> table{
        {"type", &Checker::type},
        {"properties", &Checker::properties},
        {"required", &Checker::required},
        {"additionalProperties", &Checker::additional_properties},
        {"enum", &Checker::enumeration},
        {"const", &Checker::constant},
        {"items", &Checker::items},
        {"allOf", &Checker::all_of},
        {"anyOf", &Checker::any_of},
        {"oneOf", &Checker::one_of},
        {"$ref", &Checker::reference},
        {"pattern", &Checker::pattern},
        {"format", &Checker::format},
        {"minimum", &Checker::minimum},
        {"maximum", &Checker::maximum},
        {"minItems", &Checker::min_items},
        {"maxItems", &Checker::max_items},
        {"uniqueItems", &Checker::unique_items},
        {"minLength", &Checker::min_length},
        {"maxLength", &Checker::max_length},
        {"title", &Checker::annotation},
        {"description", &Checker::annotation},
        {"default", &Checker::annotation},
        {"example", &Checker::annotation},
        {"examples", &Checker::annotation},
        {"deprecated", &Checker::annotation},
        {"contentEncoding", &Checker::annotation},
        {"contentMediaType", &Checker::annotation},
    };
    return table;
}

bool known_word(std::string_view word) {
    return word.starts_with("x-") || rules().contains(word);
}

const std::map<std::string_view, std::regex>& formats() {
    static const std::string date = R"(\d{4}-(0[1-9]|1[0-2])-(0[1-9]|[12]\d|3[01]))";
    static const std::string time =
        R"(([01]\d|2[0-3]):[0-5]\d:[0-5]\d(\.\d+)?(Z|[+-]([01]\d|2[0-3]):[0-5]\d))";
    static const std::map<std::string_view, std::regex> table{
        {"uuid", std::regex("[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")},
        {"date", std::regex(date)},
        {"date-time", std::regex(date + "T" + time)},
        {"uri", std::regex(R"([a-z][a-z0-9+.-]*:[!-~]+)")},
        {"uri-reference", std::regex("[!-~]*")},
    };
    return table;
}

bool is_type(const json::value& value, std::string_view name) {
    if (name == "object") return value.is_object();
    if (name == "array") return value.is_array();
    if (name == "string") return value.is_string();
    if (name == "boolean") return value.is_bool();
    if (name == "null") return value.is_null();
    if (name == "integer") return value.is_int64() || value.is_uint64();
    return name == "number" && value.is_number();
}

bool is_type_name(std::string_view name) {
    constexpr std::array names{"object", "array", "string", "boolean", "null", "integer", "number"};
    return std::ranges::find(names, name) != names.end();
}

/// Characters, not bytes.
std::int64_t length_of(const json::string& text) {
    return std::ranges::count_if(
        text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0U) != 0x80U; });
}

std::string shown(const json::value& value) {
    auto text = json::serialize(value);
    if (text.size() > 120) text = text.substr(0, 117) + "...";
    return text;
}

std::string joined(const JsonSchema::Faults& faults) {
    std::string out;
    for (const auto& each : faults)
        out += (out.empty() ? "" : "; ") + each;
    return out;
}

void Checker::whole(const json::value& schema, const json::value& value, const std::string& path) {
    Named named;
    const json::object none;
    const Place at{schema, none, value, path, named};
    in_place(schema, at);
    if (!value.is_object() || !named.any || named.open) return;
    for (const auto& member : value.as_object())
        if (!named.names.contains(std::string_view(member.key())))
            fault(at, "member that the schema does not name: " + std::string(member.key()));
}

void Checker::in_place(const json::value& schema, const Place& at) {
    if (schema.is_bool()) {
        if (schema.as_bool())
            at.named.open = true;
        else
            fault(at, "nothing is allowed here");
        return;
    }
    if (!schema.is_object()) return fault(at, "the schema is no object: " + shown(schema));
    for (const auto& word : schema.as_object()) {
        const auto rule = rules().find(std::string_view(word.key()));
        if (rule != rules().end()) {
            const Place inner{word.value(), schema.as_object(), at.value, at.path, at.named};
            (this->*rule->second)(inner);
        } else if (!known_word(word.key())) {
            fault(at, "keyword that is not supported: " + std::string(word.key()));
        }
    }
}

void Checker::type(const Place& at) {
    const auto names = at.argument.is_array() ? at.argument.as_array() : json::array{at.argument};
    for (const auto& name : names) {
        if (!name.is_string() || !is_type_name(name.as_string()))
            return fault(at, "no type: " + shown(name));
    }
    const auto fits = [&](const json::value& name) { return is_type(at.value, name.as_string()); };
    if (std::ranges::none_of(names, fits))
        fault(at, shown(at.value) + " is not of type " + shown(at.argument));
}

void Checker::properties(const Place& at) {
    at.named.any = true;
    for (const auto& property : at.argument.as_object()) {
        const std::string name(property.key());
        at.named.names.insert(name);
        if (!at.value.is_object()) continue;
        if (const auto* member = at.value.as_object().if_contains(name))
            whole(property.value(), *member, at.path + "/" + name);
    }
}

void Checker::required(const Place& at) {
    if (!at.value.is_object()) return;
    for (const auto& name : at.argument.as_array())
        if (!at.value.as_object().contains(name.as_string()))
            fault(at, "member that is missing: " + std::string(name.as_string()));
}

void Checker::additional_properties(const Place& at) {
    at.named.any = true;
    if (!at.value.is_object()) return;
    const auto* own = at.schema.if_contains("properties");
    for (const auto& member : at.value.as_object()) {
        if (own != nullptr && own->as_object().contains(member.key())) continue;
        if (at.argument == json::value(false)) continue; // an unnamed member: `whole` tells
        at.named.names.insert(std::string(member.key()));
        whole(at.argument, member.value(), at.path + "/" + std::string(member.key()));
    }
}

void Checker::enumeration(const Place& at) {
    if (std::ranges::find(at.argument.as_array(), at.value) == at.argument.as_array().end())
        fault(at, shown(at.value) + " is none of " + shown(at.argument));
}

void Checker::constant(const Place& at) {
    if (at.value != at.argument) fault(at, shown(at.value) + " is not " + shown(at.argument));
}

void Checker::items(const Place& at) {
    if (!at.value.is_array()) return;
    std::size_t index = 0;
    for (const auto& item : at.value.as_array())
        whole(at.argument, item, at.path + "/" + std::to_string(index++));
}

void Checker::all_of(const Place& at) {
    for (const auto& branch : at.argument.as_array())
        in_place(branch, at);
}

/// A branch that does not hold says nothing about names either.
Checker::Branches Checker::try_branches(const Place& at) {
    Branches branches;
    for (const auto& branch : at.argument.as_array()) {
        Checker alone(schemas_);
        Named named;
        alone.in_place(branch, Place{at.argument, at.schema, at.value, at.path, named});
        if (!alone.faults.empty()) {
            if (branches.nearest.empty() || alone.faults.size() < branches.nearest.size())
                branches.nearest = std::move(alone.faults);
            continue;
        }
        ++branches.that_hold;
        at.named.names.merge(named.names);
        at.named.any = at.named.any || named.any;
        at.named.open = at.named.open || named.open;
    }
    return branches;
}

void Checker::any_of(const Place& at) {
    const auto branches = try_branches(at);
    if (branches.that_hold == 0)
        fault(at, "fits no branch of anyOf; nearest: " + joined(branches.nearest));
}

void Checker::one_of(const Place& at) {
    const auto branches = try_branches(at);
    if (branches.that_hold == 0)
        fault(at, "fits no branch of oneOf; nearest: " + joined(branches.nearest));
    if (branches.that_hold > 1)
        fault(at, "fits " + std::to_string(branches.that_hold) + " branches of oneOf");
}

void Checker::reference(const Place& at) {
    in_place(schemas_.resolved(at.schema), at);
}

void Checker::pattern(const Place& at) {
    if (!at.value.is_string()) return;
    const std::string text(at.value.as_string());
    if (!std::regex_search(text, std::regex(std::string(at.argument.as_string()))))
        fault(at, shown(at.value) + " does not match " + shown(at.argument));
}

void Checker::format(const Place& at) {
    const auto found = formats().find(std::string_view(at.argument.as_string()));
    if (found == formats().end()) return fault(at, "format not supported: " + shown(at.argument));
    if (!at.value.is_string()) return;
    if (!std::regex_match(std::string(at.value.as_string()), found->second))
        fault(at, shown(at.value) + " is no " + std::string(at.argument.as_string()));
}

void Checker::minimum(const Place& at) {
    if (at.value.is_number() && at.value.to_number<double>() < at.argument.to_number<double>())
        fault(at, shown(at.value) + " is below " + shown(at.argument));
}

void Checker::maximum(const Place& at) {
    if (at.value.is_number() && at.value.to_number<double>() > at.argument.to_number<double>())
        fault(at, shown(at.value) + " is above " + shown(at.argument));
}

void Checker::min_items(const Place& at) {
    if (at.value.is_array() && at.value.as_array().size() < at.argument.to_number<std::size_t>())
        fault(at, "fewer items than " + shown(at.argument));
}

void Checker::max_items(const Place& at) {
    if (at.value.is_array() && at.value.as_array().size() > at.argument.to_number<std::size_t>())
        fault(at, "more items than " + shown(at.argument));
}

void Checker::unique_items(const Place& at) {
    if (!at.value.is_array() || at.argument != json::value(true)) return;
    std::set<std::string> seen;
    for (const auto& item : at.value.as_array())
        if (!seen.insert(json::serialize(item)).second) fault(at, "twice: " + shown(item));
}

void Checker::min_length(const Place& at) {
    if (at.value.is_string() &&
        length_of(at.value.as_string()) < at.argument.to_number<std::int64_t>())
        fault(at, "shorter than " + shown(at.argument));
}

void Checker::max_length(const Place& at) {
    if (at.value.is_string() &&
        length_of(at.value.as_string()) > at.argument.to_number<std::int64_t>())
        fault(at, "longer than " + shown(at.argument));
}

/// Words of a schema and of everything inside it; references are looked at where they lead.
void collect_unknown(const json::value& schema, JsonSchema::Faults& unknown) {
    if (!schema.is_object()) return;
    for (const auto& word : schema.as_object()) {
        const std::string name(word.key());
        const auto& argument = word.value();
        if (!known_word(name)) unknown.push_back("keyword that is not supported: " + name);
        if (name == "format" && !formats().contains(std::string_view(argument.as_string())))
            unknown.push_back("format that is not supported: " + shown(argument));
        if (name == "properties")
            for (const auto& property : argument.as_object())
                collect_unknown(property.value(), unknown);
        if (name == "items" || name == "additionalProperties") collect_unknown(argument, unknown);
        if (name == "allOf" || name == "anyOf" || name == "oneOf")
            for (const auto& branch : argument.as_array())
                collect_unknown(branch, unknown);
    }
}

} // namespace

JsonSchema::Faults JsonSchema::faults(const json::value& schema, const json::value& value) const {
    Checker checker(*this);
    checker.whole(schema, value, "");
    return std::move(checker.faults);
}

JsonSchema::Faults JsonSchema::unknown_words(const json::value& schema) const {
    Faults unknown;
    collect_unknown(schema, unknown);
    return unknown;
}

const json::value& JsonSchema::resolved(const json::value& schema) const {
    const auto* found = &schema;
    while (found->is_object() && found->as_object().contains("$ref")) {
        const std::string reference(found->at("$ref").as_string());
        boost::system::error_code failed;
        const auto* next = reference.starts_with("#/")
                               ? document_.find_pointer(reference.substr(1), failed)
                               : nullptr;
        if (next == nullptr) throw std::runtime_error("nothing is at " + reference);
        found = next;
    }
    return *found;
}

} // namespace hs::test
