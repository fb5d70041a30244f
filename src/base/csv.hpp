/// CSV as RFC 4180 has it: quotes, embedded line breaks, a header line.
#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace hs {

struct CsvTable {
    std::vector<std::string> header;                      // lower case, trimmed
    std::vector<std::map<std::string, std::string>> rows; // by column name
};

/// Errors: invalid "csv.invalid" naming the line: no header, uneven row, open quote, bad UTF-8.
[[nodiscard]] Result<CsvTable> parse_csv(std::string_view text);

} // namespace hs
