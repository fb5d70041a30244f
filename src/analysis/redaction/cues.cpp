#include "analysis/redaction/cues.hpp"

#include <cstdlib>
#include <string>
#include <unordered_map>

#include "base/text.hpp"

namespace hs::analysis::redaction {
namespace {

struct CueWords {
    CueKind kind;
    const char* phrases; // '/'-separated, each of one to three words
};

// clang-format off
constexpr CueWords cue_words[] = {
    {CueKind::otp, "otp/o t p/one time password/one time/code/passcode/verification code/ओटीपी/ओ टी पी/कोड/वन टाइम पासवर्ड/otp."},
    {CueKind::pin, "pin/upi pin/atm pin/mpin/पिन/एमपिन/pin number"},
    {CueKind::cvv, "cvv/c v v/cvc/security code/back of the card/back of your card/सीवीवी/सी वी वी"},
    {CueKind::card, "card number/card no/card digits/debit card/credit card/card details/card is/card ka number/card/कार्ड नंबर/कार्ड/कार्ड का नंबर"},
    {CueKind::aadhaar, "aadhaar/aadhar/adhar/aadhaar number/adhaar/आधार/यूआईडी/uidai"},
    {CueKind::account, "account number/account no/a/c number/bank account/khata number/khata sankhya/account ka number/खाता नंबर/खाता संख्या/अकाउंट नंबर/बैंक खाता/acc number/खाते का नंबर"},
    {CueKind::phone, "mobile number/phone number/mobile/registered number/contact number/phone/number is/whatsapp/mobile no/phone no/number bataiye/number boliye/number registered/मोबाइल नंबर/मोबाइल/फोन नंबर/रजिस्टर्ड नंबर/नंबर बताइए/नंबर बोलिए/नंबर बता/नंबर बोलो/number bata/number bol/number है/number hai/नंबर है/call me on/call me at"},
    {CueKind::vehicle, "vehicle number/vehicle/scooter number/rickshaw number/gaadi number/gadi number/gaadi ka number/gadi ka number/vehicle no/registration number/number plate/वाहन नंबर/वाहन/गाड़ी नंबर/गाड़ी का नंबर/गाड़ी नंबर/रिक्शा नंबर/वाहन संख्या"},
    {CueKind::partial, "last four/last 4/last three/last 3/ending in/ending with/ending/aakhri chaar/aakhri char/aakhiri chaar/akhri chaar/last char/last chaar/आखिरी चार/अंतिम चार/आखिर के चार/लास्ट फोर/last digits"},
    {CueKind::birth, "date of birth/birth date/birthdate/dob/d o b/born on/born/birthday/janm tithi/janmtithi/janam tithi/janam tarikh/janm tareekh/janam din/जन्म तिथि/जन्मतिथि/जन्म/जन्म तारीख/जन्मदिन/पैदा"},
    {CueKind::address, "address/my address/home address/pata/address is/i live at/i live in/i stay at/i stay in/residing at/ghar ka pata/rehta hoon/rehti hoon/पता/घर का पता/मकान/makaan"},
    {CueKind::name, "your name/full name/your good name/aapka naam/naam bataiye/naam boliye/naam bata/naam aur/name and/and your name/शुभ नाम/आपका नाम/नाम बताइए/नाम बोलिए/नाम और/subh naam/shubh naam/account holder name"},
};
// Right after the cue word these make it something else: a postal code, an error code.
constexpr const char* not_after_pin = "code kod कोड";
constexpr const char* not_before_code =
    "pin area error promo coupon qr bar postal zip std country dress discount referral scan पिन एरर";
// clang-format on

// A number of one of these is nobody's telephone.
constexpr const char* not_before_number =
    "ticket order complaint reference ref slot station customer serial vehicle transaction card "
    "account case id "
    "swap battery token tikat tikit टिकट शिकायत ग्राहक बैटरी वाहन गाड़ी खाता कार्ड ऑर्डर gaadi gadi "
    "khata error";

constexpr int max_phrase_words = 4;

struct TextHash {
    using is_transparent = void;

    std::size_t operator()(std::string_view text) const {
        return std::hash<std::string_view>{}(text);
    }
};

struct CueTable {
    // (Rest of the phrase, kind), longest first not needed: every match counts.
    using Phrases = std::vector<std::pair<std::vector<std::string>, CueKind>>;

    std::unordered_map<std::string, int, TextHash, std::equal_to<>> by_first; // into lists
    std::vector<Phrases> lists;
};

CueTable build_table() {
    CueTable table;
    for (const CueWords& row : cue_words) {
        for (const std::string_view phrase : split(row.phrases, '/')) {
            std::vector<std::string> keys;
            for (const std::string_view word : split(phrase, ' '))
                if (!word.empty()) keys.push_back(word_key(word));
            if (keys.empty() || keys.size() > max_phrase_words) continue;
            const std::string first = keys.front();
            keys.erase(keys.begin());
            const auto [list, added] =
                table.by_first.try_emplace(first, static_cast<int>(table.lists.size()));
            if (added) table.lists.emplace_back();
            table.lists[static_cast<std::size_t>(list->second)].emplace_back(std::move(keys),
                                                                             row.kind);
        }
    }
    return table;
}

const CueTable& cue_table() {
    static const CueTable table = build_table();
    return table;
}

bool one_of(const char* words, std::string_view key) {
    for (const std::string_view word : split(words, ' '))
        if (word == key) return true;
    return false;
}

/// "pin code", "error code": not the secret of that name.
bool is_other_meaning(const SpokenWords& words, std::size_t at, CueKind kind) {
    if (kind == CueKind::pin && at + 1 < words.size() && one_of(not_after_pin, words[at + 1].key))
        return true;
    const bool number = words[at].key == "number" || words[at].key == "नंबर";
    if (kind == CueKind::phone && number && at > 0 && one_of(not_before_number, words[at - 1].key))
        return true;
    const bool code = words[at].key == "code" || words[at].key == "कोड";
    return kind == CueKind::otp && code && at > 0 && one_of(not_before_code, words[at - 1].key);
}

bool follows(const SpokenWords& words, std::size_t at, const std::vector<std::string>& rest) {
    if (at + rest.size() >= words.size()) return false;
    for (std::size_t i = 0; i < rest.size(); ++i)
        if (words[at + 1 + i].key != rest[i]) return false;
    return true;
}

bool is_secret(CueKind kind) {
    return kind == CueKind::otp || kind == CueKind::pin || kind == CueKind::cvv ||
           kind == CueKind::card || kind == CueKind::aadhaar;
}

} // namespace

const char* placeholder_type(CueKind kind) {
    switch (kind) {
    case CueKind::otp: return "OTP";
    case CueKind::pin: return "PIN";
    case CueKind::cvv: return "CVV";
    case CueKind::card: return "CARD";
    case CueKind::aadhaar: return "AADHAAR";
    case CueKind::account: return "ACCOUNT";
    case CueKind::phone: return "PHONE";
    case CueKind::vehicle: return "VEHICLE";
    case CueKind::partial: return "PHONE";
    case CueKind::birth: return "DOB";
    case CueKind::address: return "ADDRESS";
    case CueKind::name: return "NAME";
    }
    return "NUMBER";
}

int cues_beginning_with(std::string_view key) {
    const auto& table = cue_table();
    const auto found = table.by_first.find(key);
    return found == table.by_first.end() ? -1 : found->second;
}

std::vector<Cue> cues_of(const SpokenTurn& turn) {
    const auto& lists = cue_table().lists;
    std::vector<Cue> cues;
    for (std::size_t at = 0; at < turn.words.size(); ++at) {
        const int list = turn.words[at].cues;
        if (list < 0) continue;
        for (const auto& [rest, kind] : lists[static_cast<std::size_t>(list)])
            if (follows(turn.words, at, rest) && !is_other_meaning(turn.words, at, kind))
                cues.push_back({.kind = kind, .word = static_cast<int>(at + rest.size())});
    }
    return cues;
}

CueMap::CueMap(const std::vector<SpokenTurn>& turns) : answered_(turns.size(), -1) {
    constexpr std::size_t backchannel_words = 3;
    cues_.reserve(turns.size());
    for (const SpokenTurn& turn : turns)
        cues_.push_back(cues_of(turn));
    for (std::size_t i = 1; i < turns.size(); ++i) {
        for (std::size_t back = i; back-- > 0 && i - back <= 5;) {
            const bool other =
                turns[back].role != turns[i].role || turns[back].speaker != turns[i].speaker;
            if (!other) continue;
            if (turns[back].words.size() <= backchannel_words && cues_[back].empty()) continue;
            answered_[i] = static_cast<int>(back);
            break;
        }
    }
}

std::optional<int> CueMap::distance(std::size_t turn, CueKind kind, int at, int reach) const {
    std::optional<int> nearest;
    for (const Cue& cue : cues_[turn]) {
        if (cue.kind != kind) continue;
        const int away = std::abs(cue.word - at);
        if (away <= reach && (!nearest || away < *nearest)) nearest = away;
    }
    return nearest;
}

bool CueMap::answers(std::size_t turn, CueKind kind) const {
    if (answered_[turn] < 0) return false;
    for (const Cue& cue : cues_[static_cast<std::size_t>(answered_[turn])])
        if (cue.kind == kind) return true;
    return false;
}

std::optional<CueKind> CueMap::secret_answered(std::size_t turn) const {
    if (answered_[turn] < 0) return std::nullopt;
    const auto& cues = cues_[static_cast<std::size_t>(answered_[turn])];
    for (auto cue = cues.rbegin(); cue != cues.rend(); ++cue)
        if (is_secret(cue->kind)) return cue->kind;
    return std::nullopt;
}

} // namespace hs::analysis::redaction
