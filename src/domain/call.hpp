/// A call: what the uploader said of it, and what is recorded of it.
#pragma once

#include <array>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "base/json.hpp"

namespace hs {

inline constexpr std::array<std::string_view, 6> call_contexts = {
    "NEW_ISSUE", "FOLLOW_UP", "ONGOING_CASE", "REOPENED", "INFORMATION_ONLY", "CLOSED_ISSUE"};

/// Which role sits on which channel, as told by the uploader ("left=agent,right=customer", "mono").
/// Empty: found out from what is said.
using ChannelMap = std::string;

/// The fields of an upload after every format check; identifiers not yet looked up.
struct NewCall {
    std::string filename;
    std::string agent_identifier;
    std::string issue_category;
    std::string city_identifier;
    std::optional<std::string> customer_name;
    std::optional<std::string> customer_phone; // E.164
    std::optional<std::string> customer_preferred_language;
    std::string call_context = "NEW_ISSUE";
    std::optional<std::string> agent_manual_note;
    std::optional<Time> call_timestamp; // unset: time of arrival
    ChannelMap channel_map;
    std::string language = "auto"; // BCP 47 tag of the speech
    std::optional<std::string> external_id;
    std::optional<json::object> metadata;
};

/// A call as recorded, with its agent and city. Customer fields stay sealed in the store.
struct Call {
    CallId id;
    std::optional<AgentId> agent_id;
    std::string agent_name; // empty: agent not set
    std::optional<std::string> agent_employee_id;
    std::optional<CityId> city_id;
    std::string city_name;
    std::optional<std::string> city_state;
    std::optional<std::string> customer_preferred_language;
    std::string audio_url; // stable locator
    int duration_seconds = 0;
    Time call_timestamp;
    std::string call_context;
    std::optional<std::string> primary_issue_category;
    std::optional<std::string> agent_manual_note;
    std::string processing_status;
    std::optional<std::string> failure_code;
    std::optional<std::string> external_id;
    std::optional<std::string> metadata_json;
    std::string channel_map;
    std::string language;
    std::string filename;
    std::vector<std::string> flags;
    std::optional<TranscriptId> current_transcript_id;
    std::optional<EvaluationId> current_evaluation_id;
    Time created_at;
    Time updated_at;
};

} // namespace hs
