/// What can be wrong with an OpenAPI document without any reply.
#include <algorithm>

#include "support/contract.hpp"

namespace hs::test {

namespace {

const json::value* member(const json::value& object, std::string_view name) {
    return object.is_object() ? object.as_object().if_contains(name) : nullptr;
}

class Lint {
public:
    explicit Lint(const json::value& document) : document_(document), schemas_(document) {}

    Contract::Faults run() {
        for (const auto& path : document_.at("paths").as_object())
            for (const auto& entry : path.value().as_object())
                operation(std::string(entry.key()), std::string(path.key()), entry.value());
        const auto* components = member(document_, "components");
        const auto* shared = components == nullptr ? nullptr : member(*components, "schemas");
        if (shared != nullptr)
            for (const auto& entry : shared->as_object())
                schema("schema " + std::string(entry.key()), entry.value());
        return std::move(faults_);
    }

private:
    void complain(const std::string& where, const std::string& what) {
        faults_.push_back(where + ": " + what);
    }

    void operation(const std::string& method, const std::string& path, const json::value& value) {
        const auto where = method + " " + path;
        const auto* responses = member(value, "responses");
        if (responses == nullptr) return complain(where, "no operation with responses");
        const auto* id = member(value, "operationId");
        if (id == nullptr)
            complain(where, "no operationId");
        else if (!ids_.insert(std::string(id->as_string())).second)
            complain(where, "operationId used twice: " + std::string(id->as_string()));
        parameters(where, path, value);
        if (const auto* body = member(value, "requestBody"))
            content(where + " request", schemas_.resolved(*body));
        for (const auto& entry : responses->as_object())
            response(where + " " + std::string(entry.key()), entry.key(), entry.value());
    }

    void parameters(const std::string& where, const std::string& path, const json::value& value) {
        std::set<std::string> declared;
        const auto* list = member(value, "parameters");
        for (const auto& entry : list == nullptr ? json::array{} : list->as_array()) {
            const auto& parameter = schemas_.resolved(entry);
            const std::string name(parameter.at("name").as_string());
            if (parameter.at("in") == "path") declared.insert(name);
            const auto place = where + " parameter " + name;
            if (const auto* own = member(parameter, "schema"))
                schema(place, *own);
            else
                complain(place, "no schema");
            example(place, parameter);
        }
        for (std::size_t at = path.find('{'); at != std::string::npos;
             at = path.find('{', at + 1)) {
            const auto name = path.substr(at + 1, path.find('}', at) - at - 1);
            if (declared.erase(name) == 0) complain(where, "path parameter not declared: " + name);
        }
        for (const auto& name : declared)
            complain(where, "declared, but not in the path: " + name);
    }

    void response(const std::string& where, std::string_view status, const json::value& entry) {
        const bool number = status.size() == 3 && std::ranges::all_of(status, [](char c) {
                                return c >= '0' && c <= '9';
                            });
        if (!number) complain(where, "statuses are named one by one");
        const auto& value = schemas_.resolved(entry);
        if (member(value, "description") == nullptr) complain(where, "no description");
        if (const auto* headers = member(value, "headers"))
            for (const auto& header : headers->as_object())
                schema(where + " header " + std::string(header.key()),
                       schemas_.resolved(header.value()).at("schema"));
        content(where, value);
    }

    void content(const std::string& where, const json::value& holder) {
        const auto* types = member(holder, "content");
        if (types == nullptr) return;
        for (const auto& type : types->as_object()) {
            const auto place = where + " " + std::string(type.key());
            const auto* own = member(type.value(), "schema");
            if (own == nullptr) {
                complain(place, "no schema");
                continue;
            }
            schema(place, *own);
            example(place, type.value());
        }
    }

    void schema(const std::string& where, const json::value& value) {
        for (const auto& word : schemas_.unknown_words(value))
            complain(where, word);
    }

    /// `example` and `examples` beside a `schema`.
    void example(const std::string& where, const json::value& holder) {
        const auto* own = member(holder, "schema");
        if (own == nullptr) return;
        json::object examples;
        if (const auto* one = member(holder, "example")) examples["example"] = *one;
        if (const auto* many = member(holder, "examples"))
            for (const auto& entry : many->as_object())
                examples[entry.key()] = entry.value().at("value");
        for (const auto& entry : examples)
            for (const auto& fault : schemas_.faults(*own, entry.value()))
                complain(where + " " + std::string(entry.key()), fault);
    }

    const json::value& document_;
    JsonSchema schemas_;
    std::set<std::string> ids_;
    Contract::Faults faults_;
};

} // namespace

Contract::Faults Contract::document_faults() const {
    return Lint(document_).run();
}

} // namespace hs::test
