#include "app/judge_command.hpp"

#include <algorithm>
#include <fstream>
#include <iostream>
#include <optional>
#include <ostream>
#include <vector>

#include <fmt/format.h>

#include "analysis/judge.hpp"
#include "analysis/judging/role_step.hpp"
#include "app/commands.hpp"
#include "app/hear_recording.hpp"
#include "app/scorecard_name.hpp"
#include "base/files.hpp"
#include "base/json.hpp"

namespace hs::app {

namespace {

constexpr std::uintmax_t largest_transcript = 32U << 20U;
constexpr const char* usage =
    "usage: hacksmart judge [--scorecard KEY@VERSION] [--scorecards FOLDER] [--facts]\n"
    "           [--llm off|live] FILE...\n";

struct Options {
    ScorecardName scorecard;
    std::filesystem::path folder;
    bool facts = false;
    bool live = false; // ask the models of LLM_CHAIN
    std::vector<std::string> files;
};

std::optional<Options> parse(std::span<const std::string> args) {
    Options options;
    for (std::size_t i = 0; i < args.size(); ++i) {
        const auto& arg = args[i];
        const bool has_value = i + 1 < args.size();
        if (arg == "--facts") {
            options.facts = true;
        } else if (arg == "--scorecard" && has_value) {
            const auto name = scorecard_name(args[++i]);
            if (!name) return std::nullopt;
            options.scorecard = *name;
        } else if (arg == "--scorecards" && has_value) {
            options.folder = args[++i];
        } else if (arg == "--llm" && has_value) {
            const auto& how = args[++i];
            if (how != "off" && how != "live") return std::nullopt;
            options.live = how == "live";
        } else if (arg.starts_with("--")) {
            return std::nullopt;
        } else {
            options.files.push_back(arg);
        }
    }
    if (options.files.empty()) return std::nullopt;
    if (options.folder.empty()) options.folder = scorecard_folder();
    return options;
}

/// By content, not by name.
bool holds_transcript(const std::filesystem::path& file) {
    std::ifstream in(file, std::ios::binary);
    std::string beginning(1024, '\0');
    in.read(beginning.data(), static_cast<std::streamsize>(beginning.size()));
    beginning.resize(static_cast<std::size_t>(in.gcount()));
    return analysis::looks_like_transcript(beginning);
}

Result<analysis::GivenCall> read_call(const std::string& file, const HearRecording& hear) {
    std::error_code error;
    if (!std::filesystem::is_regular_file(file, error))
        return fail(ErrorKind::not_found, "file.missing", "there is no such file");
    if (!holds_transcript(file)) {
        if (hear) return hear(file);
        return fail(ErrorKind::invalid,
                    "judge.transcript_expected",
                    "neither a transcript nor a recording that can be heard");
    }
    if (std::filesystem::file_size(file, error) > largest_transcript)
        return fail(ErrorKind::too_large, "transcript.too_large", "over 32 MiB");
    TRY(const auto text, read_file(file));
    return analysis::read_given_text(text);
}

json::object facts_of(const analysis::GivenCall& call) {
    const auto transcript = analysis::assign_roles(call.transcript, {});
    json::object out;
    if (call.context.audio) {
        out["layout"] = to_string(call.context.audio->layout);
        out["layout_confidence"] = round_half_away(call.context.audio->layout_confidence, 2);
    } else {
        out["layout"] = nullptr;
    }
    json::array roles;
    std::vector<std::string> seen;
    for (const auto& turn : transcript.turns) {
        if (std::find(seen.begin(), seen.end(), turn.speaker) != seen.end()) continue;
        seen.push_back(turn.speaker);
        roles.push_back(json::object{{"speaker", turn.speaker}, {"role", to_string(turn.role)}});
    }
    out["roles"] = std::move(roles);
    out["role_confidence"] = round_half_away(transcript.role_confidence, 2);
    out["turns"] = transcript.turns.size();
    return out;
}

void print(std::ostream& out, const std::string& file, const json::object& fields) {
    json::object line{{"file", file}};
    for (const auto& field : fields)
        line[field.key()] = field.value();
    out << JsonWriter().document(line).take() << '\n';
}

void print_failure(std::ostream& out, const std::string& file, const Error& error) {
    print(out,
          file,
          json::object{{"error", json::object{{"code", error.code}, {"detail", error.message}}}});
}

/// By rules and, where asked for, by models. Errors: those of asking them.
Result<analysis::Judgement>
judged(const analysis::Judge& judge, const analysis::GivenCall& call, const AskModels& models) {
    auto judgement = judge.judge(call.transcript, call.context);
    if (!models) return judgement;
    const auto brief = judge.brief(call.transcript, call.context, judgement);
    TRY(const auto findings, models(brief));
    if (!findings) return judgement;
    return judge.judge(call.transcript, call.context, &*findings);
}

bool spoken(const Transcript& transcript) {
    for (const auto& turn : transcript.turns) {
        if (!turn.words.empty()) return true;
    }
    return false;
}

} // namespace

int run_judge(std::span<const std::string> args,
              const HearRecording& hear,
              std::ostream& out,
              std::ostream& errors,
              const AskModels& models) {
    const auto options = parse(args);
    if (!options || (options->live && !models)) {
        errors << usage;
        return 2;
    }
    const auto judge =
        analysis::Judge::load(options->folder, options->scorecard.key, options->scorecard.version);
    if (!judge) {
        errors << judge.error().code << ": " << judge.error().message << '\n';
        return 2;
    }
    int status = 0;
    for (const auto& file : options->files) {
        const auto call = read_call(file, hear);
        if (!call) {
            print_failure(out, file, call.error());
            status = 1;
        } else if (options->facts) {
            print(out, file, facts_of(*call));
        } else if (!spoken(call->transcript)) {
            print_failure(
                out, file, {ErrorKind::invalid, "no_speech", "nothing was said", std::nullopt});
            status = 1;
        } else {
            const auto judgement = judged(*judge, *call, options->live ? models : AskModels());
            if (judgement) {
                print(out, file, judgement->document);
            } else {
                print_failure(out, file, judgement.error());
                status = 1;
            }
        }
    }
    return status;
}

int judge_command(std::span<const std::string> args) {
    const auto hear_with = listener_on_demand();
    const auto hear = [&](const std::filesystem::path& file) { return hear_with("", file); };
    return run_judge(args, hear, std::cout, std::cerr, models_on_demand());
}

} // namespace hs::app
