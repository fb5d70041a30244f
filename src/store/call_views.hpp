/// Calls as readers see them: effective scores, windows of recent calls, lists.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/crypto.hpp"
#include "domain/call.hpp"
#include "pg/session.hpp"

namespace hs::store {

/// A call with what its effective evaluation says; scores in basis points, empty where there is
/// none.
struct CallView {
    Call call;
    std::optional<std::int64_t> sop;
    std::optional<std::int64_t> communication;
    std::optional<std::int64_t> sentiment;
    std::optional<std::int64_t> resolution;
    std::optional<std::int64_t> quality;
    std::optional<std::int64_t> priority;
    bool analysed = false;
    bool provisional = false;
    bool escalated = false;
    bool emergency = false;
    bool demonstration = false; // made from templates; nobody called
    std::optional<std::string> business_insight;
    std::optional<std::string> coaching_insight;
    std::optional<std::string> why_flagged;
    std::optional<std::string> language_spoken;
    // The reference's shapes as stored; empty before analysis.
    std::string sop_deviations_json;
    std::string issue_analysis_json;
    std::string resolution_analysis_json;
    std::string sentiment_trajectory_json;
};

/// In the order of `ids`; calls that are gone are left out.
Task<std::vector<CallView>>
call_objects(pg::Session& session, TenantId tenant, std::vector<CallId> ids);

/// The last call of a page in an order by call time.
struct TimePlace {
    Time call_timestamp;
    CallId id;
};

struct Window {
    int minutes = 5;
    std::optional<TimePlace> after;
    int limit = 500;
};

struct WindowPage {
    std::vector<TimePlace> calls; // newest call first
    std::int64_t total = 0;       // in the whole window
};

/// Calls whose call time or whose current evaluation lies in the window (http-api 5.5).
Task<WindowPage> flagged_in_window(pg::Session& session, TenantId tenant, Window window);
/// Above `priority` basis points, flagged or not.
Task<WindowPage>
urgent_in_window(pg::Session& session, TenantId tenant, Window window, int priority);
Task<WindowPage> emergencies_in_window(pg::Session& session, TenantId tenant, Window window);

struct WorstCall {
    CallId id;
    std::string local_date; // in the tenant's zone
};

Task<std::optional<WorstCall>>
worst_call(pg::Session& session, TenantId tenant, AgentId agent, int days);

/// Documents of the current evaluations.
Task<std::map<CallId, std::string>>
judged_words(pg::Session& session, TenantId tenant, std::vector<CallId> ids);
Task<std::map<CallId, Bytes>>
sealed_numbers(pg::Session& session, TenantId tenant, std::vector<CallId> ids);

/// A place in a list: what its last call was sorted by, and its id.
struct ListPlace {
    std::string sorted_by;
    CallId id;
};

struct ListRequest {
    json::object filters; // members as filtered_calls of the schema reads them
    std::string order = "-call_timestamp";
    std::optional<ListPlace> after;
    int limit = 50;
};

Task<std::vector<ListPlace>> list_calls(pg::Session& session, TenantId tenant, ListRequest request);
/// Counts no further than `most`.
Task<std::int64_t>
count_calls(pg::Session& session, TenantId tenant, json::object filters, int most);

} // namespace hs::store
