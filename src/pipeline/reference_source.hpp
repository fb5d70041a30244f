/// A database of the reference implementation, read in pages within one snapshot.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "pg/blocking.hpp"
#include "pipeline/reference_rows.hpp"
#include "store/reference.hpp"

namespace hs::pipeline {

class ReferenceSource {
public:
    /// Errors: unavailable "database.unavailable"; invalid "reference.not_one" when its five tables
    /// are not there, or it is a database of this program.
    [[nodiscard]] static Result<ReferenceSource> open(const std::string& url);

    [[nodiscard]] std::int64_t count(std::string_view table);
    /// Rows with a key after `after` (empty: from the first), in order of the key.
    [[nodiscard]] std::vector<SourceRow>
    page(std::string_view table, const std::string& after, int limit);

    /// Sums by agent or city over its own tables, as store::imported_sums has them. Rows that did
    /// not come in are left out: calls, judgements, agents and cities by id.
    struct LeftOut {
        std::vector<std::string> calls;
        std::vector<std::string> judgements;
        std::vector<std::string> groups;
    };

    [[nodiscard]] std::vector<store::GroupSums> sums(bool by_city, const LeftOut& left_out);
    /// Agents whose stored total differs from their calls: the source's own books.
    [[nodiscard]] std::int64_t stale_totals();

    [[nodiscard]] static std::string_view key_of(std::string_view table);

private:
    explicit ReferenceSource(pg::BlockingConnection connection)
        : connection_(std::move(connection)) {}

    Result<void> look();
    [[nodiscard]] bool has(std::string_view table, std::string_view column) const;
    [[nodiscard]] std::string read_column(std::string_view table, const std::string& column) const;
    [[nodiscard]] std::string select_list(std::string_view table) const;

    pg::BlockingConnection connection_;
    std::map<std::string, std::map<std::string, std::string>, std::less<>>
        types_; // by table, column
};

} // namespace hs::pipeline
