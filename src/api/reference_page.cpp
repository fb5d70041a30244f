#include "api/reference_page.hpp"

#include <array>
#include <utility>
#include <vector>

#include <fmt/format.h>

#include "base/text.hpp"

namespace hs::api {

namespace {

constexpr std::array<std::string_view, 6> methods = {
    "get", "post", "put", "patch", "delete", "options"};

const json::value* member(const json::value& object, std::string_view name) {
    return object.is_object() ? object.as_object().if_contains(name) : nullptr;
}

std::string text_of(const json::value& object, std::string_view name) {
    const auto* found = member(object, name);
    return found != nullptr && found->is_string() ? std::string(found->as_string()) : "";
}

std::string escaped(std::string_view text) {
    std::string out;
    out.reserve(text.size());
    for (const char c : text) {
        switch (c) {
        case '&': out += "&amp;"; break;
        case '<': out += "&lt;"; break;
        case '>': out += "&gt;"; break;
        case '"': out += "&quot;"; break;
        default: out += c;
        }
    }
    return out;
}

/// Blank lines part paragraphs, backquotes mark code: all the mark-up our descriptions use.
std::string marked_up(std::string_view text) {
    std::string out;
    bool code = false;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '`') {
            out += code ? "</code>" : "<code>";
            code = !code;
        } else if (!code && text.substr(i).starts_with("\n\n")) {
            out += "</p><p>";
            ++i;
        } else {
            out += escaped(text.substr(i, 1));
        }
    }
    if (code) out += "</code>";
    return out;
}

std::string prose(std::string_view text) {
    return "<p>" + marked_up(text) + "</p>";
}

/// JSON with one member a line, as people read it; depth is bounded by the parser.
void indent_json(const json::value& value, std::string& out, int depth) {
    const auto line = [&](int level) {
        out += '\n' + std::string(static_cast<std::size_t>(level) * 2, ' ');
    };
    if (value.is_object() && !value.as_object().empty()) {
        out += '{';
        bool first = true;
        for (const auto& entry : value.as_object()) {
            if (!std::exchange(first, false)) out += ',';
            line(depth + 1);
            out += json::serialize(entry.key()) + ": ";
            indent_json(entry.value(), out, depth + 1);
        }
        line(depth);
        out += '}';
    } else if (value.is_array() && !value.as_array().empty()) {
        out += '[';
        bool first = true;
        for (const auto& item : value.as_array()) {
            if (!std::exchange(first, false)) out += ',';
            line(depth + 1);
            indent_json(item, out, depth + 1);
        }
        line(depth);
        out += ']';
    } else {
        JsonWriter writer;
        out += value.is_double() ? writer.number(value.as_double()).take() : json::serialize(value);
    }
}

std::string plain(const json::value& value) {
    return value.is_string() ? std::string(value.as_string()) : json::serialize(value);
}

class Page {
public:
    explicit Page(const json::value& document) : document_(document) {}

    std::string run() {
        const auto& info = document_.at("info");
        out_ = fmt::format(
            "<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n"
            "<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n"
            "<title>{0} API {1}</title>\n<link rel=\"stylesheet\" href=\"{2}\">\n</head>\n<body>\n",
            escaped(text_of(info, "title")),
            escaped(text_of(info, "version")),
            reference_style_path);
        contents();
        out_ += fmt::format("<main>\n<h1>{} API</h1>\n{}\n<p>The document itself: "
                            "<a href=\"/openapi.yaml\">openapi.yaml</a>, "
                            "<a href=\"/openapi.json\">openapi.json</a>.</p>\n",
                            escaped(text_of(info, "title")),
                            prose(text_of(info, "description")));
        for (const auto& tag : tags()) {
            out_ += fmt::format("<h2 id=\"tag-{0}\">{0}</h2>\n", escaped(tag));
            each_operation(
                tag, [&](std::string_view method, std::string_view path, const auto& operation) {
                    show_operation(method, path, operation);
                });
        }
        out_ += "<h2 id=\"schemas\">schemas</h2>\n";
        for (const auto& entry : document_.at("components").at("schemas").as_object()) {
            out_ += fmt::format("<section class=\"schema\" id=\"schema-{0}\"><h3>{0}</h3>\n",
                                escaped(entry.key()));
            show_schema(entry.value());
            out_ += "</section>\n";
        }
        return std::move(out_) + "</main>\n</body>\n</html>\n";
    }

private:
    std::vector<std::string> tags() const {
        std::vector<std::string> names;
        for (const auto& tag : document_.at("tags").as_array())
            names.push_back(text_of(tag, "name"));
        return names;
    }

    template <typename Show>
    void each_operation(std::string_view tag, Show show) const {
        for (const auto& path : document_.at("paths").as_object())
            for (const auto method : methods) {
                const auto* operation = member(path.value(), method);
                if (operation == nullptr) continue;
                if (operation->at("tags").at(0).as_string() == tag)
                    show(method, path.key(), *operation);
            }
    }

    void contents() {
        out_ += "<nav>\n";
        for (const auto& tag : tags()) {
            out_ += fmt::format("<h2><a href=\"#tag-{0}\">{0}</a></h2>\n<ul>\n", escaped(tag));
            each_operation(
                tag, [&](std::string_view method, std::string_view path, const auto& operation) {
                    out_ += fmt::format("<li><a href=\"#{}\"><b class=\"{}\">{}</b> {}</a></li>\n",
                                        escaped(text_of(operation, "operationId")),
                                        method,
                                        method,
                                        escaped(path));
                });
            out_ += "</ul>\n";
        }
        out_ += "<h2><a href=\"#schemas\">schemas</a></h2>\n</nav>\n";
    }

    void
    show_operation(std::string_view method, std::string_view path, const json::value& operation) {
        out_ += fmt::format("<section id=\"{}\">\n<h3><b class=\"{}\">{}</b> "
                            "<code>{}</code></h3>\n<p class=\"summary\">{}</p>\n",
                            escaped(text_of(operation, "operationId")),
                            method,
                            method,
                            escaped(path),
                            escaped(text_of(operation, "summary")));
        if (const auto text = text_of(operation, "description"); !text.empty())
            out_ += prose(text) + '\n';
        if (const auto needs = text_of(operation, "x-permission"); !needs.empty())
            out_ += fmt::format("<p class=\"permission\">Permission: <code>{}</code></p>\n",
                                escaped(needs));
        if (const auto* list = member(operation, "parameters")) show_parameters(list->as_array());
        if (const auto* body = member(operation, "requestBody")) {
            out_ += "<h4>Request body</h4>\n";
            show_content(resolved(*body));
        }
        for (const auto& entry : operation.at("responses").as_object())
            show_response(entry.key(), resolved(entry.value()));
        out_ += "</section>\n";
    }

    void show_parameters(const json::array& list) {
        out_ += "<h4>Parameters</h4>\n<table><tr><th>Name</th><th>In</th><th>Form</th><th>Meaning</"
                "th></tr>\n";
        for (const auto& entry : list) {
            const auto& parameter = resolved(entry);
            const auto* schema = member(parameter, "schema");
            out_ +=
                fmt::format("<tr><td><code>{}</code></td><td>{}</td><td>{}</td><td>{}</td></tr>\n",
                            escaped(text_of(parameter, "name")),
                            escaped(text_of(parameter, "in")),
                            schema == nullptr ? "" : form_of(*schema),
                            prose(text_of(parameter, "description")));
        }
        out_ += "</table>\n";
    }

    void show_response(std::string_view status, const json::value& response) {
        out_ += fmt::format("<details><summary><b>{}</b> {}</summary>\n",
                            escaped(status),
                            marked_up(text_of(response, "description")));
        if (const auto* headers = member(response, "headers");
            headers != nullptr && !headers->as_object().empty()) {
            out_ += "<p>Headers:";
            for (const auto& header : headers->as_object())
                out_ += fmt::format(" <code>{}</code>", escaped(header.key()));
            out_ += "</p>\n";
        }
        show_content(response);
        out_ += "</details>\n";
    }

    /// Media types with their schemas and examples.
    void show_content(const json::value& holder) {
        const auto* types = member(holder, "content");
        if (types == nullptr) return;
        for (const auto& type : types->as_object()) {
            const auto* schema = member(type.value(), "schema");
            out_ += fmt::format("<p><code>{}</code> {}</p>\n",
                                escaped(type.key()),
                                schema == nullptr ? "" : form_of(*schema));
            if (schema != nullptr && member(*schema, "properties") != nullptr) show_schema(*schema);
            if (const auto* one = member(type.value(), "example")) show_example("example", *one);
            if (const auto* many = member(type.value(), "examples"))
                for (const auto& entry : many->as_object())
                    show_example(entry.key(), entry.value().at("value"));
        }
    }

    void show_example(std::string_view name, const json::value& value) {
        std::string text;
        if (value.is_string())
            text = std::string(value.as_string());
        else
            indent_json(value, text, 0);
        out_ += fmt::format("<p>{}:</p><pre>{}</pre>\n", escaped(name), escaped(text));
    }

    void show_schema(const json::value& schema) {
        if (const auto text = text_of(schema, "description"); !text.empty())
            out_ += prose(text) + '\n';
        const auto* properties = member(schema, "properties");
        if (properties == nullptr) {
            out_ += fmt::format("<p>{}</p>\n", form_of(schema));
            return;
        }
        out_ += "<table><tr><th>Member</th><th>Form</th><th>Meaning</th></tr>\n";
        for (const auto& entry : properties->as_object())
            out_ += fmt::format("<tr><td><code>{}</code>{}</td><td>{}</td><td>{}</td></tr>\n",
                                escaped(entry.key()),
                                is_required(schema, entry.key()) ? "" : " <i>may be absent</i>",
                                form_of(entry.value()),
                                prose(text_of(entry.value(), "description")));
        out_ += "</table>\n";
    }

    static bool is_required(const json::value& schema, std::string_view name) {
        const auto* list = member(schema, "required");
        if (list == nullptr) return false;
        for (const auto& entry : list->as_array())
            if (entry.as_string() == name) return true;
        return false;
    }

    /// A schema in a few words, as HTML: type, choices, limits, links to named schemas.
    std::string form_of(const json::value& schema) const {
        if (const auto reference = text_of(schema, "$ref"); !reference.empty()) {
            const auto name = reference.substr(reference.rfind('/') + 1);
            return fmt::format("<a href=\"#schema-{0}\">{0}</a>", escaped(name));
        }
        std::string out;
        for (const auto* word : {"oneOf", "anyOf", "allOf"})
            if (const auto* parts = member(schema, word))
                for (const auto& part : parts->as_array())
                    out += (out.empty()                         ? ""
                            : std::string_view(word) == "allOf" ? " and "
                                                                : " or ") +
                           form_of(part);
        if (!out.empty()) return out;
        if (const auto* value = member(schema, "const"))
            return "<code>" + escaped(json::serialize(*value)) + "</code>";
        if (const auto* choices = member(schema, "enum")) {
            for (const auto& choice : choices->as_array())
                out += (out.empty() ? "<code>" : " | <code>") + escaped(json::serialize(choice)) +
                       "</code>";
            return out;
        }
        out = type_of(schema);
        if (const auto* items = member(schema, "items")) out += " of " + form_of(*items);
        if (const auto* properties = member(schema, "properties")) {
            out += " {";
            for (const auto& entry : properties->as_object())
                out += fmt::format(" <code>{}</code>", escaped(entry.key()));
            out += " }";
        }
        for (const auto* word : {"format",
                                 "pattern",
                                 "minimum",
                                 "maximum",
                                 "minLength",
                                 "maxLength",
                                 "minItems",
                                 "maxItems",
                                 "default"})
            if (const auto* value = member(schema, word))
                out += fmt::format(", {} {}", word, escaped(plain(*value)));
        return out;
    }

    static std::string type_of(const json::value& schema) {
        const auto* type = member(schema, "type");
        if (type == nullptr) return "any";
        if (type->is_string()) return escaped(type->as_string());
        std::string out;
        for (const auto& each : type->as_array())
            out += (out.empty() ? "" : " or ") + escaped(each.as_string());
        return out;
    }

    /// Follows a reference inside the document.
    const json::value& resolved(const json::value& value) const {
        const auto reference = text_of(value, "$ref");
        if (!reference.starts_with("#/")) return value;
        const auto* at = &document_;
        for (const auto part : split(std::string_view(reference).substr(2), '/')) {
            at = member(*at, part);
            if (at == nullptr) return value;
        }
        return resolved(*at);
    }

    const json::value& document_;
    std::string out_;
};

} // namespace

std::string reference_page(const json::value& document) {
    return Page(document).run();
}

std::string reference_style() {
    return R"(:root { color-scheme: light dark; --line: #8884; --quiet: #777; }
body { margin: 0; font: 15px/1.5 system-ui, sans-serif; display: grid; grid-template-columns: 21rem 1fr; }
nav { position: sticky; top: 0; height: 100vh; overflow-y: auto; padding: 1rem; box-sizing: border-box;
      border-right: 1px solid var(--line); font-size: 13px; }
nav h2 { font-size: 14px; margin: 1rem 0 .25rem; text-transform: capitalize; }
nav ul { list-style: none; margin: 0; padding: 0; }
nav li { overflow-wrap: anywhere; }
a { color: inherit; }
main { padding: 1rem 2.5rem 6rem; max-width: 62rem; min-width: 0; }
main h2 { text-transform: capitalize; border-bottom: 1px solid var(--line); margin-top: 3rem; }
section { margin: 2rem 0; }
section h3 { margin-bottom: .25rem; overflow-wrap: anywhere; }
.summary { font-weight: 600; margin: 0; }
.permission { color: var(--quiet); }
b.get, b.post, b.put, b.patch, b.delete { text-transform: uppercase; font-size: .8em; padding: 0 .35em;
      border-radius: 4px; color: #fff; background: #2b6cb0; }
b.post { background: #2f855a; } b.put, b.patch { background: #b7791f; } b.delete { background: #c53030; }
table { border-collapse: collapse; width: 100%; font-size: 14px; }
th, td { text-align: left; vertical-align: top; padding: .3rem .6rem; border-bottom: 1px solid var(--line); }
td p { margin: 0; }
pre { background: #8881; padding: .75rem; border-radius: 6px; overflow-x: auto; font-size: 13px; max-height: 30rem; }
details { border-top: 1px solid var(--line); padding: .35rem 0; }
summary { cursor: pointer; }
@media (max-width: 60rem) { body { display: block; } nav { position: static; height: auto; border: 0; } }
)";
}

} // namespace hs::api
