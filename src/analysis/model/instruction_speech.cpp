#include "analysis/model/instruction_speech.hpp"

#include <algorithm>
#include <array>
#include <set>
#include <stdexcept>
#include <string>

#include "analysis/rules/rulebook.hpp"
#include "analysis/text/tokens.hpp"

namespace hs::analysis {

namespace {

// Written in the rule language, so that Hindi is found in either script. Each names both a demand
// and something only a judge has: marks, a prompt, questions that pass.
constexpr std::array demands{
    R"("ignore|disregard|forget|bypass|override|andekha|nazarandaz instruction*|rules|prompt*|guidelines|criteria|nirdesh"/6)",
    R"("instruction*|nirdesh*|hidayat*|prompt*|निर्देश*|हिदायत* andekha|nazarandaz|ignore|bhool|bhul|अनदेखा|नज़रअंदाज़|इग्नोर|भूल"/5)",
    R"("previous|above|prior|earlier instruction*|prompt*"/1)",
    R"("full marks")",
    R"("give|award|assign|grant|set|record|enter full|maximum|perfect|highest|top|hundred marks|score*|points|rating*|grade*"/6)",
    R"("poore|pure|full|पूरे|पूरा|फुल marks|ank|score|अंक|मार्क्स|स्कोर do|dena|dijiye|de|दो|देना|दीजिए|दे"/3)",
    R"("mark|score|rate|grade|answer everything|all|every|each|questions|sab|sabhi pass|passed|compliant|correct"/6)",
    R"("sab|sabhi|saare|सब|सभी|सारे question*|sawal|check*|सवाल pass|पास"/4)",
    R"("system|developer|assistant prompt|message|instruction*|mode"/1)",
    R"("you are an|a|now ai|evaluator|auditor|grader|judge|llm"/3)",
    R"("dear|hello|hey|attention|note evaluator|auditor|grader|llm|chatgpt|gpt|ai"/2)",
    R"("output|return|respond|reply|answer json|pass"/3)",
    R"("as|the quality evaluator|auditor|judge|model must|should|will|has pass|mark|score|give"/4)",
    R"("score|marks|points|rating* every|all|each question*|check*|sawal*"/4)",
    R"("jailbreak|prompt injection")"};

struct Demands {
    Demands() : book(Rulebook::compile({}, {})) {
        for (const auto* pattern : demands) {
            const auto id = book.add_expression("[any, negated ok] " + std::string(pattern));
            // The patterns are ours: one that does not compile is a mistake of this file.
            if (!id) throw std::logic_error(id.error().message);
            ids.push_back(*id);
        }
    }

    Rulebook book;
    std::vector<ExpressionId> ids;
};

const Demands& compiled() {
    static const Demands once;
    return once;
}

/// Nobody says such a word: text that was encoded to be read past.
bool encoded(std::string_view word) {
    constexpr std::size_t fewest = 24;
    if (word.size() < fewest) return false;
    bool lower = false;
    bool upper = false;
    bool digit = false;
    for (const char c : word) {
        lower = lower || (c >= 'a' && c <= 'z');
        upper = upper || (c >= 'A' && c <= 'Z');
        digit = digit || (c >= '0' && c <= '9');
        const auto byte = static_cast<unsigned char>(c);
        if (byte >= 0x80U || c == '[' || c == ']') return false;
    }
    return lower && upper && digit;
}

std::set<int> found_in(const Transcript& transcript) {
    std::set<int> turns;
    const auto words = tokenise(transcript);
    RuleRun run(compiled().book, RuleInputs{transcript, words, nullptr, nullptr, {}, nullptr});
    for (const auto id : compiled().ids)
        for (const auto& span : run.evaluate(id).spans)
            turns.insert(span.turn);
    for (const auto& turn : transcript.turns)
        for (const auto& word : turn.words)
            if (encoded(word.text)) turns.insert(turn.index);
    return turns;
}

/// The next turn of the same speaker, when hardly anything was said between; else null.
const Turn* continuation(const Transcript& transcript, std::size_t at) {
    constexpr std::size_t reach = 2;
    for (auto i = at + 1; i < transcript.turns.size() && i <= at + reach; ++i)
        if (transcript.turns[i].role == transcript.turns[at].role) return &transcript.turns[i];
    return nullptr;
}

/// Every turn followed by the speaker's next one, as if nothing was said between.
Transcript run_on(const Transcript& transcript) {
    auto out = transcript;
    for (std::size_t i = 0; i < out.turns.size(); ++i) {
        const auto* next = continuation(transcript, i);
        if (next == nullptr) continue;
        auto& turn = out.turns[i];
        turn.text += " " + next->text;
        turn.words.insert(turn.words.end(), next->words.begin(), next->words.end());
    }
    return out;
}

} // namespace

std::vector<int> instruction_turns(const Transcript& transcript) {
    auto turns = found_in(transcript);
    for (const int number : found_in(run_on(transcript))) {
        if (!turns.insert(number).second) continue;
        const auto* next = continuation(transcript, static_cast<std::size_t>(number - 1));
        if (next != nullptr) turns.insert(next->index);
    }
    return {turns.begin(), turns.end()};
}

bool reads_like_instruction(std::string_view text) {
    Transcript transcript;
    Turn turn;
    turn.text = text;
    turn.end_ms = 1000;
    interpolate_words(turn);
    transcript.turns.push_back(std::move(turn));
    return !found_in(transcript).empty();
}

} // namespace hs::analysis
