#include "analysis/text/numbers.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <string>
#include <unordered_map>

#include "analysis/text/folding.hpp"

namespace hs::analysis {

namespace {

constexpr std::int64_t largest = 1'000'000'000'000'000;
constexpr std::size_t longest_run = 24;

constexpr std::string_view english = R"(
0 zero
1 one
2 two
3 three
4 four
5 five
6 six
7 seven
8 eight
9 nine niner
10 ten
11 eleven
12 twelve
13 thirteen
14 fourteen
15 fifteen
16 sixteen
17 seventeen
18 eighteen
19 nineteen
20 twenty
30 thirty
40 forty fourty
50 fifty
60 sixty
70 seventy
80 eighty
90 ninety ninty
)";

constexpr std::string_view multipliers = R"(
100 hundred hundreds sau सौ
1000 thousand hazaar hazar hajar हज़ार हजार
100000 lakh lac lakhs लाख
10000000 crore karod करोड़ करोड
)";

constexpr std::string_view hindi = R"(
0 शून्य ज़ीरो जीरो shunya shoonya sunya
1 एक ek
2 दो do
3 तीन teen tin
4 चार char chaar
5 पाँच पांच paanch panch paach
6 छह छः छे छ chhah chhe cheh chah chha che
7 सात saat sat
8 आठ aath aanth ath
9 नौ nau
10 दस das dus
11 ग्यारह gyarah gyara
12 बारह barah baarah bara
13 तेरह terah
14 चौदह chaudah chauda
15 पंद्रह पन्द्रह pandrah pandra
16 सोलह solah
17 सत्रह सत्तरह satrah satra
18 अठारह अट्ठारह atharah athara
19 उन्नीस unnis unnees
20 बीस bees bis
21 इक्कीस ikkis ikkees
22 बाईस बाइस bais baees
23 तेईस तेइस teis teyis
24 चौबीस chaubis chaubees
25 पच्चीस pachchis pachees pachis pacchis
26 छब्बीस chhabbis chabbis chabbees
27 सत्ताईस सत्ताइस sattais sattaees
28 अट्ठाईस अठाईस अट्ठाइस atthais athais atthaees
29 उनतीस उन्तीस untis unatis untees
30 तीस tees tis
31 इकतीस इकत्तीस ikattis iktis ikatees
32 बत्तीस battis battees
33 तैंतीस तेंतीस taintis tentis taintees
34 चौंतीस chauntis chautis chauntees
35 पैंतीस paintis paintees
36 छत्तीस chhattis chattis chattees
37 सैंतीस saintis saintees
38 अड़तीस adtis artis adatis adtees
39 उनतालीस उन्तालीस untalis unchalis untalees
40 चालीस chalis chaalis chalees
41 इकतालीस iktalis iktalees
42 बयालीस bayalis byalis bayalees
43 तैंतालीस taintalis tentalis
44 चौवालीस चवालीस chauvalis chavalis chauwalis
45 पैंतालीस paintalis paitalis
46 छियालीस chhiyalis chiyalis
47 सैंतालीस saintalis
48 अड़तालीस adtalis artalis
49 उनचास उन्चास unchas unachas
50 पचास pachas pachaas
51 इक्यावन ikyavan ikyawan
52 बावन bavan bawan
53 तिरपन tirpan tirepan
54 चौवन chauvan chauwan
55 पचपन pachpan
56 छप्पन chhappan chappan
57 सत्तावन sattavan sattawan
58 अट्ठावन अठावन atthavan athavan athawan
59 उनसठ unsath
60 साठ saath sath
61 इकसठ iksath
62 बासठ basath
63 तिरसठ tirsath tiresath
64 चौंसठ chaunsath chausath
65 पैंसठ painsath
66 छियासठ chhiyasath chiyasath
67 सड़सठ sadsath sarsath
68 अड़सठ adsath arsath
69 उनहत्तर unhattar
70 सत्तर sattar
71 इकहत्तर ikhattar ikahattar
72 बहत्तर bahattar
73 तिहत्तर tihattar
74 चौहत्तर chauhattar
75 पचहत्तर pachhattar pachahattar
76 छिहत्तर chhihattar chihattar
77 सतहत्तर sathattar satahattar
78 अठहत्तर athhattar athahattar
79 उनासी उन्यासी unasi unnasi
80 अस्सी assi
81 इक्यासी ikyasi
82 बयासी bayasi
83 तिरासी tirasi
84 चौरासी chaurasi
85 पचासी pachasi
86 छियासी chhiyasi chiyasi
87 सत्तासी सतासी sattasi satasi
88 अट्ठासी अठासी atthasi athasi
89 नवासी navasi nawasi
90 नब्बे nabbe nabe
91 इक्यानवे इक्यानबे ikyanve ikyanave ikyanbe
92 बानवे बानबे banve banave baanve
93 तिरानवे तिरानबे tiranve tiranave
94 चौरानवे चौरानबे chauranve chauranave
95 पचानवे पंचानवे पंचानबे pachanve panchanve pachanave
96 छियानवे छियानबे chhiyanve chiyanve chhiyanave
97 सत्तानवे सत्तानबे sattanve sattanave
98 अट्ठानवे अठानवे अट्ठानबे atthanve athanve atthanave
99 निन्यानवे निन्यानबे ninyanve ninyanave ninyaanve
)";

// Ordinary words most of the time: "do" (give, English do), "saath" (with), "teen", "sat".
constexpr std::array<std::string_view, 13> ambiguous_words = {
    "do", "दो", "saath", "sath", "teen", "tin", "bees", "bis", "sat", "das", "bara", "che", "छ"};

using Table = std::unordered_map<std::string_view, NumberWord>;

template <typename Add>
void read_lines(std::string_view text, Add add) {
    while (!text.empty()) {
        const auto line = text.substr(0, text.find('\n'));
        text.remove_prefix(std::min(text.size(), line.size() + 1));
        std::int64_t value = 0;
        const auto head = line.substr(0, line.find(' '));
        if (std::from_chars(head.begin(), head.end(), value).ec != std::errc{}) continue;
        for (std::size_t at = head.size() + 1; at < line.size();) {
            const auto end = std::min(line.find(' ', at), line.size());
            add(line.substr(at, end - at), value);
            at = end + 1;
        }
    }
}

Table read_table() {
    Table table;
    read_lines(english, [&](std::string_view word, std::int64_t value) {
        const auto kind = value < 10   ? NumberKind::digit
                          : value < 20 ? NumberKind::small
                                       : NumberKind::tens;
        table.emplace(word, NumberWord{kind, value});
    });
    read_lines(multipliers, [&](std::string_view word, std::int64_t value) {
        const bool foreign = word != "hundred" && word != "hundreds" && word != "thousand";
        table.emplace(word, NumberWord{NumberKind::multiplier, value, foreign});
    });
    read_lines(hindi, [&](std::string_view word, std::int64_t value) {
        const auto kind = value < 10 ? NumberKind::digit : NumberKind::small;
        const bool ambiguous = std::ranges::find(ambiguous_words, word) != ambiguous_words.end();
        table.emplace(word, NumberWord{kind, value, true, ambiguous});
    });
    table.emplace("double", NumberWord{NumberKind::repeat, 2, false, true});
    table.emplace("triple", NumberWord{NumberKind::repeat, 3, false, true});
    table.emplace("डबल", NumberWord{NumberKind::repeat, 2, true, true});
    table.emplace("oh", NumberWord{NumberKind::digit, 0, false, true});
    table.emplace("o", NumberWord{NumberKind::digit, 0, false, true});
    return table;
}

NumberWord written_number(std::string_view text) {
    std::int64_t value = 0;
    bool fraction = false;
    for (const char c : text) {
        if (c == '.') {
            fraction = true;
        } else if (c < '0' || c > '9') {
            return {};
        } else if (!fraction) {
            value = std::min(value * 10 + (c - '0'), largest);
        }
    }
    return {NumberKind::written, value};
}

std::string digits_of(const NumberInput& word) {
    if (word.number.kind == NumberKind::written)
        return std::string(word.text.substr(0, word.text.find('.')));
    return std::to_string(word.number.value);
}

bool spoken(const NumberInput& word) {
    const auto kind = word.number.kind;
    return kind == NumberKind::digit || kind == NumberKind::small || kind == NumberKind::tens;
}

bool is_value(const NumberInput& word) {
    return spoken(word) || word.number.kind == NumberKind::written;
}

/// Reads one spoken number ("two hundred and fifty", "ninety six", "double nine", "4471").
class Reader {
public:
    Reader(const std::vector<NumberInput>& words, std::size_t at) : words_(words), at_(at) {}

    /// Appends the digits of one group; false when none begins here.
    bool group(std::string& digits) {
        if (!in_run()) return false;
        if (word().number.kind == NumberKind::repeat) return repeated(digits);
        if (!counts_as_number()) return false;
        if (word().number.kind == NumberKind::written && !before_multiplier()) {
            digits += digits_of(word());
            advance();
            return true;
        }
        digits += std::to_string(sum());
        return true;
    }

    [[nodiscard]] std::size_t at() const { return at_; }

    [[nodiscard]] bool ended() const { return ended_; }

private:
    [[nodiscard]] const NumberInput& word() const { return words_[at_]; }

    [[nodiscard]] bool in_run() const { return at_ < words_.size() && !ended_; }

    [[nodiscard]] bool before_multiplier() const {
        return at_ + 1 < words_.size() && !word().stop_after && !word().comma_after &&
               words_[at_ + 1].number.kind == NumberKind::multiplier;
    }

    void advance() {
        ended_ = word().stop_after;
        ++at_;
    }

    [[nodiscard]] bool counts_as_number() const {
        const auto& number = word().number;
        if (number.kind == NumberKind::none || number.kind == NumberKind::repeat) return false;
        return !number.ambiguous || beside_number();
    }

    /// An ambiguous word is a number beside a sure one of its language, or before a unit.
    [[nodiscard]] bool beside_number() const {
        const auto sure = [&](std::size_t i) {
            const auto& other = words_[i].number;
            if (other.kind == NumberKind::none || other.kind == NumberKind::repeat) return false;
            return word().number.hindi ? other.hindi : is_value(words_[i]);
        };
        const bool zero = !word().number.hindi;
        const bool after = at_ + 1 < words_.size() && !word().stop_after && sure(at_ + 1);
        const bool before = at_ > 0 && !words_[at_ - 1].stop_after && sure(at_ - 1);
        if (zero) return before && (after || word().text == "oh");
        if (after || (before && !words_[at_ - 1].number.ambiguous)) return true;
        if (at_ + 1 >= words_.size()) return false;
        if (is_number_unit(words_[at_ + 1].text)) return true;
        const bool range = words_[at_ + 1].text == "se" || words_[at_ + 1].text == "से";
        return range && at_ + 2 < words_.size() && words_[at_ + 2].number.hindi;
    }

    bool repeated(std::string& digits) {
        if (at_ + 1 >= words_.size()) return false;
        const auto& next = words_[at_ + 1];
        const bool one_digit = is_value(next) && !next.number.ambiguous && next.number.value < 10 &&
                               next.text.find('.') == next.text.npos;
        if (!one_digit || word().stop_after) return false;
        digits.append(static_cast<std::size_t>(word().number.value),
                      static_cast<char>('0' + next.number.value));
        advance();
        advance();
        return true;
    }

    std::int64_t sum() {
        std::int64_t total = 0;
        std::int64_t current = 0;
        bool open = true; // a value may be added
        while (in_run()) {
            const auto& number = word().number;
            if (number.kind == NumberKind::multiplier) {
                multiply(number.value, total, current);
                open = true;
            } else if (open && (spoken(word()) || first_written(total, current)) &&
                       counts_as_number()) {
                const bool tens = number.kind == NumberKind::tens;
                current += number.value;
                open = false;
                advance();
                if (tens && in_run() && !words_[at_ - 1].comma_after && unit_digit()) {
                    current += word().number.value;
                    advance();
                }
                continue;
            } else {
                break;
            }
            advance();
            skip_and();
        }
        return std::min(total + current, largest);
    }

    [[nodiscard]] bool first_written(std::int64_t total, std::int64_t current) const {
        return word().number.kind == NumberKind::written && total == 0 && current == 0;
    }

    static void multiply(std::int64_t by, std::int64_t& total, std::int64_t& current) {
        current = std::min(std::max<std::int64_t>(current, 1), largest / by) * by;
        if (by < 1000) return;
        total = std::min(total + current, largest);
        current = 0;
    }

    [[nodiscard]] bool unit_digit() const {
        const auto& number = word().number;
        return number.kind == NumberKind::digit && number.value > 0 && !number.hindi;
    }

    void skip_and() {
        if (!in_run() || word().text != "and" || at_ + 1 >= words_.size()) return;
        if (spoken(words_[at_ + 1]) && !words_[at_ + 1].number.ambiguous) ++at_;
    }

    const std::vector<NumberInput>& words_;
    std::size_t at_;
    bool ended_ = false;
};

/// "five seven days" and "5-7 days" are two numbers, a range; other runs are digits of one.
bool is_range(const std::vector<NumberInput>& words,
              std::size_t second,
              std::size_t end,
              const std::string& first_digits,
              const std::string& second_digits) {
    if (first_digits.size() > 2 || second_digits.size() > 2) return false;
    const bool rising = std::stoi(first_digits) < std::stoi(second_digits);
    const bool unit = end < words.size() && is_number_unit(words[end].text);
    return rising && (words[second].hyphen_before || unit);
}

} // namespace

NumberWord number_word(std::string_view text) {
    static const Table table = read_table();
    if (text.empty()) return {};
    if (text[0] >= '0' && text[0] <= '9') return written_number(text);
    const auto found = table.find(text);
    return found == table.end() ? NumberWord{} : found->second;
}

bool is_number_unit(std::string_view text) {
    static constexpr std::array<std::string_view, 46> units = {
        "day",    "days",    "working", "business",  "hour",      "hours",   "minute", "minutes",
        "mins",   "min",     "week",    "weeks",     "month",     "months",  "rupees", "rupee",
        "rupaye", "percent", "din",     "ghante",    "ghanta",    "baje",    "hafte",  "mahine",
        "saal",   "baar",    "km",      "kilometer", "kilometre", "seconds", "pm",     "am",
        "दिन",    "दिनों",    "घंटे",      "घंटा",       "बजे",        "मिनट",    "हफ्ते",    "महीने",
        "रुपये",    "रुपए",     "बार",     "साल",       "प्रतिशत",    "वर्किंग"};
    return std::ranges::find(units, text) != units.end();
}

NumberRun number_run(const std::vector<NumberInput>& words, std::size_t at) {
    Reader reader(words, at);
    std::string digits;
    if (!reader.group(digits)) return {};
    std::size_t end = reader.at();
    const auto first_end = end;
    const auto first = digits;
    std::size_t groups = 1;
    while (end - at < longest_run && !reader.ended()) {
        std::string more;
        if (!reader.group(more)) break;
        digits += more;
        end = reader.at();
        ++groups;
    }
    if (groups == 2 && is_range(words, first_end, end, first, digits.substr(first.size()))) {
        digits = first;
        end = first_end;
    }
    NumberRun run{end - at, 0, digits};
    for (const char c : digits)
        run.value = std::min(run.value * 10 + (c - '0'), largest);
    return run;
}

} // namespace hs::analysis
