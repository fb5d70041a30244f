#include "api/scorecard_json.hpp"

#include <charconv>

#include <fmt/format.h>

namespace hs::api {

namespace {

bool is_error(const analysis::Diagnostic& finding) {
    return finding.severity == analysis::Severity::error;
}

void write_list(JsonWriter& json,
                const char* name,
                const std::vector<analysis::Diagnostic>& findings,
                bool errors) {
    json.key(name).begin_array();
    for (const auto& finding : findings) {
        if (is_error(finding) != errors) continue;
        json.begin_object().field("code", finding.code).field("file", finding.file);
        json.field("line", finding.line).field("column", finding.column);
        json.field("message", finding.message).end_object();
    }
    json.end_array();
}

} // namespace

Error scorecard_not_found() {
    return {
        ErrorKind::not_found, "scorecard.not_found", "There is no such scorecard.", std::nullopt};
}

Error scorecard_version_not_found() {
    return {ErrorKind::not_found,
            "scorecard.version_not_found",
            "There is no such version.",
            std::nullopt};
}

std::optional<int> version_number(std::string_view text) {
    int number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    const bool whole = error == std::errc{} && end == text.data() + text.size();
    return whole && number > 0 ? std::optional(number) : std::nullopt;
}

Task<std::optional<store::ScorecardVersion>> find_scorecard_version(const Context& context,
                                                                    TenantId tenant,
                                                                    std::string key,
                                                                    std::optional<int> number) {
    if (!number) co_return std::nullopt;
    store::VersionPage page;
    page.key = std::move(key);
    page.only = number;
    auto configured = context.services.scorecards.configured();
    const auto unit = context.services.database.unit({.tenant = tenant});
    auto found =
        co_await store::scorecard_versions(*unit, tenant, std::move(configured), std::move(page));
    if (found.empty()) co_return std::nullopt;
    co_return std::move(found.front());
}

void write_ref(JsonWriter& json, const store::ScorecardRef& ref) {
    json.begin_object().field("key", ref.key).field("version", ref.version);
    json.field("hash", ref.hash).end_object();
}

void write_version_head(JsonWriter& json, const store::ScorecardVersion& version) {
    json.field("key", version.ref.key).field("version", version.ref.version);
    json.field("content_hash", version.ref.hash).field("state", version.state);
    json.field("origin", version.origin).key("title").raw(version.title_json);
    json.key("selector").raw(version.selector_json).field("extends", version.extends);
    json.field("note", version.note).field("created_by", version.created_by);
    json.field("created_at", rfc3339(version.created_at));
}

void write_findings(JsonWriter& json, const std::vector<analysis::Diagnostic>& findings) {
    write_list(json, "errors", findings, true);
    write_list(json, "warnings", findings, false);
}

http::Response scorecard_problem(const http::Request& request,
                                 const std::vector<analysis::Diagnostic>& findings) {
    std::vector<http::FieldError> faults;
    for (const auto& finding : findings)
        if (is_error(finding))
            faults.push_back({"content",
                              "scorecard.invalid",
                              fmt::format("{}:{}:{} {} {}",
                                          finding.file,
                                          finding.line,
                                          finding.column,
                                          finding.code,
                                          finding.message)});
    JsonWriter json;
    json.begin_object();
    write_list(json, "findings", findings, true);
    auto members = json.end_object().take();
    const Error error{
        ErrorKind::invalid,
        "scorecard.invalid",
        fmt::format("The document has {} error{}.", faults.size(), faults.size() == 1 ? "" : "s"),
        std::nullopt};
    return http::problem(request, error, faults, members.substr(1, members.size() - 2));
}

} // namespace hs::api
