#include "analysis/redaction/spoken_words.hpp"

#include <algorithm>
#include <iterator>
#include <string>
#include <unordered_map>

#include "analysis/redaction/cues.hpp"
#include "base/text.hpp"

namespace hs::analysis::redaction {
namespace {

constexpr unsigned filler_bit = 1, unit_bit = 2, place_bit = 4, currency_bit = 8;

// clang-format off
constexpr const char* filler_words =
    "uh um umm hmm hm er ah haan han haanji ha ji jee and aur comma dash hyphen space okay ok yes yeah sir "
    "madam maam then phir fir uske baad bhai so रुको हां जी और कॉमा डैश फिर उसके बाद ओके सर मैडम अच्छा acha achha "
    "wait next matlab मतलब like";
constexpr const char* unit_words =
    "rupees rupee rupaye rupaiye rupay rupya rs inr paise paisa bucks percent percentage pratishat fisadi "
    "day days din dino dinon hour hours hrs ghante ghanta ghanton minute minutes min mins minat second seconds "
    "week weeks hafte hafta month months mahine mahina mahino year years saal sal oclock baje baj am pm "
    "km kms kilometer kilometers kilometre kilometres meter meters metre metres kilo litre unit units times time baar "
    "bar swap swaps station stations battery batteries people log person persons tareekh tarikh taarikh date working "
    "digit digits ank tickets calls steps plan plans km/h degree degrees amps volt volts kg ride rides trips trip "
    "रुपये रुपए रुपया रूपये रुपयों पैसे प्रतिशत परसेंट फीसदी दिन दिनों घंटे घंटा घंटों मिनट मीनट सेकंड हफ्ते हफ्ता महीने महीना "
    "साल बजे बजकर किलोमीटर मीटर बार तारीख स्वैप लोग अंक अंकों बैटरी बैटरियां स्टेशन वर्किंग कार्य";
constexpr const char* place_words =
    "slot slots station gate sector block platform floor level error terminal pillar stand bay cabinet room "
    "ward phase lane exit highway nh route bus train window counter plan version khana khane dibba "
    "khambe pole stop kilometre stage box row "
    "स्लॉट स्टेशन गेट सेक्टर ब्लॉक प्लेटफॉर्म मंजिल खाना खाने डिब्बा पिलर काउंटर खंभा";
constexpr const char* currency_words = "rs inr rupees rupaye rupee ₹ रुपये रुपए रु amount bill fine penalty";

struct Letter { const char* name; char letter; };
constexpr Letter letter_names[] = {
    {"ए", 'A'}, {"बी", 'B'}, {"सी", 'C'}, {"डी", 'D'}, {"ई", 'E'}, {"एफ", 'F'}, {"जी", 'G'}, {"एच", 'H'},
    {"आई", 'I'}, {"जे", 'J'}, {"के", 'K'}, {"एल", 'L'}, {"एम", 'M'}, {"एन", 'N'}, {"ओ", 'O'}, {"पी", 'P'},
    {"क्यू", 'Q'}, {"आर", 'R'}, {"एस", 'S'}, {"टी", 'T'}, {"यू", 'U'}, {"वी", 'V'}, {"डब्ल्यू", 'W'},
    {"डब्लू", 'W'}, {"एक्स", 'X'}, {"वाई", 'Y'}, {"जेड", 'Z'}, {"bee", 'B'}, {"cee", 'C'}, {"dee", 'D'},
    {"gee", 'G'}, {"jay", 'J'}, {"kay", 'K'}, {"ell", 'L'}, {"em", 'M'}, {"pee", 'P'}, {"cue", 'Q'},
    {"tee", 'T'}, {"vee", 'V'}, {"zed", 'Z'}, {"aar", 'R'}, {"ess", 'S'}, {"eff", 'F'}, {"aitch", 'H'},
};
// clang-format on

struct TextHash {
    using is_transparent = void;

    std::size_t operator()(std::string_view text) const {
        return std::hash<std::string_view>{}(text);
    }
};

/// All that is known of a word from its spelling.
struct Meaning {
    NumberWord number;
    unsigned marks = 0;
    char letter = '\0';
};

using Meanings = std::unordered_map<std::string, Meaning, TextHash, std::equal_to<>>;

void mark(Meanings& meanings, const char* words, unsigned bit) {
    for (const std::string_view word : split(words, ' '))
        if (!word.empty()) meanings[word_key(word)].marks |= bit;
}

Meanings build_meanings() {
    Meanings all;
    for_each_number_word([&](std::string_view key, const NumberWord& number) {
        all[std::string(key)].number = number;
    });
    mark(all, filler_words, filler_bit);
    mark(all, unit_words, unit_bit);
    mark(all, place_words, place_bit);
    mark(all, currency_words, currency_bit);
    for (const Letter& entry : letter_names)
        all[word_key(entry.name)].letter = entry.letter;
    return all;
}

/// One look-up a word: this runs over every word of every call.
const Meaning& meaning_of(std::string_view key) {
    static const Meanings meanings = build_meanings();
    static const Meaning nothing;
    const auto found = meanings.find(key);
    return found == meanings.end() ? nothing : found->second;
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_ascii_letter(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z');
}

/// Length of the outer punctuation mark at the start of `text`: ASCII, danda, quotes, dashes, "…".
std::size_t punctuation_at(std::string_view text) {
    const auto c = static_cast<unsigned char>(text.front());
    if (c < 0x80)
        return is_digit(text.front()) || is_ascii_letter(text.front()) || c == '+' || c == '@' ? 0
                                                                                               : 1;
    for (const std::string_view mark :
         {"।", "॥", "“", "”", "‘", "’", "–", "—", "…", "\u200c", "\u200d"})
        if (text.starts_with(mark)) return mark.size();
    return 0;
}

std::string_view without_outer_punctuation(std::string_view word) {
    while (!word.empty()) {
        const std::size_t length = punctuation_at(word);
        if (length == 0) break;
        word.remove_prefix(length);
    }
    while (!word.empty()) {
        std::size_t at = word.size() - 1;
        while (at > 0 && (static_cast<unsigned char>(word[at]) & 0xC0) == 0x80)
            --at;
        if (punctuation_at(word.substr(at)) != word.size() - at) break;
        word.remove_suffix(word.size() - at);
    }
    return word;
}

/// Appends one Devanagari letter (three bytes, E0 A4/A5 xx) in the form keys use.
void append_devanagari(std::string& key, std::string_view letter) {
    const auto second = static_cast<unsigned char>(letter[1]);
    const auto third = static_cast<unsigned char>(letter[2]);
    const unsigned point = ((second & 0x3Fu) << 6) | (third & 0x3Fu);
    if (point == 0x93C) return; // nukta
    if (point == 0x901) {
        key += "ं";
        return;
    }
    if (point >= 0x966 && point <= 0x96F) {
        key += static_cast<char>('0' + (point - 0x966));
        return;
    }
    if (point >= 0x958 && point <= 0x95F) { // precomposed nukta letters
        static constexpr const char* plain[] = {"क", "ख", "ग", "ज", "ड", "ढ", "फ", "य"};
        key += plain[point - 0x958];
        return;
    }
    key += letter;
}

} // namespace

std::string word_key(std::string_view word) {
    word = without_outer_punctuation(word);
    std::string key;
    key.reserve(word.size());
    for (std::size_t i = 0; i < word.size();) {
        const auto c = static_cast<unsigned char>(word[i]);
        if (c < 0x80) {
            if (c != '\'') key += static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
            ++i;
        } else if (c == 0xE0 && i + 2 < word.size() &&
                   (static_cast<unsigned char>(word[i + 1]) & 0xFE) == 0xA4) {
            append_devanagari(key, word.substr(i, 3));
            i += 3;
        } else if (word.substr(i).starts_with("’")) {
            i += 3;
        } else {
            key += word[i++];
        }
    }
    return key;
}

namespace {

/// Thousands grouping, decimals, clock times, shares, ordinals: "1,650", "12.5", "7:52", "80%",
/// "5th".
bool is_quantity(std::string_view raw, std::string_view key) {
    if (raw.find('%') != raw.npos || raw.find("₹") != raw.npos || raw.find('$') != raw.npos ||
        raw.ends_with("/-"))
        return true;
    std::size_t digits = 0;
    for (std::size_t i = 0; i < key.size(); ++i) {
        if (is_digit(key[i])) {
            ++digits;
            continue;
        }
        if ((key[i] == ',' || key[i] == '.' || key[i] == ':') && digits > 0 && digits <= 3 &&
            i + 1 < key.size() && is_digit(key[i + 1])) {
            const std::size_t rest = key.size() - i - 1;
            if (key[i] != ',' ? rest <= 2 : rest >= 2 && key.size() <= 10) return true;
        }
    }
    if (digits == 0 || digits > 4) return false;
    for (const std::string_view suffix :
         {"th", "st", "nd", "rd", "am", "pm", "km", "hrs", "min", "kg"})
        if (key.ends_with(suffix)) return true;
    return key.starts_with("rs");
}

/// Digits of a word that is figures and separators only; empty otherwise.
std::string written_digits(std::string_view key, bool& plus) {
    std::string digits;
    for (std::size_t i = 0; i < key.size(); ++i) {
        const char c = key[i];
        if (is_digit(c))
            digits += c;
        else if (c == '+' && i == 0)
            plus = true;
        else if (c != '-' && c != '.' && c != ',' && c != '/' && c != '(' && c != ')' && c != ':')
            return {};
    }
    return digits;
}

std::string letters_of(std::string_view key, std::string_view raw, char letter) {
    if (key.size() == 1 && is_ascii_letter(key[0])) return {static_cast<char>(key[0] & ~0x20)};
    if (letter != '\0') return {letter};
    if (key.size() > 3) return {};
    std::string letters;
    for (const char c : key) {
        if (!is_ascii_letter(c)) return {};
        letters += static_cast<char>(c & ~0x20);
    }
    // Two lower-case letters may open a number plate ("up 32"); three are a word unless capitals.
    return letters.size() == 2 || raw.starts_with(letters) ? letters : std::string{};
}

void read_ending(SpokenWord& word) {
    std::string_view end = word.raw;
    while (!end.empty() && (end.back() == '"' || end.back() == ')' || end.back() == '\''))
        end.remove_suffix(1);
    if (end.empty()) return;
    const char last = end.back();
    word.ends_sentence = last == '.' || last == '?' || last == '!' || end.ends_with("।");
    word.ends_clause = word.ends_sentence || last == ',' || last == ';' || last == ':';
}

bool is_mixed(std::string_view key) {
    bool digit = false;
    bool letter = false;
    for (const char c : key) {
        if (is_digit(c))
            digit = true;
        else if (c >= 'a' && c <= 'z')
            letter = true;
        else if (c != '-')
            return false;
    }
    return digit && letter;
}

/// All that the spelling tells.
SpokenWord read_word(std::string_view text) {
    SpokenWord word;
    word.raw = text;
    word.key = word_key(text);
    read_ending(word);
    if (word.key.empty()) {
        word.filler = true; // a lone dash or dot
        return word;
    }
    word.mixed = is_mixed(word.key);
    word.cues = cues_beginning_with(word.key);
    const bool has_figure = std::any_of(word.key.begin(), word.key.end(), is_digit);
    if (has_figure) {
        const auto figures = std::count_if(word.key.begin(), word.key.end(), is_digit);
        word.quantity = figures < 10 && is_quantity(text, word.key);
        word.digits = written_digits(word.key, word.plus);
        if (word.digits.empty() && figures >= 10) // "tel:98…", "ref98…": whatever is around it
            std::copy_if(
                word.key.begin(), word.key.end(), std::back_inserter(word.digits), is_digit);
        word.written = !word.digits.empty();
    } else {
        const Meaning& meaning = meaning_of(word.key);
        word.number = meaning.number;
        word.letters = letters_of(word.key, text, meaning.letter);
        const unsigned marks = meaning.marks;
        word.filler = (marks & filler_bit) != 0;
        word.unit = (marks & unit_bit) != 0;
        word.place = (marks & place_bit) != 0;
        word.currency = (marks & currency_bit) != 0;
    }
    return word;
}

} // namespace

const SpokenWord& TurnReader::known_word(std::string_view text) {
    const auto known = known_.find(text);
    return known != known_.end() ? known->second
                                 : known_.emplace(text, read_word(text)).first->second;
}

SpokenTurn TurnReader::read(const Turn& turn) {
    SpokenTurn spoken;
    spoken.role = turn.role;
    spoken.speaker = turn.speaker;
    double confidence = 0;
    if (!turn.words.empty()) {
        spoken.words.reserve(turn.words.size());
        for (const Word& each : turn.words) {
            spoken.words.push_back(known_word(each.text));
            confidence += each.confidence;
        }
        spoken.confidence = confidence / static_cast<double>(turn.words.size());
        return spoken;
    }
    std::string_view rest = turn.text;
    while (!rest.empty()) {
        const std::size_t start = rest.find_first_not_of(" \t\n\r");
        if (start == rest.npos) break;
        const std::size_t end = std::min(rest.find_first_of(" \t\n\r", start), rest.size());
        spoken.words.push_back(known_word(rest.substr(start, end - start)));
        rest.remove_prefix(end);
    }
    spoken.confidence = turn.confidence;
    return spoken;
}

} // namespace hs::analysis::redaction
