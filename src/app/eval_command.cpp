#include "app/eval_command.hpp"

#include <chrono>
#include <fstream>
#include <iostream>
#include <optional>
#include <ostream>

#include <fmt/format.h>

#include "analysis/eval/report.hpp"
#include "analysis/eval/word_errors.hpp"
#include "analysis/judge.hpp"
#include "app/commands.hpp"
#include "app/hear_recording.hpp"
#include "app/scorecard_name.hpp"
#include "base/files.hpp"

namespace hs::app {

namespace {

constexpr const char* usage =
    "usage: hacksmart eval run --dataset FOLDER|FILE [--split dev|check|all]\n"
    "           [--transcript reference|stt:ENGINE] [--scorecard KEY@VERSION]\n"
    "           [--scorecards FOLDER] [--compare BASELINE.json] [--fail-on-regression]\n"
    "           [--json OUT.json] [--reveal] [--llm off|live]\n"
    "       hacksmart eval diff A.json B.json\n";

struct Options {
    std::filesystem::path dataset;
    std::string split = "all";
    std::string engine; // empty: the transcripts of the data set
    ScorecardName scorecard;
    std::filesystem::path scorecards;
    std::filesystem::path baseline;
    std::filesystem::path json;
    bool fail_on_regression = false;
    bool reveal = false;
    bool live = false; // ask the models of LLM_CHAIN
};

bool parse_scorecard(const std::string& text, Options& options) {
    const auto name = scorecard_name(text);
    if (name) options.scorecard = *name;
    return name.has_value();
}

bool parse_transcript(const std::string& text, Options& options) {
    if (text == "reference") return true;
    if (!text.starts_with("stt:") || text.size() == 4) return false;
    options.engine = text.substr(4);
    return true;
}

bool parse_value(const std::string& name, const std::string& value, Options& options) {
    if (name == "--dataset")
        options.dataset = value;
    else if (name == "--split")
        options.split = value;
    else if (name == "--scorecards")
        options.scorecards = value;
    else if (name == "--compare")
        options.baseline = value;
    else if (name == "--json")
        options.json = value;
    else if (name == "--scorecard")
        return parse_scorecard(value, options);
    else if (name == "--transcript")
        return parse_transcript(value, options);
    else if (name == "--llm" && (value == "off" || value == "live"))
        options.live = value == "live";
    else
        return false;
    return true;
}

std::optional<Options> parse(std::span<const std::string> args) {
    Options options;
    for (std::size_t i = 0; i < args.size(); ++i) {
        if (args[i] == "--fail-on-regression") {
            options.fail_on_regression = true;
        } else if (args[i] == "--reveal") {
            options.reveal = true;
        } else if (i + 1 == args.size() || !parse_value(args[i], args[i + 1], options)) {
            return std::nullopt;
        } else {
            ++i;
        }
    }
    if (options.dataset.empty()) return std::nullopt;
    if (options.scorecards.empty()) options.scorecards = scorecard_folder();
    return options;
}

Result<json::value> read_json(const std::filesystem::path& path) {
    TRY(const auto text, read_file(path));
    return parse_json(text);
}

struct Dataset {
    std::filesystem::path folder; // of the recordings
    std::vector<analysis::LabelledCall> calls;
};

Result<Dataset> load_dataset(const Options& options) {
    std::error_code error;
    const bool folder = std::filesystem::is_directory(options.dataset, error);
    const auto file = folder ? options.dataset / "manifest.json" : options.dataset;
    TRY(const auto document, read_json(file));
    TRY(auto calls, analysis::read_dataset(document));
    if (options.split != "all")
        std::erase_if(calls, [&](const auto& call) { return call.split != options.split; });
    if (calls.empty())
        return fail(ErrorKind::invalid, "dataset.empty", "no labelled call in this split");
    return Dataset{file.parent_path(), std::move(calls)};
}

/// What a run gathers besides the points.
struct Effort {
    double judge_seconds = 0;
    analysis::WordErrors words;
    int unheard = 0; // recordings the engine could not write down
    int asked = 0;   // calls that models were asked about
    int unanswered = 0;
    double cost_usd = 0;
    std::int64_t tokens = 0;
};

/// What the program is given from outside.
struct Surroundings {
    const HearWith& hear;
    const AskModels& models;
};

/// By rules, then by models as well; a model that cannot say leaves the rules' judgement.
analysis::Judgement judged(const analysis::Judge& judge,
                           const analysis::GivenCall& call,
                           const AskModels& models,
                           Effort& effort) {
    auto judgement = judge.judge(call.transcript, call.context);
    if (!models) return judgement;
    const auto findings = models(judge.brief(call.transcript, call.context, judgement));
    if (!findings) ++effort.unanswered;
    if (!findings || !*findings) return judgement;
    ++effort.asked;
    for (const auto& share : (*findings)->use.models) {
        effort.cost_usd += share.cost_usd;
        effort.tokens += share.tokens_in + share.tokens_out;
    }
    return judge.judge(call.transcript, call.context, &**findings);
}

Result<analysis::GivenCall> call_to_judge(const Options& options,
                                          const Dataset& dataset,
                                          const analysis::LabelledCall& labelled,
                                          const HearWith& hear) {
    if (options.engine.empty()) return labelled.call;
    if (!hear)
        return fail(ErrorKind::invalid, "eval.no_engine", "this program has no speech engine");
    if (labelled.audio.empty())
        return fail(ErrorKind::invalid, "eval.no_recording", labelled.id + " has no recording");
    TRY(auto heard, hear(options.engine, dataset.folder / labelled.audio));
    auto context = labelled.call.context;
    context.audio = std::move(heard.context.audio);
    context.spotted = std::move(heard.context.spotted);
    heard.context = std::move(context);
    return heard;
}

Result<std::vector<analysis::Point>>
judge_all(const Options& options, const Dataset& dataset, Surroundings given, Effort& effort) {
    const auto models = options.live ? given.models : AskModels();
    TRY(const auto judge,
        analysis::Judge::load(
            options.scorecards, options.scorecard.key, options.scorecard.version));
    std::vector<analysis::Point> points;
    for (const auto& labelled : dataset.calls) {
        auto call = call_to_judge(options, dataset, labelled, given.hear);
        if (!call && call.error().kind == ErrorKind::invalid) return std::unexpected(call.error());
        if (!call) {
            // What could not be heard counts as open, never as left out.
            ++effort.unheard;
            analysis::add_points(labelled, {}, points);
            continue;
        }
        const auto begin = std::chrono::steady_clock::now();
        const auto judgement = judged(judge, *call, models, effort);
        const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
        effort.judge_seconds += took.count();
        if (!options.engine.empty()) {
            const auto errors = analysis::word_errors(labelled.call.transcript, call->transcript);
            effort.words.errors += errors.errors;
            effort.words.words += errors.words;
        }
        analysis::add_points(labelled, judgement.evaluation, points);
    }
    return points;
}

void print_effort(const Dataset& dataset, const Effort& effort, std::ostream& out) {
    out << fmt::format("{} calls, {:.2f} ms a call for judging, cost {:.4f} USD\n",
                       dataset.calls.size(),
                       effort.judge_seconds * 1000 / static_cast<double>(dataset.calls.size()),
                       effort.cost_usd);
    if (effort.asked + effort.unanswered > 0)
        out << fmt::format("models: {} calls answered, {} not, {} tokens\n",
                           effort.asked,
                           effort.unanswered,
                           effort.tokens);
    if (effort.words.words > 0)
        out << fmt::format("word error rate {:.3f} of {} words\n",
                           static_cast<double>(effort.words.errors) / effort.words.words,
                           effort.words.words);
    if (effort.unheard > 0) out << effort.unheard << " recordings could not be written down\n";
}

int fail_with(const Error& error, std::ostream& errors) {
    errors << error.code << ": " << error.message << '\n';
    return 2;
}

/// Prints missed gates and regressions; true when there are any.
bool print_verdict(const Options& options,
                   const analysis::Table& table,
                   const std::vector<analysis::Point>& points,
                   const analysis::Baseline& baseline,
                   std::ostream& out) {
    const auto missed = analysis::missed_gates(analysis::measures_of(table),
                                               analysis::gates_for(!options.engine.empty()),
                                               baseline.measures);
    const auto worse = analysis::regressions(baseline.points, points);
    for (const auto& line : missed)
        out << "gate missed: " << line << '\n';
    for (const auto& line : worse)
        out << "regression: " << line << '\n';
    return !missed.empty() || !worse.empty();
}

int run(std::span<const std::string> args,
        Surroundings given,
        std::ostream& out,
        std::ostream& errors) {
    const auto options = parse(args);
    if (!options || (options->live && !given.models)) {
        errors << usage;
        return 2;
    }
    const auto dataset = load_dataset(*options);
    if (!dataset) return fail_with(dataset.error(), errors);
    analysis::Baseline baseline;
    if (!options->baseline.empty()) {
        const auto document = read_json(options->baseline);
        if (!document) return fail_with(document.error(), errors);
        auto read = analysis::read_baseline(*document);
        if (!read) return fail_with(read.error(), errors);
        baseline = std::move(*read);
    }
    Effort effort;
    const auto points = judge_all(*options, *dataset, given, effort);
    if (!points) return fail_with(points.error(), errors);
    const auto table = analysis::table_of(*points);
    out << analysis::table_text(table) << '\n'
        << analysis::misses_text(*points, options->reveal) << '\n';
    print_effort(*dataset, effort, out);
    const bool bad = print_verdict(*options, table, *points, baseline, out);
    if (!options->json.empty()) {
        std::ofstream file(options->json);
        file << JsonWriter().document(analysis::report_json(table, *points, options->reveal)).take()
             << '\n';
        if (!file.flush()) {
            errors << "cannot write " << options->json.string() << '\n';
            return 2;
        }
    }
    return bad && options->fail_on_regression ? 1 : 0;
}

int diff(std::span<const std::string> files, std::ostream& out, std::ostream& errors) {
    if (files.size() != 2) {
        errors << usage;
        return 2;
    }
    std::vector<analysis::Baseline> reports;
    for (const auto& file : files) {
        const auto document = read_json(file);
        if (!document) return fail_with(document.error(), errors);
        auto report = analysis::read_baseline(*document);
        if (!report) return fail_with(report.error(), errors);
        reports.push_back(std::move(*report));
    }
    out << analysis::flips_text(reports[0], reports[1]);
    return 0;
}

} // namespace

int run_eval(std::span<const std::string> args,
             const HearWith& hear,
             std::ostream& out,
             std::ostream& errors,
             const AskModels& models) {
    if (!args.empty() && args[0] == "run")
        return run(args.subspan(1), Surroundings{hear, models}, out, errors);
    if (!args.empty() && args[0] == "diff") return diff(args.subspan(1), out, errors);
    errors << usage;
    return 2;
}

int eval_command(std::span<const std::string> args) {
    return run_eval(args, listener_on_demand(), std::cout, std::cerr, models_on_demand());
}

} // namespace hs::app
