/// Judged calls written straight into the tables, for texts about agents and cities.
#pragma once

#include <string>

#include "pg/blocking.hpp"
#include "support/postgres.hpp"

namespace hs::test {

struct InsightCall {
    std::string agent{}; // UUID; empty: none
    std::optional<int> city{};
    std::string age = "1 day"; // of the call
    std::string issue = "Payment Problem";
    double quality = 0.7;
    std::string deviation{}; // code; empty: none
    std::string should_have_said = "I have arranged this for you.";
    std::string answers = "[]"; // of the evaluation's document
    std::string business{};
    std::string coaching{};
    std::string remark{};
    bool flagged = false;
};

/// `url` must be the superuser's.
inline void add_insight_call(const std::string& url, const InsightCall& call) {
    auto connection = pg::BlockingConnection::open(url, 10);
    if (!connection) throw std::runtime_error(connection.error().message);
    const Uuid id = Uuid::v7(SystemClock().now());
    const auto tenant = TestDatabase::tenant();
    const auto optional = [](const std::string& text) {
        return text.empty() ? std::nullopt : std::optional(text);
    };
    std::string deviations = "[]";
    if (!call.deviation.empty()) {
        deviations = R"([{"turn_number":1,"what_was_wrong":")" + call.deviation +
                     R"(","should_have_said":")" + call.should_have_said + "\"}]";
    }
    connection->run(
        "WITH c AS (INSERT INTO calls (tenant_id, id, agent_id, city_id, audio_url, "
        "  duration_seconds, call_timestamp, primary_issue_category, processing_status) "
        "  VALUES ($1, $2, $3, $4, 'local:x', 60, now() - $5::interval, $6, 'analyzed')), "
        "e AS (INSERT INTO evaluations (tenant_id, id, call_id, transcript_id, scorecard_key, "
        "  scorecard_version, scorecard_hash, evaluator, transcript_hash, versions_key, document, "
        "  scored, provisional, coverage, reason) "
        "  VALUES ($1, $2, $2, $2, 'k', 1, 'h', 'rules', 'h', 'v', "
        "  ('{\"answers\":' || $7::text || '}')::json, true, false, 1, 'first')) "
        "INSERT INTO call_insights (tenant_id, call_id, evaluation_id, sop_compliance_score, "
        "  sentiment_stabilization_score, resolution_validity_score, overall_quality_score, "
        "  escalation_risk, why_flagged, human_remarks, business_insight, coaching_insight, "
        "  sop_deviations, scored, provisional, coverage) "
        "VALUES ($1, $2, $2, $8, 0.5, 0.75, $8, $9, 'cause', $10, $11, $12, $13::jsonb, true, "
        "  false, 1)",
        pg::params(tenant,
                   id,
                   optional(call.agent),
                   call.city,
                   call.age,
                   call.issue,
                   call.answers,
                   call.quality,
                   call.flagged,
                   optional(call.remark),
                   optional(call.business),
                   optional(call.coaching),
                   deviations));
}

} // namespace hs::test
