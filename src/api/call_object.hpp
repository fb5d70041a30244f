/// CALL: the object in which the reference routes show a call (http-api 3.11), and what was said in
/// it as the analysis studio shows it (4.2).
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "api/context.hpp"
#include "base/json.hpp"
#include "store/call_views.hpp"

namespace hs::api {

/// Writes one CALL as the next value of `json`. Scores are the effective ones, missing ones 0.0.
void write_call_object(JsonWriter& json,
                       const Context& context,
                       TenantId tenant,
                       const store::CallView& view);
/// The members of a CALL into an object that is already open; more members may follow.
void write_call_members(JsonWriter& json,
                        const Context& context,
                        TenantId tenant,
                        const store::CallView& view);

/// From audio_url to scores: what a list shows of a call, members of an object that is open.
void write_call_summary(JsonWriter& json,
                        const Context& context,
                        TenantId tenant,
                        const store::CallView& view);

/// What was said in a call, read from the document of its current evaluation (redacted words).
class SpokenCall {
public:
    /// `document_json` empty: nothing is known, every list is empty.
    explicit SpokenCall(const std::string& document_json, bool escalated);

    void write_transcript(JsonWriter& json) const;     ///< array as next value
    void write_sop_checks(JsonWriter& json) const;     ///< array as next value
    void write_ai_suggestions(JsonWriter& json) const; ///< array as next value
    /// The words that raised the escalation, else the first critical turn.
    [[nodiscard]] std::optional<std::string> critical_snippet() const;

private:
    [[nodiscard]] const json::object* grave_deviation(const json::object& turn) const;
    [[nodiscard]] bool is_critical(const json::object& turn) const;

    json::object document_;
    std::int64_t cause_turn_ = 0; // 0: nothing was flagged
    std::string cause_quote_;
};

} // namespace hs::api
