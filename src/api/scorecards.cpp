// Scorecards and their versions.
#include "store/scorecards.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "api/json_body.hpp"
#include "api/line_diff.hpp"
#include "api/list_page.hpp"
#include "api/routes.hpp"
#include "api/scorecard_json.hpp"

namespace hs::api {

namespace {

constexpr int page_cap = 50;
constexpr std::size_t most_content = 900'000; // bytes; a body has at most a mebibyte
constexpr std::size_t most_note = 500;
constexpr std::size_t most_key = 60;
constexpr int diff_context = 3;
constexpr int most_keys = 10'000;

void write_summary(JsonWriter& json, const store::ScorecardSummary& scorecard) {
    json.field("key", scorecard.key).key("title").raw(scorecard.title_json);
    json.key("active_version");
    scorecard.active ? json.integer(*scorecard.active) : json.null();
    json.field("active_hash", scorecard.active_hash).field("newest_version", scorecard.newest);
    json.field("versions", scorecard.versions).field("drafts", scorecard.drafts);
}

Task<http::Response> list_scorecards(const Context& context, http::Request request) {
    const auto scope = list_scope(request);
    const auto page = list_page(context, request, scope, 1, page_cap);
    if (!page) co_return http::problem(request, page.error());
    std::optional<std::string> after;
    if (page->after) after = page->after->at(0);
    const auto tenant = request.principal.tenant;
    const auto unit = context.services.database.unit({.tenant = tenant});
    auto configured = context.services.scorecards.configured();
    auto found = co_await store::list_scorecards(
        *unit, tenant, std::move(configured), std::move(after), page->limit + 1);
    std::optional<std::string> cursor;
    if (found.size() > static_cast<std::size_t>(page->limit)) {
        found.pop_back();
        const std::vector<std::string> last{found.back().key};
        cursor = next_cursor(context, scope, last);
    }
    JsonWriter json;
    json.begin_object().key("data").begin_array();
    for (const auto& scorecard : found) {
        json.begin_object();
        write_summary(json, scorecard);
        json.end_object();
    }
    json.end_array().field("next_cursor", cursor);
    auto response = http::json_response(200, json.end_object().take());
    if (cursor) add_next_link(response, request, *page, *cursor);
    co_return response;
}

struct KnownScorecard {
    store::ScorecardSummary summary;
    std::optional<store::ScorecardVersion> active;
};

Task<std::optional<KnownScorecard>>
find_scorecard(const Context& context, TenantId tenant, std::string key) {
    const auto unit = context.services.database.unit({.tenant = tenant});
    const auto configured = context.services.scorecards.configured();
    const std::optional<std::string> start;
    const auto all = co_await store::list_scorecards(*unit, tenant, configured, start, most_keys);
    const auto found = std::ranges::find(all, key, &store::ScorecardSummary::key);
    if (found == all.end()) co_return std::nullopt;
    KnownScorecard out;
    out.summary = *found;
    if (found->active)
        out.active =
            co_await find_scorecard_version(context, tenant, std::move(key), found->active);
    co_return out;
}

http::Response scorecard_reply(const KnownScorecard& known) {
    JsonWriter json;
    json.begin_object();
    write_summary(json, known.summary);
    json.key("active");
    if (known.active) {
        json.begin_object();
        write_version_head(json, *known.active);
        json.end_object();
    } else {
        json.null();
    }
    return http::json_response(200, json.end_object().take());
}

Task<http::Response> show_scorecard(const Context& context, http::Request request) {
    const auto tenant = request.principal.tenant;
    auto key = request.path_params.at("key");
    const auto known = co_await find_scorecard(context, tenant, std::move(key));
    if (!known) co_return http::problem(request, scorecard_not_found());
    co_return scorecard_reply(*known);
}

Task<http::Response> list_versions(const Context& context, http::Request request) {
    const auto scope = list_scope(request);
    const auto page = list_page(context, request, scope, 1, page_cap);
    if (!page) co_return http::problem(request, page.error());
    store::VersionPage asked;
    asked.key = request.path_params.at("key");
    asked.limit = page->limit + 1;
    if (page->after) asked.below = version_number(page->after->at(0));
    const auto tenant = request.principal.tenant;
    const auto unit = context.services.database.unit({.tenant = tenant});
    auto configured = context.services.scorecards.configured();
    auto versions =
        co_await store::scorecard_versions(*unit, tenant, std::move(configured), std::move(asked));
    if (versions.empty() && !page->after) co_return http::problem(request, scorecard_not_found());
    std::optional<std::string> cursor;
    if (versions.size() > static_cast<std::size_t>(page->limit)) {
        versions.pop_back();
        const std::vector<std::string> last{std::to_string(versions.back().ref.version)};
        cursor = next_cursor(context, scope, last);
    }
    JsonWriter json;
    json.begin_object().key("data").begin_array();
    for (const auto& version : versions) {
        json.begin_object();
        write_version_head(json, version);
        json.end_object();
    }
    json.end_array().field("next_cursor", cursor);
    auto response = http::json_response(200, json.end_object().take());
    if (cursor) add_next_link(response, request, *page, *cursor);
    co_return response;
}

http::Response
version_reply(int status, const store::ScorecardVersion& version, const std::string& content) {
    JsonWriter json;
    json.begin_object();
    write_version_head(json, version);
    json.field("content", content);
    auto response = http::json_response(status, json.end_object().take());
    if (status == 201)
        response.headers.emplace_back(
            "Location",
            fmt::format("/api/scorecards/{}/versions/{}", version.ref.key, version.ref.version));
    return response;
}

/// A version of the path with its text.
struct WholeVersion {
    store::ScorecardVersion version;
    store::ScorecardText text;
};

Task<std::optional<WholeVersion>>
whole_version(const Context& context, TenantId tenant, std::string key, std::optional<int> number) {
    auto found = co_await find_scorecard_version(context, tenant, std::move(key), number);
    if (!found) co_return std::nullopt;
    const auto unit = context.services.database.unit({.tenant = tenant});
    auto ref = found->ref;
    auto text = co_await store::scorecard_text(*unit, tenant, std::move(ref));
    if (!text) co_return std::nullopt;
    WholeVersion out;
    out.version = *std::move(found);
    out.text = *std::move(text);
    co_return out;
}

Task<std::optional<WholeVersion>> version_of_path(const Context& context,
                                                  const http::Request& request) {
    auto key = request.path_params.at("key");
    const auto number = version_number(request.path_params.at("n"));
    co_return co_await whole_version(context, request.principal.tenant, std::move(key), number);
}

Task<http::Response> show_version(const Context& context, http::Request request) {
    const auto found = co_await version_of_path(context, request);
    if (!found) co_return http::problem(request, scorecard_version_not_found());
    co_return version_reply(200, found->version, found->text.content);
}

Task<http::Response> diff_versions(const Context& context, http::Request request) {
    const auto wanted = request.query_value("against");
    if (!wanted)
        co_return http::problem(
            request, {ErrorKind::invalid, "query.required", "against: a version.", std::nullopt});
    const auto newer = co_await version_of_path(context, request);
    auto key = request.path_params.at("key");
    const auto number = version_number(*wanted);
    const auto older =
        co_await whole_version(context, request.principal.tenant, std::move(key), number);
    if (!newer || !older) co_return http::problem(request, scorecard_version_not_found());
    auto work = [&older, &newer] {
        return around_changes(line_diff(older->text.content, newer->text.content), diff_context);
    };
    const auto lines = co_await context.services.cpu.run(work);
    JsonWriter json;
    json.begin_object().field("key", newer->version.ref.key);
    json.field("version", newer->version.ref.version);
    json.field("against", older->version.ref.version);
    json.field("same", newer->version.ref.hash == older->version.ref.hash);
    write_lines(json, lines);
    co_return http::json_response(200, json.end_object().take());
}

/// Where a word stands in a text; the beginning when it is not there.
analysis::SourcePlace place_in(const std::string& text, const std::string& word) {
    const auto at = text.find(word);
    if (at == std::string::npos) return {1, 1};
    const auto before = std::string_view(text).substr(0, at);
    const auto line = std::ranges::count(before, '\n');
    const auto start = before.rfind('\n');
    const auto column = start == std::string_view::npos ? at : at - start - 1;
    return {static_cast<int>(line) + 1, static_cast<int>(column) + 1};
}

void report(pipeline::ReviewedScorecard& reviewed, const char* word, std::string message) {
    const auto at = place_in(reviewed.text.content, word);
    reviewed.review.findings.push_back(
        {analysis::Severity::error, "S08", "document", at.line, at.column, std::move(message)});
}

bool plain_key(std::string_view key) {
    return !key.empty() && key.size() <= most_key && key.front() != '-' &&
           key.find_first_not_of("abcdefghijklmnopqrstuvwxyz0123456789-_") ==
               std::string_view::npos;
}

struct SentDocument {
    std::string content;
    std::optional<std::string> note;
    std::vector<http::FieldError> faults;
};

SentDocument sent_document(const http::Request& request) {
    BodyReader body(request.body);
    SentDocument sent;
    sent.content = body.required_document("content", most_content);
    sent.note = body.text("note", most_note);
    sent.faults = body.finish();
    return sent;
}

/// Stores a document that was reviewed under the next number of its key. `key`: what it has to be;
/// empty: a new one.
Task<http::Response> add_version(const Context& context,
                                 const http::Request& request,
                                 SentDocument sent,
                                 std::string key) {
    const auto tenant = request.principal.tenant;
    auto content = std::move(sent.content);
    auto reviewed = co_await context.services.scorecards.review(tenant, std::move(content));
    const auto named = reviewed.text.ref.key;
    const bool fresh = key.empty();
    if (fresh && !named.empty() && !plain_key(named))
        report(reviewed, "key:", "key: small letters, digits, - and _, at most 60");
    if (!fresh && named != key) report(reviewed, "key:", "key: it has to be " + key);
    auto transaction = co_await context.services.database.begin({.tenant = tenant});
    co_await store::lock_scorecards(*transaction, tenant);
    store::VersionPage page;
    page.key = fresh ? named : key;
    const auto configured = context.services.scorecards.configured();
    const auto newest = co_await store::scorecard_versions(*transaction, tenant, configured, page);
    if (!fresh && newest.empty()) co_return http::problem(request, scorecard_not_found());
    if (fresh && !newest.empty()) {
        const Error exists{ErrorKind::conflict,
                           "scorecard.exists",
                           "There is a scorecard of this key. Add a version to it.",
                           std::nullopt};
        co_return http::problem(request, exists);
    }
    const int next = newest.empty() ? 1 : newest.front().ref.version + 1;
    if (reviewed.text.ref.version != next)
        report(reviewed, "version:", fmt::format("version: the next one is {}", next));
    if (!reviewed.review.sound()) co_return scorecard_problem(request, reviewed.review.findings);
    store::NewScorecardVersion made;
    made.text = reviewed.text;
    made.note = sent.note;
    made.who = request.principal.name;
    co_await store::insert_scorecard_version(*transaction, tenant, std::move(made));
    auto entry =
        audit_entry(request, "scorecard.create", fmt::format("scorecard:{}@{}", named, next));
    entry.after_hash = reviewed.text.ref.hash;
    co_await store::insert_audit(*transaction, tenant, std::move(entry));
    co_await transaction->commit();
    const auto stored = co_await find_scorecard_version(context, tenant, named, next);
    co_return version_reply(201, *stored, reviewed.text.content);
}

Task<http::Response> create_scorecard(const Context& context, http::Request request) {
    auto sent = sent_document(request);
    if (!sent.faults.empty()) co_return body_problem(request, sent.faults);
    std::string any;
    co_return co_await add_version(context, request, std::move(sent), std::move(any));
}

Task<http::Response> create_version(const Context& context, http::Request request) {
    auto sent = sent_document(request);
    if (!sent.faults.empty()) co_return body_problem(request, sent.faults);
    auto key = request.path_params.at("key");
    co_return co_await add_version(context, request, std::move(sent), std::move(key));
}

Task<http::Response> activate_version(const Context& context, http::Request request) {
    const auto tenant = request.principal.tenant;
    auto found = co_await version_of_path(context, request);
    if (!found) co_return http::problem(request, scorecard_version_not_found());
    const auto ref = found->version.ref;
    // The program may have changed since the version was made.
    auto content = found->text.content;
    const auto reviewed = co_await context.services.scorecards.review(tenant, std::move(content));
    if (!reviewed.review.sound()) co_return scorecard_problem(request, reviewed.review.findings);
    const auto judge = co_await context.services.scorecards.version(tenant, ref);
    if (!judge) co_return http::problem(request, judge.error());
    auto transaction = co_await context.services.database.begin({.tenant = tenant});
    co_await store::lock_scorecards(*transaction, tenant);
    store::ActiveScorecard chosen;
    chosen.ref = ref;
    chosen.selector_json = found->version.selector_json;
    auto who = request.principal.name;
    co_await store::activate_scorecard(*transaction, tenant, std::move(chosen), std::move(who));
    auto entry = audit_entry(
        request, "scorecard.activate", fmt::format("scorecard:{}@{}", ref.key, ref.version));
    entry.after_hash = ref.hash;
    co_await store::insert_audit(*transaction, tenant, std::move(entry));
    co_await transaction->commit();
    found->version.state = "active";
    co_return version_reply(200, found->version, found->text.content);
}

/// `{"status": "retired"}`: no version of the tenant's choice is in force any more.
Task<http::Response> change_scorecard(const Context& context, http::Request request) {
    BodyReader body(request.body);
    const auto status = body.required_text("status", 20);
    auto faults = body.finish();
    if (faults.empty() && status != "retired")
        faults.push_back({"status", "field.choice", "Use retired."});
    if (!faults.empty()) co_return body_problem(request, faults);
    const auto tenant = request.principal.tenant;
    const auto key = request.path_params.at("key");
    auto known = co_await find_scorecard(context, tenant, key);
    if (!known) co_return http::problem(request, scorecard_not_found());
    auto transaction = co_await context.services.database.begin({.tenant = tenant});
    co_await store::lock_scorecards(*transaction, tenant);
    auto who = request.principal.name;
    const bool retired =
        co_await store::retire_scorecard(*transaction, tenant, key, std::move(who));
    if (!retired) {
        const Error refused{ErrorKind::conflict,
                            "scorecard.state",
                            "No version of this scorecard has been activated.",
                            std::nullopt};
        co_return http::problem(request, refused);
    }
    auto entry = audit_entry(request, "scorecard.retire", "scorecard:" + key);
    co_await store::insert_audit(*transaction, tenant, std::move(entry));
    co_await transaction->commit();
    known = co_await find_scorecard(context, tenant, key);
    co_return scorecard_reply(*known);
}

} // namespace

void add_scorecard_routes(http::Router& router, const Context& context) {
    const auto read = [&](std::string pattern, std::vector<std::string> query, auto handler) {
        router.add({.method = http::Method::get,
                    .pattern = std::move(pattern),
                    .permission = "scorecards:read",
                    .handler = [&context, handler](
                                   http::Request r) { return handler(context, std::move(r)); },
                    .strict_query = true,
                    .query = std::move(query)});
    };
    const auto add = [&](std::string pattern, auto handler) {
        router.add({.method = http::Method::post,
                    .pattern = std::move(pattern),
                    .permission = "scorecards:edit",
                    .handler = [&context, handler](
                                   http::Request r) { return handler(context, std::move(r)); },
                    .body = http::BodyKind::json,
                    .strict_query = true});
    };
    read("/api/scorecards", {"limit", "cursor"}, list_scorecards);
    read("/api/scorecards/{key}", {}, show_scorecard);
    read("/api/scorecards/{key}/versions", {"limit", "cursor"}, list_versions);
    read("/api/scorecards/{key}/versions/{n}", {}, show_version);
    read("/api/scorecards/{key}/versions/{n}/diff", {"against"}, diff_versions);
    add("/api/scorecards", create_scorecard);
    add("/api/scorecards/{key}/versions", create_version);
    router.add(
        {.method = http::Method::post,
         .pattern = "/api/scorecards/{key}/versions/{n}/activate",
         .permission = "scorecards:activate",
         .handler = [&context](http::Request r) { return activate_version(context, std::move(r)); },
         .strict_query = true});
    router.add(
        {.method = http::Method::patch,
         .pattern = "/api/scorecards/{key}",
         .permission = "scorecards:activate",
         .handler = [&context](http::Request r) { return change_scorecard(context, std::move(r)); },
         .body = http::BodyKind::json,
         .strict_query = true});
}

} // namespace hs::api
