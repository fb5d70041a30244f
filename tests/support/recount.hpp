/// The figures of a tenant counted anew, in C++ and from the source tables only, to hold against
/// what the database keeps. Shares nothing with the migration or the folder but table names.
#pragma once

#include <array>
#include <map>
#include <string>
#include <tuple>
#include <vector>

#include <fmt/format.h>

#include "base/text.hpp"
#include "pg/blocking.hpp"

namespace hs::test {

inline constexpr std::array figure_names = {"calls",
                                            "analysed",
                                            "provisional",
                                            "escalated",
                                            "emergencies",
                                            "seconds",
                                            "quality_count",
                                            "quality_sum",
                                            "sop_count",
                                            "sop_sum",
                                            "sentiment_count",
                                            "sentiment_sum",
                                            "resolution_count",
                                            "resolution_sum",
                                            "communication_count",
                                            "communication_sum",
                                            "priority_count",
                                            "priority_sum"};

using Figures = std::array<std::int64_t, figure_names.size()>;
/// "rollup_city month 2026-01-01 3" -> figures; cells of zeroes are left out.
using Cells = std::map<std::string, Figures>;

class Recount {
public:
    /// `connection` has to see every row (superuser).
    Recount(pg::BlockingConnection& connection, TenantId tenant)
        : connection_(connection), tenant_(tenant) {}

    /// What is wrong, in words; empty when rollups plus outbox are exact. One snapshot.
    std::vector<std::string> differences() {
        connection_.run("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY");
        const auto expected = counted();
        const auto stored = kept();
        connection_.run("COMMIT");
        std::vector<std::string> out;
        for (const auto& [cell, figures] : expected) {
            const auto found = stored.find(cell);
            if (found == stored.end())
                out.push_back(cell + " is missing");
            else if (found->second != figures)
                out.push_back(told(cell, figures, found->second));
        }
        for (const auto& [cell, figures] : stored) {
            if (!expected.contains(cell)) out.push_back(cell + " should not be there");
        }
        return out;
    }

    Cells counted() {
        read_categories();
        read_overrides();
        cells_.clear();
        const auto rows =
            run("SELECT c.id, c.agent_id, c.city_id, c.primary_issue_category AS issue, "
                "(c.call_timestamp AT TIME ZONE t.time_zone)::date::text AS day, "
                "c.duration_seconds, i.* FROM calls c JOIN tenants t ON t.id = c.tenant_id "
                "LEFT JOIN call_insights i ON i.tenant_id = c.tenant_id AND i.call_id = c.id "
                "WHERE c.tenant_id = $1");
        for (const auto row : rows)
            add_call(row);
        return without_zeroes();
    }

    Cells kept() {
        cells_.clear();
        std::string columns;
        for (const auto* name : figure_names)
            columns += fmt::format(", {}", name);
        for (const std::string table : {"agent", "city", "issue", "city_issue"}) {
            const auto key = table == "agent"   ? "agent_id::text"
                             : table == "city"  ? "city_id::text"
                             : table == "issue" ? "issue"
                                                : "city_id::text || '/' || issue";
            const auto text =
                fmt::format("SELECT grain || ' ' || bucket::text || ' ' || {} AS key{} "
                            "FROM rollup_{} WHERE tenant_id = $1",
                            key,
                            columns,
                            table);
            for (const auto row : run(text))
                add(cells_[fmt::format("rollup_{} {}", table, row.text("key"))], figures_in(row));
        }
        const auto deltas = run("SELECT agent_id, city_id, issue, day::text AS day" + columns +
                                " FROM rollup_outbox WHERE tenant_id = $1 AND day IS NOT NULL");
        for (const auto row : deltas) {
            spread(row.text("agent_id"),
                   row.text("city_id"),
                   row.text("issue"),
                   row.text("day"),
                   figures_in(row));
        }
        return without_zeroes();
    }

private:
    struct Category {
        std::string name;
        bool emergency = false;
    };

    pg::Rows run(const std::string& text) { return connection_.run(text, pg::params(tenant_)); }

    void read_categories() {
        categories_.clear();
        const auto rows = run("SELECT id, name, aliases, emergency FROM issue_categories "
                              "WHERE tenant_id = $1 ORDER BY id DESC");
        // The smaller id wins among aliases, a name wins over every alias.
        for (const auto row : rows) {
            for (const auto& alias : row.text_array("aliases"))
                categories_[name_key(alias)] = {row.text("name"), row.boolean("emergency")};
        }
        for (const auto row : rows)
            categories_[name_key(row.text("name"))] = {row.text("name"), row.boolean("emergency")};
    }

    void read_overrides() {
        overrides_.clear();
        const auto rows =
            run("SELECT call_id, field, value FROM overrides WHERE tenant_id = $1 AND "
                "withdrawn_at IS NULL ORDER BY created_at, id");
        for (const auto row : rows)
            overrides_[{row.text("call_id"), row.text("field")}] = points(row.text("value"));
    }

    /// "0.8123" -> 8123: on digits, not on floating point.
    static std::int64_t points(const std::string& text) {
        const auto dot = text.find('.');
        auto digits = dot == std::string::npos ? std::string() : text.substr(dot + 1);
        digits.resize(4, '0');
        return std::stoll(text.substr(0, dot)) * 10000 + std::stoll(digits);
    }

    void add_call(const pg::Row& row) {
        const bool analysed = !row.null("evaluation_id");
        const auto call = row.text("id");
        auto issue = row.text("issue");
        Category category{issue, false};
        if (const auto known = categories_.find(name_key(issue));
            !issue.empty() && known != categories_.end())
            category = known->second;
        Figures figures{};
        figures[0] = 1;
        figures[5] = row.null("duration_seconds") ? 0 : row.integer("duration_seconds");
        bool escalated = false;
        if (analysed) {
            figures[1] = 1;
            figures[2] = row.boolean("provisional") ? 1 : 0;
            const auto risk = overrides_.find({call, "escalation_risk"});
            escalated =
                risk == overrides_.end() ? row.boolean("escalation_risk") : risk->second > 0;
            add_scores(row, call, figures);
        }
        figures[3] = escalated ? 1 : 0;
        figures[4] = escalated || category.emergency ? 1 : 0;
        const auto agent = row.null("agent_id") ? Uuid{}.str() : row.text("agent_id");
        spread(agent,
               row.null("city_id") ? "0" : row.text("city_id"),
               category.name,
               row.text("day"),
               figures);
    }

    void add_scores(const pg::Row& row, const std::string& call, Figures& figures) {
        const std::array<std::pair<const char*, const char*>, 6> scores = {
            {{"overall_quality", "overall_quality_score"},
             {"sop_compliance", "sop_compliance_score"},
             {"sentiment_stabilization", "sentiment_stabilization_score"},
             {"resolution_validity", "resolution_validity_score"},
             {"communication", "communication_score"},
             {"coaching_priority", "coaching_priority"}}};
        for (std::size_t i = 0; i < scores.size(); ++i) {
            const auto over = overrides_.find({call, scores.at(i).first});
            const bool has = row.boolean("scored") && !row.null(scores.at(i).second);
            if (over == overrides_.end() && !has) continue;
            figures.at(6 + 2 * i) = 1;
            figures.at(7 + 2 * i) =
                over == overrides_.end() ? points(row.text(scores.at(i).second)) : over->second;
        }
    }

    void spread(const std::string& agent,
                const std::string& city,
                const std::string& issue,
                const std::string& day,
                const Figures& figures) {
        for (const auto& bucket :
             {"day " + day, "month " + day.substr(0, 7) + "-01", std::string("all 1970-01-01")}) {
            add(cells_[fmt::format("rollup_agent {} {}", bucket, agent)], figures);
            add(cells_[fmt::format("rollup_city {} {}", bucket, city)], figures);
            add(cells_[fmt::format("rollup_issue {} {}", bucket, issue)], figures);
            add(cells_[fmt::format("rollup_city_issue {} {}/{}", bucket, city, issue)], figures);
        }
    }

    static void add(Figures& to, const Figures& what) {
        for (std::size_t i = 0; i < to.size(); ++i)
            to.at(i) += what.at(i);
    }

    static Figures figures_in(const pg::Row& row) {
        Figures out{};
        for (std::size_t i = 0; i < out.size(); ++i)
            out.at(i) = row.integer(figure_names.at(i));
        return out;
    }

    Cells without_zeroes() {
        Cells out = std::move(cells_);
        std::erase_if(out, [](const auto& cell) { return cell.second == Figures{}; });
        return out;
    }

    static std::string told(const std::string& cell, const Figures& want, const Figures& have) {
        std::string out = cell;
        for (std::size_t i = 0; i < want.size(); ++i) {
            if (want.at(i) == have.at(i)) continue;
            out +=
                fmt::format(", {} is {} instead of {}", figure_names.at(i), have.at(i), want.at(i));
        }
        return out;
    }

    pg::BlockingConnection& connection_;
    TenantId tenant_;
    std::map<std::string, Category> categories_;
    std::map<std::pair<std::string, std::string>, std::int64_t> overrides_;
    Cells cells_;
};

} // namespace hs::test
