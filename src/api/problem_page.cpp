#include "api/problem_page.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "base/json.hpp"
#include "base/text.hpp"

namespace hs::api {

namespace {

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

std::string paragraph(std::string_view text) {
    return text.empty() ? std::string() : fmt::format("<p>{}</p>\n", escaped(text));
}

http::Response as_html(std::string_view code, std::string_view title, const CodeHelp& help) {
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
                                "{2}{3}"
                                "</body>\n"
                                "</html>\n",
                                escaped(title),
                                escaped(code),
                                paragraph(help.meaning),
                                paragraph(help.remedy));
    return response;
}

http::Response as_json(std::string_view code, std::string_view title, const CodeHelp& help) {
    JsonWriter json;
    json.begin_object().field("code", code).field("title", title);
    json.field("meaning", help.meaning).field("what_to_do", help.remedy);
    return http::json_response(200, json.end_object().take());
}

/// A cell as plain text: no marks of code, links by their words.
std::string plain(std::string_view cell) {
    std::string out;
    for (std::size_t i = 0; i < cell.size(); ++i) {
        const char c = cell[i];
        if (c == '`' || c == '*' || c == '[') continue;
        if (c == ']' && i + 1 < cell.size() && cell[i + 1] == '(') {
            i = std::min(cell.find(')', i), cell.size() - 1);
            continue;
        }
        out += c;
    }
    return std::string(trim(out));
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

CodeHelps read_code_helps(std::string_view markdown) {
    CodeHelps out;
    for (const auto line : split(markdown, '\n')) {
        const auto cells = split(line, '|');
        if (cells.size() < 6 || !trim(cells[1]).starts_with('`')) continue;
        out[plain(cells[1])] = {plain(cells[3]), plain(cells[4])};
    }
    return out;
}

http::Response problem_page(const http::Request& request, const CodeHelps& helps) {
    const auto& code = request.path_params.at("code");
    const auto title = http::title_of(code, 0);
    if (title == http::title_of("", 0)) {
        return http::problem(request,
                             {ErrorKind::not_found, "route.not_found", "Not Found", std::nullopt});
    }
    const bool html = prefers_html(request.header("accept").value_or(""));
    const auto known = helps.find(code);
    const auto help = known == helps.end() ? CodeHelp() : known->second;
    auto response = html ? as_html(code, title, help) : as_json(code, title, help);
    response.headers.emplace_back("Vary", "Accept");
    return response;
}

} // namespace hs::api
