/// Rows of the reference implementation's tables as rows of ours: pure functions over texts.
#pragma once

#include <expected>
#include <map>
#include <optional>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"
#include "base/master_key.hpp"

namespace hs::pipeline {

/// One source row, columns as PostgreSQL writes them (times in UTC); a missing column is absent.
using SourceRow = std::map<std::string, std::optional<std::string>, std::less<>>;

/// What the bulk statement takes (store/sql/reference.sql), and what deserves to be counted.
struct MappedRow {
    json::object row; // strings and nulls
    std::vector<std::string> notes{};
};

/// Or why the row cannot come in.
using Mapped = std::expected<MappedRow, std::string>;

struct MappingContext {
    const MasterKey& keys;
    TenantId tenant;
    std::string region; // of phone numbers without a country code
};

[[nodiscard]] Mapped map_city(const SourceRow& source);
[[nodiscard]] Mapped map_agent(const SourceRow& source);
[[nodiscard]] Mapped map_call(const MappingContext& context, const SourceRow& source);
/// `source` also has call_customer_name, call_duration_seconds and call_agent_name. Transcript,
/// texts and the texts inside the JSON columns are redacted; the original transcript is sealed.
[[nodiscard]] Mapped map_judgement(const MappingContext& context, const SourceRow& source);
[[nodiscard]] Mapped map_city_insight(const SourceRow& source);

/// Keyed, because a row holds names and phone numbers.
[[nodiscard]] std::string source_hash(const MappingContext& context, const SourceRow& source);

/// The columns that are read from each table; those a source lacks are left out.
[[nodiscard]] const std::vector<std::string>& columns_of(std::string_view table);

// Shared by the two files that implement this.
[[nodiscard]] std::string
value_or(const SourceRow& source, std::string_view column, std::string fallback = "");
[[nodiscard]] std::optional<std::string> filled(const SourceRow& source, std::string_view column);
[[nodiscard]] json::value text_or_null(const std::optional<std::string>& text);
[[nodiscard]] json::value sealed_or_null(const MappingContext& context,
                                         const std::string& label,
                                         const std::optional<std::string>& plain);

} // namespace hs::pipeline
