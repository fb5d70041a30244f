#include "support/contract.hpp"

#include <algorithm>
#include <mutex>

#include <fmt/format.h>
#include <fmt/ranges.h>
#include <gtest/gtest.h>

#include "app/yaml_json.hpp"

namespace hs::test {

namespace {

constexpr std::string_view problem_type = "application/problem+json";

std::vector<std::string_view> segments(std::string_view path) {
    path = path.substr(0, path.find('?'));
    while (path.size() > 1 && path.ends_with('/'))
        path.remove_suffix(1);
    return split(path, '/');
}

/// Number of literal segments when the path fits the template, else -1.
int fit(std::string_view pattern, std::string_view path) {
    const auto wanted = segments(pattern);
    const auto given = segments(path);
    if (wanted.size() != given.size()) return -1;
    int literal = 0;
    for (std::size_t i = 0; i < wanted.size(); ++i) {
        const bool parameter = wanted[i].starts_with('{');
        if (parameter ? given[i].empty() : wanted[i] != given[i]) return -1;
        literal += parameter ? 0 : 1;
    }
    return literal;
}

std::string media_type(const HttpReply& reply) {
    const auto full = reply.header("content-type");
    return std::string(trim(full.substr(0, full.find(';'))));
}

bool is_json(std::string_view type) {
    return type == "application/json" || type.ends_with("+json");
}

const json::value* member(const json::value& object, std::string_view name) {
    return object.is_object() ? object.as_object().if_contains(name) : nullptr;
}

/// Headers are text: a number is read as one when the schema wants a number.
json::value header_value(const json::value& schema, const std::string& text) {
    const auto* type = member(schema, "type");
    if (type != nullptr && (*type == "integer" || *type == "number"))
        return parse_json(text).value_or(json::string(text));
    return json::string(text);
}

} // namespace

struct Contract::Operation {
    const json::value* path = nullptr;  ///< null: no such path
    const json::value* value = nullptr; ///< null: no such method there
    std::string name;
};

const Contract& Contract::of_this_tree() {
    static const Contract contract(app::json_of_yaml_file(HS_SOURCE_DIR "/api/openapi.yaml"));
    return contract;
}

Contract::Contract(json::value document) : document_(std::move(document)), schemas_(document_) {}

Contract::Operation Contract::find(std::string_view method, std::string_view target) const {
    Operation found;
    int best = -1;
    std::string pattern;
    for (const auto& path : document_.at("paths").as_object()) {
        const int literal = fit(path.key(), target);
        if (literal <= best) continue;
        best = literal;
        found.path = &path.value();
        pattern = path.key();
    }
    // What no route has is the dashboard's, however many parts it has.
    if (found.path == nullptr && (method == "GET" || method == "HEAD")) {
        pattern = "/{path}";
        found.path = member(document_.at("paths"), pattern);
    }
    if (found.path == nullptr) return found;
    const auto wanted = method == "HEAD" ? std::string("get") : to_lower(method);
    found.value = member(*found.path, wanted);
    if (found.value != nullptr) found.name = wanted + " " + pattern;
    return found;
}

std::string Contract::operation_of(std::string_view method, std::string_view target) const {
    return find(method, target).name;
}

std::set<std::string> Contract::operations() const {
    std::set<std::string> names;
    for (const auto& path : document_.at("paths").as_object())
        for (const auto& entry : path.value().as_object())
            if (member(entry.value(), "responses") != nullptr)
                names.insert(std::string(entry.key()) + " " + std::string(path.key()));
    return names;
}

bool Contract::is_general(const HttpReply& reply, bool has_body) const {
    const auto& problems = document_.at("x-every-reply").at("problems");
    const auto* codes = member(problems, std::to_string(reply.status));
    if (codes == nullptr) return false;
    if (!has_body) return true;
    const auto body = parse_json(reply.body).value_or(json::value());
    const auto* code = member(body, "code");
    return code != nullptr &&
           std::ranges::find(codes->as_array(), *code) != codes->as_array().end();
}

void Contract::check_problem(const HttpReply& reply, Faults& out) const {
    const auto body = parse_json(reply.body).value_or(json::value());
    const auto schema = json::value{{"$ref", "#/components/schemas/Problem"}};
    const auto faults = schemas_.faults(schema, body);
    out.insert(out.end(), faults.begin(), faults.end());
    if (!faults.empty()) return;
    if (body.at("status") != reply.status) out.emplace_back("/status: not the reply's own");
    if (body.at("type").as_string() != "/problems/" + std::string(body.at("code").as_string()))
        out.emplace_back("/type: not /problems/ and the code");
}

void Contract::check_headers(const json::value& headers,
                             const HttpReply& reply,
                             Faults& out) const {
    for (const auto& entry : headers.as_object()) {
        const auto& header = schemas_.resolved(entry.value());
        const std::string name(entry.key());
        const auto value = reply.header(to_lower(name));
        if (value.empty()) {
            const auto* required = member(header, "required");
            if (required != nullptr && *required == json::value(true))
                out.push_back("header that is missing: " + name);
            continue;
        }
        const auto& schema = header.at("schema");
        for (const auto& fault : schemas_.faults(schema, header_value(schema, value)))
            out.push_back("header " + name + fault.substr(1));
    }
}

void Contract::check_body(const json::value& response, const HttpReply& reply, Faults& out) const {
    const auto* content = member(response, "content");
    if (content == nullptr) {
        if (!reply.body.empty()) out.emplace_back("a body where none is promised");
        return;
    }
    const auto type = media_type(reply);
    const auto* promised = member(*content, type);
    if (promised == nullptr) return out.push_back("content type that is not promised: " + type);
    if (!is_json(type)) return;
    const auto body = parse_json(reply.body);
    if (!body) return out.push_back("the body is no JSON: " + body.error().message);
    if (type == problem_type) return check_problem(reply, out);
    for (const auto& fault : schemas_.faults(promised->at("schema"), *body))
        out.push_back(fault);
}

Contract::Faults
Contract::faults(std::string_view method, std::string_view target, const HttpReply& reply) const {
    Faults out;
    check_headers(document_.at("x-every-reply").at("headers"), reply, out);
    const bool has_body = method != "HEAD";
    const auto operation = find(method, target);
    if (method == "OPTIONS" && reply.status == 204) {
        if (!reply.body.empty()) out.emplace_back("a body where none is promised");
        return out;
    }
    const auto status = std::to_string(reply.status);
    const auto* listed =
        operation.value == nullptr ? nullptr : member(operation.value->at("responses"), status);
    if (listed == nullptr) {
        if (!is_general(reply, has_body)) {
            out.push_back("status that is not promised: " + status);
        } else if (has_body) {
            check_problem(reply, out);
        }
        return out;
    }
    const auto& response = schemas_.resolved(*listed);
    if (const auto* headers = member(response, "headers")) check_headers(*headers, reply, out);
    if (has_body) check_body(response, reply, out);
    return out;
}

namespace {

class Answered {
public:
    void add(const std::string& operation) {
        const std::scoped_lock lock(mutex_);
        names_.insert(operation);
    }

    bool contains(const std::string& operation) {
        const std::scoped_lock lock(mutex_);
        return names_.contains(operation);
    }

private:
    std::mutex mutex_;
    std::set<std::string> names_;
};

Answered answered;

} // namespace

void check_reply(std::string_view request_line, const HttpReply& reply) {
    if (reply.status == 0) return;
    const auto words = split(request_line, ' ');
    const auto& contract = Contract::of_this_tree();
    const auto faults = contract.faults(words.at(0), words.at(1), reply);
    if (!faults.empty()) {
        ADD_FAILURE() << request_line << " answered " << reply.status
                      << ", not as api/openapi.yaml says:\n  "
                      << fmt::to_string(fmt::join(faults, "\n  ")) << "\n  "
                      << reply.body.substr(0, 400);
    }
    if (reply.status < 400) answered.add(contract.operation_of(words.at(0), words.at(1)));
}

std::vector<std::string> operations_never_answered() {
    std::vector<std::string> names;
    for (const auto& name : Contract::of_this_tree().operations())
        if (!answered.contains(name)) names.push_back(name);
    return names;
}

} // namespace hs::test
