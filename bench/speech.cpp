/// Measures the embedded speech engine on a corpus: word errors, speed, key phrases, memory.
///
///     bench_speech [--binaries FOLDER] [--corpus FOLDER] [--models FOLDER] [--only TEXT]
///                  [--part N --parts M] [--phrases FILE]
///
/// Prints one line a call and a summary per band. The language model knows the phrases of
/// scorecards/vocabulary and the brand; never a sentence of the corpus.
#include <algorithm>
#include <array>
#include <chrono>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <map>
#include <sstream>
#include <string>
#include <vector>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/use_future.hpp>
#include <boost/json.hpp>
#include <fcntl.h>
#include <fmt/format.h>
#include <sys/resource.h>

#include "audio/audio.hpp"
#include "base/files.hpp"
#include "providers/stt/embedded.hpp"

namespace {

using namespace hs;

/// Script phrases that a scorecard of any trade asks for.
constexpr std::array spotted_phrases{"thank you for calling",
                                     "how may i help you",
                                     "how can i help you",
                                     "my name is",
                                     "you are speaking with",
                                     "registered mobile number",
                                     "may i have your name",
                                     "verify your account",
                                     "i am sorry",
                                     "i apologise for the inconvenience",
                                     "i understand your concern",
                                     "please hold the line",
                                     "put you on hold",
                                     "thank you for holding",
                                     "thank you for waiting",
                                     "five to seven working days",
                                     "is there anything else",
                                     "anything else i can help you with",
                                     "have a nice day",
                                     "have a good day",
                                     "you are welcome",
                                     "are you safe",
                                     "move away from the vehicle",
                                     "consumer court",
                                     "speak to your manager"};

struct Settings {
    std::filesystem::path binaries = HS_BINARY_DIR;
    std::filesystem::path corpus = HS_SOURCE_DIR "/tests/data/corpus";
    std::filesystem::path models = "/usr/share/pocketsphinx/model/en-us";
    std::filesystem::path phrases; // of the request besides those spotted, one a line
    std::string only;
    std::size_t part = 0; // of `parts`: several processes can share the work
    std::size_t parts = 1;
};

struct Errors {
    std::size_t wrong = 0;
    std::size_t words = 0;

    void add(const Errors& other) {
        wrong += other.wrong;
        words += other.words;
    }

    [[nodiscard]] double rate() const {
        return words == 0 ? 0 : 100.0 * static_cast<double>(wrong) / static_cast<double>(words);
    }
};

struct Spotting {
    int said = 0;
    int hits = 0;
    int right = 0;
};

struct Totals {
    std::map<std::string, Errors> bands;
    Spotting spotting;
    double audio_seconds = 0;
    /// Confidence in tenths: how many words, how many of them right.
    std::array<std::pair<int, int>, 10> calibration{};
};

std::vector<std::string> folded_words(std::string_view text) {
    std::vector<std::string> words;
    std::string word;
    for (const char c : std::string(text) + " ") {
        const auto byte = static_cast<unsigned char>(c);
        if (std::isalnum(byte) != 0 || c == '\'') {
            word += static_cast<char>(std::tolower(byte));
        } else if (!word.empty()) {
            words.push_back(std::move(word));
            word.clear();
        }
    }
    return words;
}

/// Which heard words are right under a least-cost alignment, and that cost.
struct Alignment {
    std::size_t cost = 0;
    std::vector<bool> right;
};

Alignment align(const std::vector<std::string>& said, const std::vector<std::string>& heard) {
    const std::size_t rows = said.size() + 1;
    const std::size_t columns = heard.size() + 1;
    std::vector<std::vector<std::size_t>> cost(rows, std::vector<std::size_t>(columns));
    for (std::size_t i = 0; i < rows; ++i)
        for (std::size_t j = 0; j < columns; ++j) {
            if (i == 0 || j == 0) {
                cost[i][j] = i + j;
                continue;
            }
            const std::size_t swap = cost[i - 1][j - 1] + (said[i - 1] == heard[j - 1] ? 0 : 1);
            cost[i][j] = std::min({swap, cost[i - 1][j] + 1, cost[i][j - 1] + 1});
        }
    Alignment out{cost[rows - 1][columns - 1], std::vector<bool>(heard.size())};
    for (std::size_t i = rows - 1, j = columns - 1; i > 0 && j > 0;) {
        const bool same = said[i - 1] == heard[j - 1];
        if (cost[i][j] == cost[i - 1][j - 1] + (same ? 0 : 1)) {
            out.right[j - 1] = same;
            --i;
            --j;
        } else if (cost[i][j] == cost[i - 1][j] + 1) {
            --i;
        } else {
            --j;
        }
    }
    return out;
}

bool contains(const std::vector<std::string>& words, const std::vector<std::string>& phrase) {
    return !std::ranges::search(words, phrase).empty();
}

struct SaidTurn {
    std::string speaker;
    double start = 0;
    double end = 0;
    std::vector<std::string> words;
};

std::vector<SaidTurn> turns_of(const boost::json::object& call) {
    std::vector<SaidTurn> turns;
    for (const auto& turn : call.at("transcript").as_array())
        turns.push_back({turn.at("speaker").as_string().c_str(),
                         turn.at("start").to_number<double>(),
                         turn.at("end").to_number<double>(),
                         folded_words(turn.at("text").as_string())});
    return turns;
}

/// The corpus puts the agent on the left channel; a mixed track holds everybody.
bool on_track(const SaidTurn& turn, const std::string& track) {
    return track == "mix" || (turn.speaker == "agent") == (track == "ch0");
}

Errors count_words(const std::vector<SaidTurn>& turns,
                   const providers::Speech& speech,
                   const std::string& track,
                   Totals& totals) {
    std::vector<std::string> said;
    for (const SaidTurn& turn : turns)
        if (on_track(turn, track)) said.insert(said.end(), turn.words.begin(), turn.words.end());
    std::vector<std::string> heard;
    std::vector<double> confidences;
    for (const auto& utterance : speech.utterances) {
        if (utterance.track != track) continue;
        for (const Word& word : utterance.words) {
            heard.push_back(word.text);
            confidences.push_back(word.confidence);
        }
    }
    const Alignment aligned = align(said, heard);
    for (std::size_t i = 0; i < heard.size(); ++i) {
        const auto bin = std::min<std::size_t>(9, static_cast<std::size_t>(confidences[i] * 10));
        ++totals.calibration[bin].first;
        totals.calibration[bin].second += aligned.right[i] ? 1 : 0;
    }
    return {aligned.cost, said.size()};
}

void count_phrases(const std::vector<SaidTurn>& turns,
                   const providers::Speech& speech,
                   Spotting& spotting,
                   bool verbose) {
    for (const char* phrase : spotted_phrases) {
        const auto words = folded_words(phrase);
        std::vector<bool> found(turns.size());
        for (const SpottedPhrase& hit : speech.spotted) {
            if (hit.phrase != phrase) continue;
            ++spotting.hits;
            const double at = (hit.start_ms + hit.end_ms) / 2000.0;
            bool right = false;
            for (std::size_t i = 0; i < turns.size(); ++i) {
                if (at < turns[i].start - 0.3 || at > turns[i].end + 0.3) continue;
                if (!contains(turns[i].words, words)) continue;
                right = true;
                found[i] = true;
            }
            spotting.right += right ? 1 : 0;
            if (verbose && !right) fmt::print("    false: {} at {:.1f}\n", phrase, at);
        }
        for (std::size_t i = 0; i < turns.size(); ++i)
            if (contains(turns[i].words, words)) {
                ++spotting.said;
                if (verbose && !found[i]) fmt::print("    missed: {}\n", phrase);
            }
    }
    // Recall counts turns, precision counts hits.
}

Result<providers::Speech>
hear(const Settings& settings, providers::EmbeddedSpeech& engine, audio::Decoded& decoded) {
    providers::SpeechRequest request;
    for (std::size_t i = 0; i < decoded.tracks.size(); ++i)
        request.tracks.push_back({decoded.tracks[i].name,
                                  std::make_shared<const std::vector<std::int16_t>>(
                                      std::move(decoded.tracks[i].samples)),
                                  decoded.facts.channel_facts[i].speech});
    request.phrases = {"swift volt"};
    request.phrases.insert(request.phrases.end(), spotted_phrases.begin(), spotted_phrases.end());
    std::ifstream more(settings.phrases);
    for (std::string line; std::getline(more, line);)
        request.phrases.push_back(line);
    boost::asio::io_context io;
    auto result =
        boost::asio::co_spawn(io, engine.transcribe(std::move(request)), boost::asio::use_future);
    io.run();
    return result.get();
}

std::string band_of(const boost::json::object& call, const audio::Decoded& decoded) {
    if (call.at("noise").to_number<double>() > 0.01) return "noisy 8 kHz";
    return decoded.facts.sample_rate <= 8000 ? "8 kHz" : "16 kHz";
}

void measure(const Settings& settings,
             const boost::json::object& call,
             providers::EmbeddedSpeech& engine,
             Totals& totals) {
    const std::string id = call.at("id").as_string().c_str();
    const auto path = settings.corpus / call.at("file").as_string().c_str();
    const Fd file(::open(path.c_str(), O_RDONLY | O_CLOEXEC));
    auto decoded = audio::Decoder(settings.binaries / "hacksmart-decode").decode(file.get(), {});
    if (!decoded) {
        fmt::print("{:26} {}\n", id, decoded.error().message);
        return;
    }
    const double seconds = decoded->facts.duration_ms / 1000.0;
    const auto begin = std::chrono::steady_clock::now();
    const auto speech = hear(settings, engine, *decoded);
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    if (!speech) {
        fmt::print("{:26} {}\n", id, speech.error().message);
        return;
    }
    const auto turns = turns_of(call);
    Errors errors;
    for (const auto& track : decoded->tracks)
        errors.add(count_words(turns, *speech, track.name, totals));
    count_phrases(turns, *speech, totals.spotting, !settings.only.empty());
    const std::string band = band_of(call, *decoded);
    totals.bands[band].add(errors);
    totals.audio_seconds += seconds;
    fmt::print("{:26} {:12} {} track(s) WER {:5.1f} % of {:3} words, {:.2f} x real time\n",
               id,
               band,
               decoded->tracks.size(),
               errors.rate(),
               errors.words,
               took.count() / seconds);
    std::fflush(stdout);
    if (!settings.only.empty())
        for (const auto& utterance : speech->utterances)
            fmt::print("    {:6.2f} {} ({:.2f}) {}\n",
                       utterance.start_ms / 1000.0,
                       utterance.track,
                       utterance.confidence,
                       utterance.text);
}

void print_summary(const Totals& totals) {
    for (const auto& [band, errors] : totals.bands)
        fmt::print("WER {:12} {:5.1f} % of {} words\n", band, errors.rate(), errors.words);
    const Spotting& spotting = totals.spotting;
    fmt::print("key phrases: said in {} turns, {} hits, {} of them right\n",
               spotting.said,
               spotting.hits,
               spotting.right);
    for (std::size_t bin = 0; bin < totals.calibration.size(); ++bin) {
        const auto [all, right] = totals.calibration[bin];
        if (all > 0)
            fmt::print("confidence {:.1f}-{:.1f}: {:4} words, {:5.1f} % right\n",
                       0.1 * double(bin),
                       0.1 * double(bin + 1),
                       all,
                       100.0 * right / all);
    }
    rusage children{};
    ::getrusage(RUSAGE_CHILDREN, &children);
    const double cpu = double(children.ru_utime.tv_sec + children.ru_stime.tv_sec);
    fmt::print("processor time {:.2f} of audio time, largest child {} MB\n",
               cpu / totals.audio_seconds,
               children.ru_maxrss / 1024);
}

} // namespace

int main(int count, char** arguments) {
    Settings settings;
    for (int i = 1; i + 1 < count; i += 2) {
        const std::string_view name = arguments[i];
        if (name == "--binaries") settings.binaries = arguments[i + 1];
        if (name == "--corpus") settings.corpus = arguments[i + 1];
        if (name == "--models") settings.models = arguments[i + 1];
        if (name == "--phrases") settings.phrases = arguments[i + 1];
        if (name == "--only") settings.only = arguments[i + 1];
        if (name == "--part") settings.part = std::stoul(arguments[i + 1]);
        if (name == "--parts") settings.parts = std::stoul(arguments[i + 1]);
    }
    const auto text = read_file(settings.corpus / "manifest.json");
    if (!text) {
        fmt::print(stderr, "{}\n", text.error().message);
        return 2;
    }
    Totals totals;
    {
        providers::EmbeddedOptions options;
        options.vocabulary = HS_SOURCE_DIR "/scorecards/vocabulary/en.txt";
        providers::EmbeddedSpeech engine(
            settings.binaries / "hacksmart-sphinx", settings.models, options);
        const auto manifest = boost::json::parse(*text);
        std::size_t index = 0;
        for (const auto& call : manifest.at("calls").as_array()) {
            const bool wanted = call.at("language").as_string() == "en" &&
                                std::string_view(call.at("id").as_string()).find(settings.only) !=
                                    std::string_view::npos;
            if (wanted && index++ % settings.parts == settings.part)
                measure(settings, call.as_object(), engine, totals);
        }
    } // ends the children, so that their use of the machine is known
    print_summary(totals);
    return 0;
}
