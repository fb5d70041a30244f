#include "analysis/redaction/patterns.hpp"

#include <algorithm>
#include <string_view>
#include <unordered_set>

#include "analysis/redaction/number_checks.hpp"
#include "base/text.hpp"

namespace hs::analysis::redaction {
namespace {

using Words = SpokenWords;
using WordSet = std::unordered_set<std::string>;

WordSet word_set(const char* words) {
    WordSet set;
    for (const std::string_view word : split(words, ' '))
        if (!word.empty()) set.insert(word_key(word));
    return set;
}

const SpokenWord& at(const Words& words, int index) {
    return words[static_cast<std::size_t>(index)];
}

int count(const Words& words) {
    return static_cast<int>(words.size());
}

bool has_key(const Words& words, int index, std::string_view key) {
    return index >= 0 && index < count(words) && at(words, index).key == key;
}

// --- e-mail and payment addresses -------------------------------------------------------------

// clang-format off
constexpr const char* mail_hosts =
    "gmail yahoo hotmail outlook rediffmail rediff icloud protonmail proton live msn ymail zoho जीमेल याहू "
    "रेडिफमेल हॉटमेल आउटलुक gmailcom";
constexpr const char* payment_handles =
    "ybl paytm okhdfcbank okhdfc oksbi okaxis okicici upi apl ibl axl hdfcbank sbi icici axisbank pthdfc "
    "ptsbi ptaxis ptyes airtel fbl kotak barodampay idfc jio पेटीएम phonepe gpay";
constexpr const char* connectors = "dot underscore dash hyphen point डॉट अंडरस्कोर डैश";
constexpr const char* mail_ends = "com in co org net edu gov कॉम इन";
constexpr const char* mail_stops =
    "is my email id mail to the on address hai are and or it its at send sent haan ji email-id e-mail upi vpa mera meri "
    "है मेरा मेरी ईमेल मेल आईडी पर ka ki pe par yes please";
// clang-format on

struct SpokenAt {
    int from = -1; // first word of "at the rate"
    int to = -1;   // last
};

/// "at", "at the rate", "at rate", "एट द रेट" at word `index`.
SpokenAt spoken_at(const Words& words, int index) {
    static const WordSet starts = word_set("at एट ऐट @ at-the-rate attherate");
    if (!starts.contains(at(words, index).key)) return {};
    int to = index;
    if ((has_key(words, to + 1, "the") || has_key(words, to + 1, word_key("द"))) &&
        (has_key(words, to + 2, "rate") || has_key(words, to + 2, word_key("रेट"))))
        to += 2;
    else if (has_key(words, to + 1, "rate") || has_key(words, to + 1, word_key("रेट")))
        to += 1;
    return {index, to};
}

/// First word of the local part that ends right before `end`.
int local_part_start(const Words& words, int end) {
    static const WordSet joins = word_set(connectors);
    static const WordSet stops = word_set(mail_stops);
    const auto spelled = [&](int index) {
        const SpokenWord& word = at(words, index);
        return word.numeric() || word.key.size() == 1 || joins.contains(word.key);
    };
    int start = end;
    bool cued = false; // "email is rahul kumar at": everything since the cue belongs to it
    for (int back = end - 1; back >= 0 && back >= end - 6; --back)
        if (stops.contains(at(words, back).key)) {
            cued = true;
            break;
        }
    while (start > 0 && start > end - 14) {
        const SpokenWord& before = at(words, start - 1);
        if (before.ends_sentence || stops.contains(before.key)) break;
        if (!cued && !spelled(start - 1) && !spelled(start)) break;
        --start;
    }
    return start;
}

bool spoken_mail(const Words& words, int turn, int index, Hits& hits) {
    static const WordSet hosts = word_set(mail_hosts);
    static const WordSet handles = word_set(payment_handles);
    static const WordSet ends = word_set(mail_ends);
    const SpokenAt sign = spoken_at(words, index);
    if (sign.from <= 0 || sign.to + 1 >= count(words)) return false;
    const bool full_sign = sign.to > sign.from; // "at the rate": nothing else is said this way
    const int host = sign.to + 1;
    int to = host;
    bool dotted = false;
    while (to + 2 < count(words) + 0 &&
           (has_key(words, to + 1, "dot") || has_key(words, to + 1, word_key("डॉट"))) &&
           (ends.contains(at(words, to + 2).key) || full_sign)) {
        to += 2;
        dotted = true;
    }
    const std::string& host_key = at(words, host).key;
    const bool written_host = host_key.find('.') != std::string::npos;
    const bool mail = hosts.contains(host_key) || dotted || (full_sign && written_host);
    const bool payment = !mail && handles.contains(host_key);
    if (!mail && !payment && !full_sign) return false;
    hits.push_back({.type = mail ? "EMAIL" : "UPI",
                    .turn = turn,
                    .from = local_part_start(words, sign.from - 1),
                    .to = to});
    return true;
}

bool written_mail(const SpokenWord& word, int turn, int index, Hits& hits) {
    const auto sign = word.raw.find('@');
    if (sign == word.raw.npos || sign == 0) return false;
    const std::string& key = word.key;
    const auto at_sign = key.find('@');
    if (at_sign == key.npos || at_sign == 0 || at_sign + 1 >= key.size()) return false;
    const bool dotted = key.find('.', at_sign) != key.npos;
    hits.push_back({.type = dotted ? "EMAIL" : "UPI", .turn = turn, .from = index, .to = index});
    return true;
}

} // namespace

void find_mail_and_payment(const std::vector<SpokenTurn>& turns, Hits& hits) {
    for (std::size_t t = 0; t < turns.size(); ++t) {
        const Words& words = turns[t].words;
        for (int i = 0; i < count(words); ++i) {
            const char first = at(words, i).key.empty() ? '\0' : at(words, i).key[0];
            const int turn = static_cast<int>(t);
            if (written_mail(at(words, i), turn, i, hits)) continue;
            if (first == 'a' || first == '@' || first == '\xE0') spoken_mail(words, turn, i, hits);
        }
    }
}

// --- number plates and PAN --------------------------------------------------------------------

namespace {

constexpr std::size_t longest_plate = 11;

/// Appends what the word spells; false when it spells nothing.
bool append_spelled(const SpokenWord& word, std::string& text) {
    const bool after_digit = !text.empty() && text.back() >= '0' && text.back() <= '9';
    if (!word.digits.empty()) {
        text += word.digits;
    } else if (!word.letters.empty() && !(word.letters == "O" && after_digit)) {
        text += word.letters;
    } else if (word.number.kind == NumberKind::digits) {
        text += word.number.digits;
    } else if (word.mixed) {
        for (const char c : word.key)
            if (c != '-') text += static_cast<char>(c >= 'a' ? c - 32 : c);
    } else {
        return false;
    }
    return true;
}

/// Whether a plate or PAN may still grow out of these first characters.
bool may_grow(const std::string& text) {
    if (text.size() < 3) return true;
    const auto digit = [](char c) { return c >= '0' && c <= '9'; };
    const bool plate = !digit(text[0]) && !digit(text[1]) && digit(text[2]);
    const bool bharat = digit(text[0]) && digit(text[1]) && text[2] == 'B';
    const bool pan = !digit(text[0]) && !digit(text[1]) && !digit(text[2]);
    return plate || bharat || pan;
}

struct Spelled {
    int to = -1;
    const char* type = nullptr;
};

/// The longest plate or PAN that starts at word `from`.
Spelled spelled_from(const Words& words, int from) {
    std::string text;
    Spelled found;
    for (int i = from; i < count(words) && text.size() <= longest_plate; ++i) {
        const SpokenWord& word = at(words, i);
        if (word.number.kind == NumberKind::tens && i + 1 < count(words) &&
            at(words, i + 1).number.kind == NumberKind::digits &&
            at(words, i + 1).number.digits.size() == 1) {
            text += word.number.digits[0];
            text += at(words, ++i).number.digits;
        } else if (word.number.kind == NumberKind::repeat && i + 1 < count(words)) {
            std::string next;
            if (!append_spelled(at(words, i + 1), next) || next.size() != 1) break;
            text.append(static_cast<std::size_t>(word.number.digits[0] - '0'), next[0]);
            ++i;
        } else if (!append_spelled(word, text)) {
            if (i > from && word.filler) continue;
            break;
        }
        if (!may_grow(text)) break;
        if (is_vehicle(text)) found = {i, "VEHICLE"};
        if (is_pan(text)) found = {i, "PAN"};
    }
    return found;
}

} // namespace

void find_plates_and_pan(const std::vector<SpokenTurn>& turns, Hits& hits) {
    for (std::size_t t = 0; t < turns.size(); ++t) {
        const Words& words = turns[t].words;
        for (int i = 0; i < count(words); ++i) {
            const SpokenWord& word = at(words, i);
            if (word.letters.empty() && word.digits.size() != 2 && !word.mixed) continue;
            const Spelled found = spelled_from(words, i);
            if (found.type == nullptr) continue;
            hits.push_back(
                {.type = found.type, .turn = static_cast<int>(t), .from = i, .to = found.to});
            i = found.to;
        }
    }
}

// --- dates of birth ---------------------------------------------------------------------------

namespace {

// clang-format off
constexpr const char* month_words =
    "january february march april may june july august september october november december jan feb mar apr jun jul "
    "aug sep sept oct nov dec janvari farvari julai agast sitambar aktubar navambar disambar "
    "जनवरी फरवरी मार्च अप्रैल मई जून जुलाई अगस्त सितंबर सितम्बर अक्टूबर अक्तूबर नवंबर नवम्बर दिसंबर दिसम्बर";
constexpr const char* date_joins = "of the ko ki ka को की का san सन year date तारीख tareekh tarikh";
// clang-format on

struct DateRun {
    int from = -1;
    int to = -1;
    int numbers = 0;
    int digits = 0;
    bool month = false;

    [[nodiscard]] bool is_date() const {
        return (month && numbers >= 1) || (numbers >= 3 && digits >= 4) ||
               (numbers >= 1 && digits >= 6 && digits <= 8);
    }
};

bool extend_date(const SpokenWord& word, int index, const WordSet& months, DateRun& run) {
    const bool figure = !word.digits.empty() || (word.quantity && !word.key.empty() &&
                                                 word.key[0] >= '0' && word.key[0] <= '9');
    const bool number = figure || word.number.kind == NumberKind::digits ||
                        word.number.kind == NumberKind::tens ||
                        word.number.kind == NumberKind::multiplier || is_ordinal(word.key);
    const bool month = months.contains(word.key);
    if (!number && !month) return false;
    if (run.from < 0) run.from = index;
    run.to = index;
    run.month = run.month || month;
    if (number) {
        ++run.numbers;
        run.digits +=
            static_cast<int>(word.digits.empty() ? word.number.digits.size() : word.digits.size());
    }
    return true;
}

void dates_of_turn(const Words& words, int turn, Hits& hits) {
    static const WordSet months = word_set(month_words);
    static const WordSet joins = word_set(date_joins);
    DateRun run;
    const auto close = [&] {
        if (run.from >= 0 && run.is_date())
            hits.push_back({.type = "DOB", .turn = turn, .from = run.from, .to = run.to});
        run = {};
    };
    for (int i = 0; i < count(words); ++i) {
        const SpokenWord& word = at(words, i);
        const bool part = extend_date(word, i, months, run);
        const bool join = !part && run.from >= 0 && (word.filler || joins.contains(word.key));
        if ((!part && !join) || word.ends_sentence) close();
    }
    close();
}

} // namespace

void find_birth_dates(const std::vector<SpokenTurn>& turns, const CueMap& cues, Hits& hits) {
    for (std::size_t t = 0; t < turns.size(); ++t) {
        const auto& own = cues.of_turn(t);
        const bool cued = std::any_of(
            own.begin(), own.end(), [](const Cue& cue) { return cue.kind == CueKind::birth; });
        if (cued || cues.answers(t, CueKind::birth))
            dates_of_turn(turns[t].words, static_cast<int>(t), hits);
    }
}

// --- addresses --------------------------------------------------------------------------------

namespace {

// clang-format off
constexpr const char* structure_words =
    "house flat block sector street gali lane colony nagar apartment apartments floor plot phase makaan makan mohalla "
    "mohala road marg vihar park society tower wing enclave puram puri bagh ward village gaon ghar cross layout "
    "residency heights villa bungalow chawl quarter quarters extension "
    "मकान गली सेक्टर ब्लॉक कॉलोनी नगर मोहल्ला रोड मार्ग विहार पार्क फ्लैट प्लॉट मंजिल गांव बाग टावर अपार्टमेंट हाउस सोसाइटी";
constexpr const char* address_leads =
    "is are my the mera meri hai it its yes haan ji sure okay ok please address pata at in live stay i am main mai "
    "है मेरा मेरी पता जी हां मैं number and aur और ka ki sir madam";
// clang-format on
constexpr int longest_address = 20;

/// The clause with the first structural word from `from` on, without its leading small words.
void address_after(const Words& words, int turn, int from, Hits& hits) {
    static const WordSet structure = word_set(structure_words);
    static const WordSet leads = word_set(address_leads);
    int found = from;
    while (found < count(words) && !structure.contains(at(words, found).key))
        ++found;
    if (found >= count(words)) return;
    int start = found;
    while (start > from && start > found - 8 && !at(words, start - 1).ends_sentence)
        --start;
    while (start < found && leads.contains(at(words, start).key))
        ++start;
    int end = found;
    while (end + 1 < count(words) && !at(words, end).ends_sentence &&
           end - start + 1 < longest_address)
        ++end;
    hits.push_back({.type = "ADDRESS", .turn = turn, .from = start, .to = end});
}

} // namespace

void find_addresses(const std::vector<SpokenTurn>& turns, const CueMap& cues, Hits& hits) {
    for (std::size_t t = 0; t < turns.size(); ++t) {
        const int turn = static_cast<int>(t);
        if (turns[t].role == Role::agent) continue; // asks for it; says stations' addresses
        const auto& own = cues.of_turn(t);
        const auto cue = std::find_if(
            own.begin(), own.end(), [](const Cue& each) { return each.kind == CueKind::address; });
        if (cue != own.end())
            address_after(turns[t].words, turn, cue->word, hits);
        else if (cues.answers(t, CueKind::address))
            address_after(turns[t].words, turn, 0, hits);
    }
}

} // namespace hs::analysis::redaction
