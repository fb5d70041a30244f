#include "base/csv.hpp"

#include <fmt/format.h>

#include "base/text.hpp"

namespace hs {

namespace {

struct Record {
    std::vector<std::string> cells;
    int line = 1;
};

std::unexpected<Error> wrong(int line, std::string_view what) {
    return fail(ErrorKind::invalid, "csv.invalid", fmt::format("line {}: {}", line, what));
}

/// Splits the text into records; quoted cells may hold commas, quotes ("") and line breaks.
Result<std::vector<Record>> records_of(std::string_view text) {
    std::vector<Record> records;
    Record record;
    std::string cell;
    bool quoted = false;
    int line = 1;
    const auto end_cell = [&] { record.cells.push_back(std::exchange(cell, {})); };
    const auto end_record = [&] {
        end_cell();
        const bool blank = record.cells.size() == 1 && trim(record.cells.front()).empty();
        if (!blank) records.push_back(std::move(record));
        record = Record{{}, line};
    };
    for (std::size_t i = 0; i < text.size(); ++i) {
        const char c = text[i];
        if (c == '\n') ++line;
        if (quoted) {
            if (c != '"') {
                cell += c;
            } else if (i + 1 < text.size() && text[i + 1] == '"') {
                cell += '"';
                ++i;
            } else {
                quoted = false;
            }
        } else if (c == '"' && cell.empty()) {
            quoted = true;
        } else if (c == ',') {
            end_cell();
        } else if (c == '\n') {
            end_record();
        } else if (c != '\r') {
            cell += c;
        }
    }
    if (quoted) return wrong(record.line, "a quote is not closed");
    if (!cell.empty() || !record.cells.empty()) end_record();
    return records;
}

} // namespace

Result<CsvTable> parse_csv(std::string_view text) {
    if (text.starts_with("\xEF\xBB\xBF")) text.remove_prefix(3);
    if (!valid_utf8(text)) return wrong(1, "the file is not UTF-8");
    TRY(const auto records, records_of(text));
    if (records.empty()) return wrong(1, "a header line is missing");
    CsvTable table;
    for (const auto& name : records.front().cells)
        table.header.push_back(to_lower(trim(name)));
    for (std::size_t i = 1; i < records.size(); ++i) {
        const auto& record = records[i];
        if (record.cells.size() != table.header.size()) {
            return wrong(record.line,
                         fmt::format("{} cells where the header has {}",
                                     record.cells.size(),
                                     table.header.size()));
        }
        std::map<std::string, std::string> row;
        for (std::size_t column = 0; column < table.header.size(); ++column) {
            row[table.header[column]] = std::string(trim(record.cells[column]));
        }
        table.rows.push_back(std::move(row));
    }
    return table;
}

} // namespace hs
