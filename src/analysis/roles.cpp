#include "analysis/roles.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <map>
#include <memory>
#include <mutex>
#include <span>

#include "analysis/phrase_table.hpp"
#include "analysis/text/tokens.hpp"

namespace hs::analysis {
namespace {

// Section 1 of the specification, "Roles".
constexpr int opening_turns = 6;
constexpr int closing_turns = 4;
constexpr double first_speaker_bonus = 0.05;
constexpr double most_confidence = 0.99;
constexpr std::size_t digits_of_an_answer = 4;
constexpr std::size_t most_tables = 64; // kept at once

enum Sign : int {
    greeting,
    self_introduction,
    offer_help,
    asks_identity,
    closing,
    brand_named,
    states_problem
};

struct SignRow {
    Sign sign;
    const char* phrase;
};

// clang-format off
constexpr SignRow sign_rows[] = {
    {greeting, "thank|thanks you? for calling|choosing|contacting|reaching"}, {greeting, "welcome to"},
    {greeting, "customer care|support|service|helpdesk|helpline"}, {greeting, "aapka|apka swagat"}, {greeting, "aap ka swagat"},
    {greeting, "call karne ke liye|lie"}, {greeting, "phone karne ke liye|lie"}, {greeting, "swagat hai"}, {greeting, "grahak seva"},
    {greeting, "you have reached"}, {greeting, "youve reached"},
    {self_introduction, "speaking how|what"}, {self_introduction, "this side"}, {self_introduction, "_ here how"},
    {self_introduction, "my name is _ how"}, {self_introduction, "my name is"}, {self_introduction, "you are speaking with"},
    {self_introduction, "youre speaking with"}, {self_introduction, "mera naam"}, {self_introduction, "se _ bol raha|rahi"},
    {self_introduction, "_ bol raha|rahi hu|hoon|hun"}, {self_introduction, "this is _ how|from|speaking"}, {self_introduction, "myself _"},
    {offer_help, "how|what may|can|could i|we help|assist|do"}, {offer_help, "how may|can i be"}, {offer_help, "help|assist you today|with?"},
    {offer_help, "anything else|more"}, {offer_help, "any other|further help|assistance|query"}, {offer_help, "kya|kaise madad|sahayata|seva|help"},
    {offer_help, "madad kar sakta|sakti|sakte"}, {offer_help, "sahayata kar|karu|karun sakta?|sakti?"}, {offer_help, "madad karu|karun|karoon"},
    {offer_help, "help karu|karun|kar sakta?|sakti?"}, {offer_help, "aur koi madad|sahayata|seva|sawal|jaankari"}, {offer_help, "aur kuch chahiye"},
    {asks_identity, "registered|mobile|phone|contact number"}, {asks_identity, "vehicle|ticket|account|order|customer number|id"},
    {asks_identity, "your registered|mobile|phone|vehicle|ticket|number|date"}, {asks_identity, "last four digits"}, {asks_identity, "date of birth"},
    {asks_identity, "verify your|the"}, {asks_identity, "confirm your"}, {asks_identity, "may|can|could i have|know your"},
    {asks_identity, "number bataiye|batayein|batao|boliye|bolo|bata|dijiye|share"}, {asks_identity, "apna _ mobile|number|naam"},
    {asks_identity, "gaadi|gadi|vahan|vehicle ka? number"}, {asks_identity, "aapka mobile|number|naam|registered"}, {asks_identity, "janm tithi|tarikh"},
    {closing, "have a good|great|nice|lovely|wonderful|pleasant|blessed|safe"}, {closing, "aapka din shubh|accha|mangalmay"}, {closing, "din shubh"},
    {closing, "shubh din"}, {closing, "thank|thanks you? for calling|choosing"}, {closing, "ride|drive|stay safe|safely"}, {closing, "take care"},
    {closing, "chunne ke liye|lie"}, {closing, "call karne ke liye|lie dhanyavaad"}, {closing, "happy riding"}, {closing, "you are welcome"},
    {states_problem, "my battery|scooter|rickshaw|account|refund|money|vehicle|app|plan|swap|card|deposit|ticket"},
    {states_problem, "meri|mera|mere battery|gaadi|gadi|account|paise|paisa|refund|scooter|rikshaw|plan|number|phone"},
    {states_problem, "not working|opening|coming|showing"}, {states_problem, "i want|need to|a|my"}, {states_problem, "is stuck"}, {states_problem, "i am|was stuck|charged|standing|calling"},
    {states_problem, "im stuck|standing|calling"}, {states_problem, "mujhe _ chahiye|karwana|karvana|puchna|jaanna"}, {states_problem, "nahi khul|mil|chal|aa|ho|de raha|rahi|rahe"},
    {states_problem, "phans|fans|atak gaya|gayi"}, {states_problem, "kharab hai|ho"}, {states_problem, "kaat liya|liye"}, {states_problem, "band ho|hai|pad|padi"},
    {states_problem, "i have not received"}, {states_problem, "please help me"}, {states_problem, "your station|machine|app|company|people|driver"}, {states_problem, "you people"},
    {states_problem, "aapki|aapka|tumhara|tumhari battery|machine|station|app|company|ladka"}, {states_problem, "i will complain|cancel"}, {states_problem, "charged me|twice"},
};
// clang-format on

constexpr double weight_of(Sign sign) {
    switch (sign) {
    case greeting:
    case closing: return 3;
    case self_introduction:
    case offer_help:
    case asks_identity: return 2;
    case brand_named: return 1;
    case states_problem: return -2;
    }
    return 0;
}

PhraseTable sign_table(const std::vector<std::string>& brand) {
    PhraseTable table;
    for (const SignRow& row : sign_rows)
        static_cast<void>(table.add(row.phrase, row.sign));
    for (const std::string& name : brand)
        static_cast<void>(table.add(name, brand_named));
    return table;
}

/// Made once a brand: making it takes longer than reading a call with it. Brands come from
/// scorecards, so there are few; should there be many, the first ones are made again.
std::shared_ptr<const PhraseTable> table_of(const std::vector<std::string>& brand) {
    static std::mutex mutex; // guards tables
    static std::map<std::vector<std::string>, std::shared_ptr<const PhraseTable>> tables;
    const std::scoped_lock lock(mutex);
    if (const auto known = tables.find(brand); known != tables.end()) return known->second;
    if (tables.size() >= most_tables) tables.clear();
    return tables[brand] = std::make_shared<const PhraseTable>(sign_table(brand));
}

struct SpeakerScore {
    std::string speaker;
    std::array<bool, 7> shown{};
    bool gives_digits = false;
    int turns = 0;

    [[nodiscard]] double total() const {
        double score = gives_digits ? -1 : 0;
        for (std::size_t i = 0; i < shown.size(); ++i)
            if (shown[i]) score += weight_of(static_cast<Sign>(i));
        return score;
    }
};

/// What one turn shows of its speaker; true when it asks who the other one is.
bool note_signs(const PhraseTable& table,
                std::span<const PhraseToken> ids,
                bool opening,
                bool at_end,
                SpeakerScore& score) {
    bool asks_who = false;
    for (std::size_t at = 0; at < ids.size(); ++at) {
        const auto match = table.longest(ids, at);
        if (match.value < 0) continue;
        const auto sign = static_cast<Sign>(match.value);
        const bool counts = (sign != greeting || opening) && (sign != closing || at_end);
        score.shown[static_cast<std::size_t>(sign)] |= counts;
        asks_who = asks_who || sign == asks_identity;
    }
    return asks_who;
}

bool gives_digits(std::span<const Token> tokens) {
    std::size_t digits = 0;
    for (const Token& token : tokens)
        digits += token.digits.size();
    return digits >= digits_of_an_answer;
}

/// The turns' texts alone, split: what else is known of a turn says nothing about its speaker.
TokenText words_of(const Transcript& transcript) {
    Transcript texts;
    for (const Turn& turn : transcript.turns)
        texts.turns.emplace_back().text = turn.text;
    return tokenise(texts);
}

std::vector<SpeakerScore> scores_of(const Transcript& transcript, const PhraseTable& table) {
    std::vector<SpeakerScore> scores;
    const auto text = words_of(transcript);
    const auto all_ids = table.resolve(text.tokens);
    std::string asker;
    const auto count = static_cast<int>(transcript.turns.size());
    for (int i = 0; i < count; ++i) {
        const Turn& turn = transcript.turns[static_cast<std::size_t>(i)];
        auto found = std::find_if(scores.begin(), scores.end(), [&](const SpeakerScore& score) {
            return score.speaker == turn.speaker;
        });
        if (found == scores.end()) {
            scores.push_back({.speaker = turn.speaker});
            found = scores.end() - 1;
        }
        ++found->turns;
        const auto [from, to] = text.turn_ranges[static_cast<std::size_t>(i)];
        const auto first = static_cast<std::size_t>(from);
        const auto length = static_cast<std::size_t>(to - from);
        const auto tokens = std::span(text.tokens).subspan(first, length);
        const auto ids = std::span(all_ids).subspan(first, length);
        if (!asker.empty() && asker != turn.speaker) {
            found->gives_digits = found->gives_digits || gives_digits(tokens);
            asker.clear();
        }
        if (note_signs(table, ids, i < opening_turns, i >= count - closing_turns, *found))
            asker = turn.speaker;
    }
    return scores;
}

std::vector<SpeakerRole> speakers_of(const Transcript& transcript) {
    std::vector<SpeakerRole> speakers;
    for (const Turn& turn : transcript.turns) {
        const bool known =
            std::any_of(speakers.begin(), speakers.end(), [&](const SpeakerRole& each) {
                return each.speaker == turn.speaker;
            });
        if (!known) speakers.push_back({.speaker = turn.speaker, .role = turn.role});
    }
    return speakers;
}

/// The roles of the channel map, when it names a speaker of this call.
bool from_channel_map(const RoleSources& sources, std::vector<SpeakerRole>& speakers) {
    Role missing = Role::unknown;
    bool named = false;
    for (SpeakerRole& speaker : speakers) {
        speaker.role = Role::unknown;
        for (const SpeakerRole& given : sources.channel_map) {
            if (given.speaker != speaker.speaker) continue;
            speaker.role = given.role;
            named = true;
        }
        if (speaker.role == Role::agent) missing = Role::customer;
        if (speaker.role == Role::customer && missing == Role::unknown) missing = Role::agent;
    }
    // A map of one channel settles the other one of two.
    if (named && speakers.size() == 2)
        for (SpeakerRole& speaker : speakers)
            if (speaker.role == Role::unknown) speaker.role = missing;
    return named;
}

bool already_known(const Transcript& transcript) {
    return !transcript.turns.empty() &&
           std::all_of(transcript.turns.begin(), transcript.turns.end(), [](const Turn& turn) {
               return turn.role != Role::unknown;
           });
}

RoleGuess inferred_roles(const Transcript& transcript, const PhraseTable& table) {
    RoleGuess guess;
    const auto scores = scores_of(transcript, table);
    if (scores.empty()) return guess;
    std::size_t best = 0;
    for (std::size_t i = 1; i < scores.size(); ++i)
        if (scores[i].total() > scores[best].total()) best = i;
    double second = 0; // a lone speaker is compared with silence
    bool have_second = false;
    for (std::size_t i = 0; i < scores.size(); ++i) {
        if (i == best) continue;
        second = have_second ? std::max(second, scores[i].total()) : scores[i].total();
        have_second = true;
    }
    const bool lone_customer = scores.size() == 1 && scores[0].total() < 0;
    const double lead = std::abs(scores[best].total() - second);
    guess.confidence = 1.0 / (1.0 + std::exp(-lead / 2.0));
    if (best == 0 && !lone_customer) guess.confidence += first_speaker_bonus;
    guess.confidence = std::min(guess.confidence, most_confidence);
    for (std::size_t i = 0; i < scores.size(); ++i)
        guess.role_of_speaker.push_back(
            {.speaker = scores[i].speaker,
             .role = i == best && !lone_customer ? Role::agent : Role::customer});
    return guess;
}

} // namespace

RoleGuess guess_roles(const Transcript& transcript, const RoleSources& sources) {
    RoleGuess guess{
        .role_of_speaker = speakers_of(transcript), .confidence = 1.0, .inferred = false};
    if (from_channel_map(sources, guess.role_of_speaker)) return guess;
    guess.role_of_speaker = speakers_of(transcript);
    if (already_known(transcript)) {
        guess.confidence = transcript.role_confidence;
        return guess;
    }
    return inferred_roles(transcript, *table_of(sources.brand));
}

Transcript with_roles(Transcript transcript, const RoleGuess& guess) {
    transcript.role_confidence = guess.confidence;
    for (Turn& turn : transcript.turns)
        for (const SpeakerRole& known : guess.role_of_speaker)
            if (known.speaker == turn.speaker && known.role != Role::unknown)
                turn.role = known.role;
    return transcript;
}

} // namespace hs::analysis
