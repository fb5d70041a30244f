/// Two texts line by line: what left and what came.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/json.hpp"

namespace hs::api {

struct DiffLine {
    const char* change = "same"; // same | removed | added
    std::string text;
    int before = 0; // its number in the older text, from 1; 0: not there
    int after = 0;
};

/// The fewest changes that make `newer` of `older`; where they differ in a stretch of more than a
/// million pairs of lines, the stretch as a whole.
[[nodiscard]] std::vector<DiffLine> line_diff(std::string_view older, std::string_view newer);

/// Without the lines that are the same and farther than `context` lines from any change.
[[nodiscard]] std::vector<DiffLine> around_changes(std::vector<DiffLine> lines, int context);

/// `lines: […]` of a reply.
void write_lines(JsonWriter& json, const std::vector<DiffLine>& lines);

} // namespace hs::api
