#include "api/line_diff.hpp"

#include <algorithm>
#include <cstdint>

#include "base/text.hpp"

namespace hs::api {

namespace {

using Lines = std::vector<std::string_view>;

/// Beyond this many pairs of lines a table of them takes longer than a reader's patience with it.
constexpr std::size_t most_pairs = 1'000'000;

std::vector<std::uint32_t> common_lengths(const Lines& a, const Lines& b) {
    const auto width = b.size() + 1;
    std::vector<std::uint32_t> table((a.size() + 1) * width, 0);
    for (std::size_t i = a.size(); i-- > 0;)
        for (std::size_t j = b.size(); j-- > 0;)
            table[i * width + j] =
                a[i] == b[j] ? table[(i + 1) * width + j + 1] + 1
                             : std::max(table[(i + 1) * width + j], table[i * width + j + 1]);
    return table;
}

void add_all(std::vector<DiffLine>& out, const char* change, const Lines& lines, std::size_t from) {
    for (std::size_t i = from; i < lines.size(); ++i)
        out.push_back({change, std::string(lines[i]), 0, 0});
}

/// Removals before additions where both stand in one place.
void add_changes(std::vector<DiffLine>& out, const Lines& a, const Lines& b) {
    std::size_t i = 0;
    std::size_t j = 0;
    if (a.size() * b.size() <= most_pairs) {
        const auto table = common_lengths(a, b);
        const auto width = b.size() + 1;
        while (i < a.size() && j < b.size()) {
            if (a[i] == b[j]) {
                out.push_back({"same", std::string(a[i]), 0, 0});
                ++i;
                ++j;
            } else if (table[(i + 1) * width + j] >= table[i * width + j + 1]) {
                out.push_back({"removed", std::string(a[i++]), 0, 0});
            } else {
                out.push_back({"added", std::string(b[j++]), 0, 0});
            }
        }
    }
    add_all(out, "removed", a, i);
    add_all(out, "added", b, j);
}

void number(std::vector<DiffLine>& lines) {
    int before = 0;
    int after = 0;
    for (auto& line : lines) {
        const std::string_view change = line.change;
        if (change != "added") line.before = ++before;
        if (change != "removed") line.after = ++after;
    }
}

bool same(const DiffLine& line) {
    return std::string_view(line.change) == "same";
}

Lines lines_of(std::string_view text) {
    const auto parts = split(text, '\n');
    return {parts.begin(), parts.end()};
}

} // namespace

std::vector<DiffLine> line_diff(std::string_view older, std::string_view newer) {
    auto a = lines_of(older);
    auto b = lines_of(newer);
    std::vector<DiffLine> out;
    const auto [end_a, end_b] = std::ranges::mismatch(a, b);
    const auto head = end_a - a.begin();
    for (auto line = a.begin(); line != end_a; ++line)
        out.push_back({"same", std::string(*line), 0, 0});
    a.erase(a.begin(), a.begin() + head);
    b.erase(b.begin(), b.begin() + head);
    Lines tail;
    while (!a.empty() && !b.empty() && a.back() == b.back()) {
        tail.push_back(a.back());
        a.pop_back();
        b.pop_back();
    }
    add_changes(out, a, b);
    std::ranges::reverse(tail);
    add_all(out, "same", tail, 0);
    number(out);
    return out;
}

std::vector<DiffLine> around_changes(std::vector<DiffLine> lines, int context) {
    const auto count = static_cast<int>(lines.size());
    std::vector<bool> near(lines.size(), false);
    for (int i = 0; i < count; ++i) {
        if (same(lines[static_cast<std::size_t>(i)])) continue;
        for (int j = std::max(0, i - context); j <= std::min(count - 1, i + context); ++j)
            near[static_cast<std::size_t>(j)] = true;
    }
    std::vector<DiffLine> out;
    for (std::size_t i = 0; i < lines.size(); ++i)
        if (near[i]) out.push_back(std::move(lines[i]));
    return out;
}

void write_lines(JsonWriter& json, const std::vector<DiffLine>& lines) {
    json.key("lines").begin_array();
    for (const auto& line : lines) {
        json.begin_object().field("change", line.change).key("before");
        line.before > 0 ? json.integer(line.before) : json.null();
        json.key("after");
        line.after > 0 ? json.integer(line.after) : json.null();
        json.field("text", line.text).end_object();
    }
    json.end_array();
}

} // namespace hs::api
