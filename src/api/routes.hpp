/// Every URL of the program in one list.
#pragma once

#include <memory>

#include "api/context.hpp"

namespace hs::api {

/// `context` must outlive the router.
[[nodiscard]] http::Router make_router(const Context& context);

// One function a resource; each adds its routes.
void add_ingest_routes(http::Router& router, const Context& context);
void add_call_routes(http::Router& router, const Context& context);
void add_recording_routes(http::Router& router, const Context& context);
void add_map_routes(http::Router& router, const Context& context);
void add_summary_routes(http::Router& router, const Context& context);
void add_trend_routes(http::Router& router, const Context& context);
void add_rule_figure_routes(http::Router& router, const Context& context);
void add_leaderboard_routes(http::Router& router, const Context& context);
void add_agent_routes(http::Router& router, const Context& context);
void add_city_routes(http::Router& router, const Context& context);
void add_directory_routes(http::Router& router, const Context& context);
void add_escalation_monitor_routes(http::Router& router, const Context& context);
void add_event_routes(http::Router& router, const Context& context);
void add_escalation_routes(http::Router& router, const Context& context);
void add_call_list_routes(http::Router& router, const Context& context);
void add_call_change_routes(http::Router& router, const Context& context);
void add_call_history_routes(http::Router& router, const Context& context);
void add_remark_routes(http::Router& router, const Context& context);
void add_override_routes(http::Router& router, const Context& context);
void add_scorecard_routes(http::Router& router, const Context& context);
void add_scorecard_trial_routes(http::Router& router, const Context& context);
void add_evaluation_run_routes(http::Router& router, const Context& context);
void add_run_result_routes(http::Router& router, const Context& context);
void add_insight_routes(http::Router& router, const Context& context);
void add_usage_routes(http::Router& router, const Context& context);
void add_search_routes(http::Router& router, const Context& context);
void add_job_routes(http::Router& router, const Context& context);
void add_principal_routes(http::Router& router, const Context& context);
void add_config_routes(http::Router& router, const Context& context);
void add_system_routes(http::Router& router, const Context& context);
void add_documentation_routes(http::Router& router, const Context& context);
void add_dashboard_routes(http::Router& router, const Context& context);

} // namespace hs::api
