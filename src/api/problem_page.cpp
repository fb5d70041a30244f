#include "api/problem_page.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "base/json.hpp"
#include "base/text.hpp"

namespace hs::api {

namespace {

constexpr std::string_view documentation = "docs/reference/errors.md";

/// The q of one entry of an Accept header: 1 when it has none, 0 when it is no number.
double quality(std::string_view entry) {
    for (const auto part : split(entry, ';')) {
        const auto parameter = trim(part);
        if (!parameter.starts_with("q=") && !parameter.starts_with("Q=")) continue;
        double value = 0;
        const auto number = parameter.substr(2);
        const auto read = std::from_chars(number.data(), number.data() + number.size(), value);
        return read.ec == std::errc() ? value : 0;
    }
    return 1;
}

std::string escaped(std::string_view text) {
    std::string out;
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

http::Response as_html(std::string_view code, std::string_view title) {
    http::Response response;
    response.content_type = "text/html; charset=utf-8";
    response.body = fmt::format("<!DOCTYPE html>\n"
                                "<html lang=\"en\">\n"
                                "<head>\n"
                                "<meta charset=\"utf-8\">\n"
                                "<meta name=\"viewport\" content=\"width=device-width\">\n"
                                "<title>{0}</title>\n"
                                "</head>\n"
                                "<body>\n"
                                "<h1>{0}</h1>\n"
                                "<p>Code: <code>{1}</code></p>\n"
                                "<p>What to do about it stands in <code>{2}</code>, which comes "
                                "with the program.</p>\n"
                                "</body>\n"
                                "</html>\n",
                                escaped(title),
                                escaped(code),
                                documentation);
    return response;
}

http::Response as_json(std::string_view code, std::string_view title) {
    JsonWriter json;
    json.begin_object().field("code", code).field("title", title);
    json.field("documentation", documentation);
    return http::json_response(200, json.end_object().take());
}

} // namespace

bool prefers_html(std::string_view accept) {
    double html = 0;
    double json = 0;
    for (const auto entry : split(accept, ',')) {
        const auto type = to_lower(trim(entry.substr(0, entry.find(';'))));
        if (type == "text/html") html = std::max(html, quality(entry));
        if (type == "application/json" || type == "application/*" || type == "*/*")
            json = std::max(json, quality(entry));
    }
    return html > 0 && html >= json;
}

http::Response problem_page(const http::Request& request) {
    const auto& code = request.path_params.at("code");
    const auto title = http::title_of(code, 0);
    if (title == http::title_of("", 0)) {
        return http::problem(request,
                             {ErrorKind::not_found, "route.not_found", "Not Found", std::nullopt});
    }
    const bool html = prefers_html(request.header("accept").value_or(""));
    auto response = html ? as_html(code, title) : as_json(code, title);
    response.headers.emplace_back("Vary", "Accept");
    return response;
}

} // namespace hs::api
