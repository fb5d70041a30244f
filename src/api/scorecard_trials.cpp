// Scorecards that are not in force, looked at and tried: nothing is stored.
#include "api/json_body.hpp"
#include "api/routes.hpp"
#include "api/run_json.hpp"
#include "api/scorecard_json.hpp"
#include "pipeline/evaluation_runs.hpp"

namespace hs::api {

namespace {

constexpr std::size_t most_content = 900'000;

/// The text of a stored version.
Task<std::optional<std::string>> stored_content(const Context& context,
                                                const http::Request& request) {
    const auto tenant = request.principal.tenant;
    auto key = request.path_params.at("key");
    const auto number = version_number(request.path_params.at("n"));
    const auto found = co_await find_scorecard_version(context, tenant, std::move(key), number);
    if (!found) co_return std::nullopt;
    const auto unit = context.services.database.unit({.tenant = tenant});
    auto ref = found->ref;
    auto text = co_await store::scorecard_text(*unit, tenant, std::move(ref));
    if (!text) co_return std::nullopt;
    co_return std::move(text->content);
}

http::Response review_reply(const pipeline::ReviewedScorecard& reviewed) {
    const auto& review = reviewed.review;
    JsonWriter json;
    json.begin_object().field("valid", review.sound()).key("scorecard");
    write_ref(json, reviewed.text.ref);
    json.field("tests", static_cast<std::int64_t>(review.tests));
    write_findings(json, review.findings);
    return http::json_response(200, json.end_object().take());
}

Task<http::Response> validate_sent(const Context& context, http::Request request) {
    BodyReader body(request.body);
    auto content = body.required_document("content", most_content);
    const auto faults = body.finish();
    if (!faults.empty()) co_return body_problem(request, faults);
    const auto tenant = request.principal.tenant;
    const auto reviewed = co_await context.services.scorecards.review(tenant, std::move(content));
    co_return review_reply(reviewed);
}

Task<http::Response> validate_stored(const Context& context, http::Request request) {
    auto content = co_await stored_content(context, request);
    if (!content) co_return http::problem(request, scorecard_version_not_found());
    const auto tenant = request.principal.tenant;
    auto text = *std::move(content);
    const auto reviewed = co_await context.services.scorecards.review(tenant, std::move(text));
    co_return review_reply(reviewed);
}

http::Response trial_reply(const pipeline::Trial& trial, const analysis::Scorecard& card) {
    const auto& shift = trial.comparison;
    JsonWriter json;
    json.begin_object().field("call_id", shift.call.str()).key("scorecard");
    write_ref(json, {card.key, card.version, card.content_hash});
    json.field("against",
               shift.before ? std::optional<std::string>(shift.before->str()) : std::nullopt);
    json.field("models_asked", false).field("changed", shift.changed);
    json.field("flips", store::flips_of(shift.answers));
    write_quality(json, shift.quality_before, shift.quality_after);
    write_flagged(json, shift.flagged_before, shift.flagged_after);
    json.key("answers").begin_array();
    for (const auto& answer : shift.answers) {
        json.begin_object();
        write_change(json, answer);
        json.end_object();
    }
    json.end_array().key("evaluation").document(trial.document);
    return http::json_response(200, json.end_object().take());
}

Task<http::Response> try_judge(const Context& context,
                               const http::Request& request,
                               std::string call,
                               pipeline::JudgePtr judge) {
    const auto id = CallId::parse(call);
    if (!id) co_return http::problem(request, call_not_found(call));
    const auto trial =
        co_await pipeline::try_scorecard(context.services, request.principal.tenant, *id, judge);
    if (trial) co_return trial_reply(*trial, judge->card());
    if (trial.error().code == "call.not_found")
        co_return http::problem(request, call_not_found(call));
    if (trial.error().code == "transcript.missing") {
        const Error early{ErrorKind::not_found,
                          "transcript.not_found",
                          "The call is not transcribed yet.",
                          std::nullopt};
        co_return http::problem(request, early);
    }
    co_return http::problem(request, trial.error());
}

/// A document that is judged by without being stored.
Task<http::Response> try_document(const Context& context,
                                  const http::Request& request,
                                  std::string content,
                                  std::string call) {
    const auto tenant = request.principal.tenant;
    auto reviewed = co_await context.services.scorecards.review(tenant, std::move(content));
    if (!reviewed.review.sound()) co_return scorecard_problem(request, reviewed.review.findings);
    const auto judge = co_await context.services.scorecards.judge_by(std::move(reviewed));
    if (!judge) co_return http::problem(request, judge.error());
    co_return co_await try_judge(context, request, std::move(call), *judge);
}

Task<http::Response> try_sent(const Context& context, http::Request request) {
    BodyReader body(request.body);
    auto content = body.required_document("content", most_content);
    auto call = body.required_text("call_id", 64);
    const auto faults = body.finish();
    if (!faults.empty()) co_return body_problem(request, faults);
    co_return co_await try_document(context, request, std::move(content), std::move(call));
}

Task<http::Response> try_stored(const Context& context, http::Request request) {
    BodyReader body(request.body);
    auto call = body.required_text("call_id", 64);
    const auto faults = body.finish();
    if (!faults.empty()) co_return body_problem(request, faults);
    const auto tenant = request.principal.tenant;
    auto key = request.path_params.at("key");
    const auto number = version_number(request.path_params.at("n"));
    const auto found = co_await find_scorecard_version(context, tenant, std::move(key), number);
    if (!found) co_return http::problem(request, scorecard_version_not_found());
    auto ref = found->ref;
    const auto judge = co_await context.services.scorecards.version(tenant, std::move(ref));
    if (!judge) co_return http::problem(request, judge.error());
    co_return co_await try_judge(context, request, std::move(call), *judge);
}

} // namespace

void add_scorecard_trial_routes(http::Router& router, const Context& context) {
    const auto look = [&](std::string pattern, auto handler) {
        router.add({.method = http::Method::post,
                    .pattern = std::move(pattern),
                    .permission = "scorecards:edit",
                    .handler = [&context, handler](
                                   http::Request r) { return handler(context, std::move(r)); },
                    .body = http::BodyKind::json,
                    .strict_query = true});
    };
    look("/api/scorecards/validate", validate_sent);
    look("/api/scorecards/try", try_sent);
    look("/api/scorecards/{key}/versions/{n}/validate", validate_stored);
    look("/api/scorecards/{key}/versions/{n}/try", try_stored);
}

} // namespace hs::api
