/// Takes a database of the reference implementation over, table by table, batch by batch.
///
/// Every batch is one transaction: a killed import goes on where it stopped. Rows that have not
/// changed at their source are left alone, whatever has been done with them here.
#pragma once

#include <filesystem>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "pipeline/reference_source.hpp"
#include "pipeline/services.hpp"

namespace hs::pipeline {

struct ImportOptions {
    TenantId tenant;
    std::string region = "IN";
    bool dry_run = false;
    int batch = 500;
    std::optional<std::filesystem::path> recordings; // copied from here, by file name
};

struct TableReport {
    std::string table;
    std::int64_t source = 0;
    std::int64_t added = 0;
    std::int64_t changed = 0;
    std::int64_t same = 0;
    std::int64_t gone = 0;            // imported earlier, deleted here since: not brought back
    std::vector<std::string> skipped; // ids
    std::map<std::string, std::int64_t> reasons; // of skipping
    std::map<std::string, std::int64_t> notes;   // came in, with a remark
};

struct RecordingReport {
    std::int64_t copied = 0;
    std::int64_t missing = 0;                    // no such file in the folder
    std::map<std::string, std::int64_t> refused; // by error code
};

struct CheckLine {
    std::string what;
    std::int64_t source = 0;
    std::int64_t here = 0;

    [[nodiscard]] bool holds() const { return source == here; }
};

/// One report a table, in the order cities, agents, calls, call_insights, city_insights.
Task<std::vector<TableReport>>
import_tables(const Services& services, ReferenceSource& source, ImportOptions options);

/// Copies recordings of imported calls that are still elsewhere into our store.
Task<RecordingReport> copy_recordings(const Services& services, ImportOptions options);

/// Counts and sums of the source against ours, and our rollups against our calls.
Task<std::vector<CheckLine>> check_import(const Services& services,
                                          ReferenceSource& source,
                                          TenantId tenant,
                                          std::vector<TableReport> tables);

} // namespace hs::pipeline
