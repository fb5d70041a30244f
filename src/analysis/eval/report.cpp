#include "analysis/eval/report.hpp"

#include <iterator>

#include <fmt/format.h>

namespace hs::analysis {

namespace {

std::string figure(const std::optional<double>& value) {
    return value ? fmt::format("{:.3f}", *value) : "-";
}

std::string interval(const std::optional<Interval>& value) {
    return value ? fmt::format("[{:.2f} {:.2f}]", value->first, value->second) : "-";
}

void add_row(std::string& out, const Line& line, bool with_kappa) {
    const auto& counts = line.counts;
    if (counts.labelled == 0) return;
    const auto of_answered =
        counts.answered == 0 ? std::nullopt : std::optional(wilson(counts.right, counts.answered));
    const bool positive = !line.positive.empty();
    const auto number = [&](int value) { return positive ? std::to_string(value) : "-"; };
    fmt::format_to(std::back_inserter(out),
                   "{:<24} {:>4} {:>4} {:>4} {:>4} {:>4} {:>6} {:>8.3f} {:>9} {:>6} {:>6} {:>9} "
                   "{:>11} {:>6} {:>13}\n",
                   line.name,
                   counts.labelled,
                   number(counts.true_positive),
                   number(counts.false_positive),
                   number(counts.false_negative),
                   number(counts.true_negative),
                   counts.labelled - counts.answered,
                   counts.coverage(),
                   positive ? figure(counts.precision()) : "-",
                   positive ? figure(counts.recall()) : "-",
                   positive ? figure(counts.f1()) : "-",
                   figure(counts.agreement()),
                   interval(of_answered),
                   with_kappa ? figure(kappa(line.items)) : "-",
                   with_kappa ? interval(kappa_interval(line.items)) : "-");
}

std::string_view text_of(const json::object& object, std::string_view key) {
    const auto* value = object.if_contains(key);
    return value != nullptr && value->is_string() ? std::string_view(value->get_string())
                                                  : std::string_view();
}

} // namespace

std::string table_text(const Table& table) {
    std::string out = fmt::format(
        "{:<24} {:>4} {:>4} {:>4} {:>4} {:>4} {:>6} {:>8} {:>9} {:>6} {:>6} {:>9} {:>11} {:>6} "
        "{:>13}\n",
        "",
        "n",
        "TP",
        "FP",
        "FN",
        "TN",
        "review",
        "coverage",
        "precision",
        "recall",
        "F1",
        "agreement",
        "Wilson 95%",
        "kappa",
        "bootstrap 95%");
    for (const auto& line : table.questions)
        add_row(out, line, true);
    add_row(out, table.sop, true);
    for (const auto& [language, line] : table.sop_by_language)
        add_row(out, line, true);
    for (const auto* line :
         {&table.escalation, &table.direction, &table.stabilisation, &table.resolution})
        add_row(out, *line, true);
    return out;
}

std::string misses_text(const std::vector<Point>& points, bool reveal) {
    std::string out;
    std::map<std::string, std::pair<int, int>> hidden; // split -> wrong, open
    for (const auto& point : points) {
        if (point.got == point.expected) continue;
        if (!reveal && point.split != "dev") {
            ++(point.got.empty() ? hidden[point.split].second : hidden[point.split].first);
            continue;
        }
        fmt::format_to(std::back_inserter(out),
                       "{} {}: expected {}, got {}{}\n",
                       point.call,
                       point.subject,
                       point.expected,
                       point.got.empty() ? "needs_review" : point.got,
                       point.quote.empty() ? "" : " \"" + point.quote + "\"");
    }
    for (const auto& [split, counts] : hidden)
        fmt::format_to(std::back_inserter(out),
                       "{}: {} wrong, {} open (counted only; --reveal lists them)\n",
                       split,
                       counts.first,
                       counts.second);
    return out;
}

json::object report_json(const Table& table, const std::vector<Point>& points, bool reveal) {
    json::object measures;
    for (const auto& [name, value] : measures_of(table))
        measures[name] = round_half_away(value, 6);
    json::array list;
    for (const auto& point : points) {
        json::object item{{"call", point.call},
                          {"language", point.language},
                          {"split", point.split},
                          {"subject", point.subject},
                          {"expected", point.expected},
                          {"got", point.got}};
        if ((reveal || point.split == "dev") && !point.quote.empty()) item["quote"] = point.quote;
        list.push_back(std::move(item));
    }
    return {{"measures", std::move(measures)}, {"points", std::move(list)}};
}

Result<Baseline> read_baseline(const json::value& document) {
    const auto* object = document.if_object();
    const auto* measures = object == nullptr ? nullptr : object->if_contains("measures");
    const auto* points = object == nullptr ? nullptr : object->if_contains("points");
    if (measures == nullptr || !measures->is_object() || points == nullptr || !points->is_array())
        return fail(ErrorKind::invalid, "baseline.invalid", "not a report of eval run");
    Baseline baseline;
    for (const auto& item : measures->get_object())
        if (item.value().is_number())
            baseline.measures[item.key()] = item.value().to_number<double>();
    for (const auto& item : points->get_array()) {
        if (!item.is_object())
            return fail(ErrorKind::invalid, "baseline.invalid", "a point is an object");
        const auto& point = item.get_object();
        const auto text = [&](std::string_view key) { return std::string(text_of(point, key)); };
        baseline.points.push_back({text("call"),
                                   text("language"),
                                   text("split"),
                                   text("subject"),
                                   text("expected"),
                                   text("got"),
                                   text("quote")});
    }
    return baseline;
}

std::string flips_text(const Baseline& before, const Baseline& now) {
    std::map<std::pair<std::string, std::string>, const Point*> earlier;
    for (const auto& point : before.points)
        earlier[{point.call, point.subject}] = &point;
    std::string out;
    int flips = 0;
    int common = 0;
    const auto shown = [](const Point& point) {
        const auto state = point.got.empty() ? std::string("needs_review") : point.got;
        return point.quote.empty() ? state : fmt::format("{} \"{}\"", state, point.quote);
    };
    for (const auto& point : now.points) {
        const auto found = earlier.find({point.call, point.subject});
        if (found == earlier.end()) continue;
        ++common;
        if (found->second->got == point.got) continue;
        ++flips;
        fmt::format_to(std::back_inserter(out),
                       "{} {}: {} -> {} (expected {})\n",
                       point.call,
                       point.subject,
                       shown(*found->second),
                       shown(point),
                       point.expected);
    }
    fmt::format_to(std::back_inserter(out),
                   "{} of {} answers changed (flip rate {:.4f})\n",
                   flips,
                   common,
                   common == 0 ? 0.0 : static_cast<double>(flips) / common);
    return out;
}

} // namespace hs::analysis
