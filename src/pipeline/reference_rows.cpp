#include "pipeline/reference_rows.hpp"

#include <algorithm>
#include <charconv>

#include <fmt/format.h>

#include "base/text.hpp"
#include "domain/call.hpp"
#include "domain/phone.hpp"

namespace hs::pipeline {

namespace {

std::unexpected<std::string> skip(std::string reason) {
    return std::unexpected(std::move(reason));
}

std::optional<std::string>
too_long(const SourceRow& source, std::string_view column, std::size_t most) {
    const auto text = filled(source, column);
    if (!text || character_count(*text) <= most) return std::nullopt;
    return fmt::format("{} longer than {} characters", column, most);
}

std::optional<long> whole_number(const std::optional<std::string>& text) {
    if (!text) return std::nullopt;
    long number = 0;
    const auto [end, error] = std::from_chars(text->data(), text->data() + text->size(), number);
    if (error != std::errc{} || end != text->data() + text->size()) return std::nullopt;
    return number;
}

/// An array of JSON, or an empty one; what is no array is noted.
json::value array_text(const SourceRow& source, std::string_view column, MappedRow& out) {
    const auto text = filled(source, column);
    if (!text) return "[]";
    const auto parsed = parse_json(*text);
    if (parsed && parsed->is_array()) return json::value(*text);
    out.notes.push_back(fmt::format("{} is no array: left empty", column));
    return "[]";
}

/// The last part of the path of an address, without its query.
std::string file_name_of(std::string_view url) {
    url = url.substr(0, url.find_first_of("?#"));
    const auto slash = url.find_last_of('/');
    if (slash != std::string_view::npos) url.remove_prefix(slash + 1);
    return std::string(truncate_utf8(url, 255));
}

/// Status of a call whose recording is not here: what waits for it cannot go on.
void put_status(const SourceRow& source, MappedRow& out) {
    auto status = value_or(source, "processing_status", "pending");
    json::value code = nullptr;
    if (status == "failed") code = "reference.failed";
    if (status == "pending" || status == "transcribed") {
        out.notes.push_back(status + ": waits for its recording, see --copy-audio");
        status = "failed";
        code = "audio.unavailable";
    }
    out.row["processing_status"] = status;
    out.row["failure_code"] = code;
}

void put_customer(const MappingContext& context, const SourceRow& source, MappedRow& out) {
    const auto id = value_or(source, "id");
    const auto name = filled(source, "customer_name");
    out.row["customer_name"] = sealed_or_null(context, "calls.customer_name:" + id, name);
    auto phone = filled(source, "customer_phone");
    out.row["phone_token"] = nullptr;
    if (phone) {
        const auto number = e164(*phone, context.region);
        if (number) {
            const auto key = context.keys.phone_token_key(context.tenant);
            out.row["phone_token"] = hex(hmac_sha256(key, bytes_of(*number)));
            phone = number;
        } else {
            out.notes.emplace_back("customer_phone is no phone number: sealed as it is");
        }
    }
    out.row["customer_phone"] = sealed_or_null(context, "calls.customer_phone:" + id, phone);
}

std::optional<std::string> fault_of_call(const SourceRow& source) {
    const auto call_context = value_or(source, "call_context");
    if (std::ranges::find(call_contexts, call_context) == call_contexts.end()) {
        return "call_context is none of the six";
    }
    const auto status = value_or(source, "processing_status", "pending");
    if (status != "pending" && status != "transcribed" && status != "analyzed" &&
        status != "failed") {
        return "processing_status is none of the four";
    }
    const auto at = value_or(source, "call_timestamp");
    if (at.empty()) return "call_timestamp is NULL";
    if (at.find("infinity") != std::string::npos || at.ends_with("BC")) {
        return "call_timestamp is no time of a call";
    }
    const auto seconds = filled(source, "duration_seconds");
    const auto number = whole_number(seconds);
    if (seconds && (!number || *number < 0)) return "duration_seconds is not a length";
    for (const auto& [column, most] : std::map<std::string, std::size_t>{
             {"customer_preferred_language", 50}, {"primary_issue_category", 50}}) {
        if (auto fault = too_long(source, column, most)) return fault;
    }
    return std::nullopt;
}

} // namespace

std::string value_or(const SourceRow& source, std::string_view column, std::string fallback) {
    return filled(source, column).value_or(std::move(fallback));
}

std::optional<std::string> filled(const SourceRow& source, std::string_view column) {
    const auto found = source.find(column);
    return found == source.end() || !found->second || found->second->empty() ? std::nullopt
                                                                             : found->second;
}

json::value text_or_null(const std::optional<std::string>& text) {
    return text ? json::value(*text) : json::value(nullptr);
}

json::value sealed_or_null(const MappingContext& context,
                           const std::string& label,
                           const std::optional<std::string>& plain) {
    if (!plain) return nullptr;
    const auto key = context.keys.tenant_key(context.tenant);
    return json::value(hex(seal_field(key, context.keys.key_id(), label, *plain)));
}

std::string source_hash(const MappingContext& context, const SourceRow& source) {
    json::object row;
    for (const auto& [column, value] : source)
        row[column] = text_or_null(value);
    const auto text = canonical_json(row);
    return hex(hmac_sha256(context.keys.phone_token_key(context.tenant), bytes_of(text)));
}

const std::vector<std::string>& columns_of(std::string_view table) {
    static const std::map<std::string, std::vector<std::string>, std::less<>> columns{
        {"cities", {"id", "name", "state"}},
        {"agents",
         {"id",
          "name",
          "employee_id",
          "languages",
          "latest_month_insight",
          "overall_insight_text",
          "latest_change_summary",
          "insight_history",
          "recent_trend_array",
          "last_insight_generated_at",
          "last_updated_at"}},
        {"calls",
         {"id",
          "agent_id",
          "city_id",
          "customer_phone",
          "customer_name",
          "customer_preferred_language",
          "audio_url",
          "duration_seconds",
          "call_timestamp",
          "call_context",
          "primary_issue_category",
          "agent_manual_note",
          "processing_status"}},
        {"call_insights",
         {"call_id",
          "transcript",
          "language_spoken",
          "sop_compliance_score",
          "sentiment_stabilization_score",
          "resolution_validity_score",
          "overall_quality_score",
          "escalation_risk",
          "why_flagged",
          "human_remarks",
          "business_insight",
          "coaching_insight",
          "communication_score",
          "coaching_priority",
          "issue_analysis",
          "resolution_analysis",
          "sop_deviations",
          "sentiment_trajectory",
          "sentiment_score",
          "escalation_score",
          "structured_annotations",
          "created_at"}},
        {"city_insights",
         {"city_id",
          "daily_ops_insight",
          "latest_month_insight",
          "overall_city_insight",
          "coaching_focus_for_city",
          "key_operational_risks",
          "insight_history",
          "last_insight_generated_at",
          "last_updated_at"}}};
    return columns.find(table)->second;
}

Mapped map_city(const SourceRow& source) {
    const auto number = whole_number(filled(source, "id"));
    if (!number || *number < 1) return skip("id is not above 0");
    const auto name = value_or(source, "name");
    if (trim(name).empty()) return skip("name is empty");
    for (const auto* column : {"name", "state"})
        if (auto fault = too_long(source, column, 100)) return skip(*fault);
    MappedRow out;
    out.row = {{"name", name},
               {"name_key", name_key(name)},
               {"state", text_or_null(filled(source, "state"))}};
    return out;
}

Mapped map_agent(const SourceRow& source) {
    const auto name = value_or(source, "name");
    if (trim(name).empty()) return skip("name is empty");
    if (auto fault = too_long(source, "name", 150)) return skip(*fault);
    if (auto fault = too_long(source, "employee_id", 50)) return skip(*fault);
    const auto employee = filled(source, "employee_id");
    MappedRow out;
    out.row = {{"name", name},
               {"name_key", name_key(name)},
               {"employee_id", text_or_null(employee)},
               {"employee_key", employee ? json::value(name_key(*employee)) : nullptr}};
    for (const auto* column : {"languages",
                               "latest_month_insight",
                               "overall_insight_text",
                               "latest_change_summary",
                               "last_insight_generated_at",
                               "last_updated_at"})
        out.row[column] = text_or_null(filled(source, column));
    for (const auto* column : {"insight_history", "recent_trend_array"})
        out.row[column] = array_text(source, column, out);
    return out;
}

Mapped map_call(const MappingContext& context, const SourceRow& source) {
    if (auto fault = fault_of_call(source)) return skip(*fault);
    MappedRow out;
    for (const auto* column : {"agent_id",
                               "city_id",
                               "customer_preferred_language",
                               "duration_seconds",
                               "call_timestamp",
                               "call_context",
                               "primary_issue_category",
                               "agent_manual_note"})
        out.row[column] = text_or_null(filled(source, column));
    const auto url = value_or(source, "audio_url");
    out.row["audio_url"] = "external:" + url;
    out.row["filename"] = file_name_of(url);
    put_customer(context, source, out);
    put_status(source, out);
    return out;
}

Mapped map_city_insight(const SourceRow& source) {
    MappedRow out;
    for (const auto* column : {"daily_ops_insight",
                               "latest_month_insight",
                               "overall_city_insight",
                               "coaching_focus_for_city",
                               "key_operational_risks",
                               "last_insight_generated_at",
                               "last_updated_at"})
        out.row[column] = text_or_null(filled(source, column));
    out.row["insight_history"] = array_text(source, "insight_history", out);
    return out;
}

} // namespace hs::pipeline
