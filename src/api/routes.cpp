#include "api/routes.hpp"

#include "api/uploads.hpp"

namespace hs::api {

http::Router make_router(const Context& context) {
    http::Router router;
    add_ingest_routes(router, context);          // POST /ingest/call
    add_upload_routes(router, context);          // /api/uploads
    add_call_routes(router, context);            // /api/calls/{id}, /status, /process
    add_recording_routes(router, context);       // /transcript, /audio, /peaks of a call
    add_call_list_routes(router, context);       // GET /api/calls
    add_call_change_routes(router, context);     // PATCH, DELETE /api/calls/{id}
    add_call_history_routes(router, context);    // evaluations and events of a call
    add_remark_routes(router, context);          // remarks, /api/submit-feedback
    add_override_routes(router, context);        // overrides of scores
    add_scorecard_routes(router, context);       // /api/scorecards and their versions
    add_scorecard_trial_routes(router, context); // validate, try
    add_evaluation_run_routes(router, context);  // /api/evaluation-runs
    add_run_result_routes(router, context);      // their results, flips, compare
    add_map_routes(router, context);             // /api/dashboard/india-map
    add_summary_routes(router, context);         // /api/dashboard/summary, /states/{code}
    add_trend_routes(router, context);           // /api/dashboard/trends
    add_rule_figure_routes(router, context);     // /api/dashboard/rules
    add_leaderboard_routes(router, context);     // /api/agents/leaderboard, /api/leaderboard
    add_agent_routes(router, context);           // /api/agents/{id}/stats, search, performance
    add_city_routes(router, context);            // /api/cities, /api/cities/{id}
    add_insight_routes(router, context);         // generate-insights of agents and cities
    add_directory_routes(router, context);       // /api/agents, /api/cities, /api/issue-categories
    add_escalation_monitor_routes(router, context); // monitors, worst calls, emergencies
    add_escalation_routes(router, context);         // /api/escalations and their handling
    add_event_routes(router, context);              // /api/events, tickets
    add_usage_routes(router, context);              // /api/usage, /api/settings
    add_search_routes(router, context);             // /api/search
    add_job_routes(router, context);                // /api/jobs, /api/queues
    add_principal_routes(router, context);          // /api/auth/me
    add_config_routes(router, context);             // /config/…
    add_system_routes(router, context);             // /health, /livez, /readyz, /metrics, …
    add_documentation_routes(router, context);      // /docs, /redoc, /openapi.yaml, /openapi.json
    add_dashboard_routes(router, context);          // every other GET
    return router;
}

} // namespace hs::api
