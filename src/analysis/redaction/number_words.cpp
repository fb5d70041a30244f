#include "analysis/redaction/number_words.hpp"

#include <array>
#include <string>
#include <unordered_map>
#include <unordered_set>
#include <vector>

#include "analysis/redaction/spoken_words.hpp"
#include "base/text.hpp"

namespace hs::analysis::redaction {
namespace {

struct Row {
    const char* digits;
    const char* spellings; // blank-separated; Devanagari and roman
};

// clang-format off
constexpr Row hindi_numbers[] = {
    {"0", "शून्य शुन्य सुन्य ज़ीरो जिरो सिफर shunya shoonya sunya jiro ziro sifar"},
    {"1", "एक वन ek"}, {"2", "दो टू do"}, {"3", "तीन थ्री तिन teen tin"},
    {"4", "चार फोर chaar"}, {"5", "पाँच पान्च फाइव paanch"},
    {"6", "छह छः छ छे छै छ: सिक्स chhah chhe chha chheh chhai"}, {"7", "सात सेवन saat"},
    {"8", "आठ एट aath aat"}, {"9", "नौ नाइन नो nau"}, {"10", "दस टेन das dus"},
    {"11", "ग्यारह इग्यारह gyaarah gyarha gyaara"}, {"12", "बारह baarah baara"},
    {"13", "तेरह terah"}, {"14", "चौदह chaudah chauda"}, {"15", "पंद्रह पन्द्रह पंद्रा pandrah pandra"},
    {"16", "सोलह solah sola"}, {"17", "सत्रह सतरह satrah satra"},
    {"18", "अठारह अट्ठारह athaarah atthaarah athaara"}, {"19", "उन्नीस unnees"}, {"20", "बीस bees"},
    {"21", "इक्कीस ikkees ikkeess"}, {"22", "बाईस बाइस baais baees"}, {"23", "तेईस तेइस teis teees"},
    {"24", "चौबीस chaubees"}, {"25", "पच्चीस pachchees pachees pacchees"}, {"26", "छब्बीस chhabbees"},
    {"27", "सत्ताईस सत्ताइस sattaais sattaees"}, {"28", "अट्ठाईस अठ्ठाईस अठाईस अट्ठाइस atthaais athaais"},
    {"29", "उनतीस उन्तीस untees unatees"}, {"30", "तीस tees"}, {"31", "इकतीस इकत्तीस iktees ikattees"},
    {"32", "बत्तीस battees"}, {"33", "तैंतीस तेंतीस taintees tentees"}, {"34", "चौंतीस chauntees"},
    {"35", "पैंतीस paintees pentees"}, {"36", "छत्तीस chhattees"}, {"37", "सैंतीस saintees sentees"},
    {"38", "अड़तीस adtees artees"}, {"39", "उनतालीस उन्तालीस untaalees"}, {"40", "चालीस chaalees"},
    {"41", "इकतालीस iktaalees"}, {"42", "बयालीस bayaalees byaalees"}, {"43", "तैंतालीस तेंतालीस taintaalees tentaalees"},
    {"44", "चौवालीस चवालीस चौंवालीस chauvaalees chavaalees"}, {"45", "पैंतालीस paintaalees pentaalees"},
    {"46", "छियालीस chhiyaalees"}, {"47", "सैंतालीस saintaalees sentaalees"}, {"48", "अड़तालीस adtaalees artaalees"},
    {"49", "उनचास उन्चास unchaas"}, {"50", "पचास pachaas"}, {"51", "इक्यावन ikyaavan"}, {"52", "बावन baavan"},
    {"53", "तिरपन तिरेपन tirpan"}, {"54", "चौवन चव्वन chauvan"}, {"55", "पचपन pachpan"}, {"56", "छप्पन chhappan"},
    {"57", "सत्तावन sattaavan"}, {"58", "अट्ठावन अठावन atthaavan athaavan"}, {"59", "उनसठ unsath"},
    {"60", "साठ saath"}, {"61", "इकसठ iksath"}, {"62", "बासठ baasath"}, {"63", "तिरसठ तिरेसठ tirsath"},
    {"64", "चौंसठ चौसठ chaunsath chausath"}, {"65", "पैंसठ painsath pensath"}, {"66", "छियासठ chhiyaasath"},
    {"67", "सड़सठ sadsath sarsath"}, {"68", "अड़सठ adsath arsath"}, {"69", "उनहत्तर उनहतर unhattar"},
    {"70", "सत्तर sattar"}, {"71", "इकहत्तर ikhattar ikahattar"}, {"72", "बहत्तर bahattar"},
    {"73", "तिहत्तर tihattar"}, {"74", "चौहत्तर chauhattar"}, {"75", "पचहत्तर pachhattar pachahattar"},
    {"76", "छिहत्तर chhihattar"}, {"77", "सतहत्तर sathattar satahattar"}, {"78", "अठहत्तर athhattar athahattar"},
    {"79", "उन्यासी उनासी unyaasi unaasi"}, {"80", "अस्सी assi"}, {"81", "इक्यासी ikyaasi"},
    {"82", "बयासी bayaasi"}, {"83", "तिरासी tiraasi"}, {"84", "चौरासी chauraasi"}, {"85", "पचासी pachaasi"},
    {"86", "छियासी chhiyaasi"}, {"87", "सतासी सत्तासी sataasi sattaasi"}, {"88", "अठासी अट्ठासी athaasi atthaasi"},
    {"89", "नवासी navaasi"}, {"90", "नब्बे nabbe"}, {"91", "इक्यानवे इक्यानबे ikyaanve"},
    {"92", "बानवे बानबे baanve"}, {"93", "तिरानवे तिरानबे tiraanve"}, {"94", "चौरानवे चौरानबे chauraanve"},
    {"95", "पंचानवे पचानवे पंचानबे panchaanve pachaanve"}, {"96", "छियानवे छियानबे chhiyaanve"},
    {"97", "सत्तानवे सतानवे सत्तानबे sattaanve sataanve"}, {"98", "अट्ठानवे अट्ठानबे अठानवे अठानबे atthaanve athaanve"},
    {"99", "निन्यानवे निन्यानबे ninyaanve ninaanve"},
};

constexpr Row english_numbers[] = {
    {"0", "zero oh o nought naught"}, {"1", "one"}, {"2", "two"}, {"3", "three"}, {"4", "four"},
    {"5", "five"}, {"6", "six"}, {"7", "seven"}, {"8", "eight"}, {"9", "nine"}, {"10", "ten"},
    {"11", "eleven"}, {"12", "twelve"}, {"13", "thirteen"}, {"14", "fourteen"}, {"15", "fifteen"},
    {"16", "sixteen"}, {"17", "seventeen"}, {"18", "eighteen"}, {"19", "nineteen"},
};
constexpr Row tens_words[] = {
    {"20", "twenty ट्वेंटी"}, {"30", "thirty थर्टी"}, {"40", "forty fourty फोर्टी"},
    {"50", "fifty फिफ्टी"}, {"60", "sixty सिक्सटी"}, {"70", "seventy सेवेंटी"},
    {"80", "eighty एटी"}, {"90", "ninety ninty नाइंटी"},
};
constexpr Row repeat_words[] = {
    {"2", "double dabal dubble डबल"}, {"3", "triple tripple treble ट्रिपल ट्रिप्पल"},
};
constexpr Row multiplier_words[] = {
    {"00", "hundred sau सौ हंड्रेड"}, {"000", "thousand hazaar hajaar हज़ार थाउजेंड"},
    {"00000", "lakh lac laakh लाख"}, {"0000000", "crore karod करोड़"},
};
constexpr const char* ordinal_words =
    "first second third fourth fifth sixth seventh eighth ninth tenth eleventh twelfth thirteenth "
    "fourteenth fifteenth sixteenth seventeenth eighteenth nineteenth twentieth thirtieth";
// clang-format on

using Table = std::unordered_map<std::string, NumberWord>;

/// Every roman spelling that swaps one of the pairs people do not distinguish in writing.
std::vector<std::string> roman_spellings(const std::string& spelling) {
    static constexpr std::array<std::pair<const char*, const char*>, 6> pairs = {
        {{"aa", "a"}, {"ee", "i"}, {"chh", "ch"}, {"v", "w"}, {"nve", "nbe"}, {"tth", "th"}}};
    std::vector<std::string> all{spelling};
    for (const auto& [from, to] : pairs) {
        const std::size_t known = all.size();
        for (std::size_t i = 0; i < known; ++i) {
            std::string other = all[i];
            const std::size_t length = std::string_view(from).size();
            for (auto at = other.find(from); at != std::string::npos; at = other.find(from, at + 1))
                other.replace(at, length, to);
            if (other != all[i]) all.push_back(std::move(other));
        }
    }
    return all;
}

void add(Table& table, const Row& row, NumberKind kind, bool spellings) {
    for (const std::string_view word : split(row.spellings, ' ')) {
        const std::string key = word_key(word);
        const bool roman = static_cast<unsigned char>(key.front()) < 0x80;
        if (!spellings || !roman) {
            table.try_emplace(key, NumberWord{kind, row.digits});
            continue;
        }
        for (auto& other : roman_spellings(key))
            table.try_emplace(std::move(other), NumberWord{kind, row.digits});
    }
}

Table build_table() {
    Table table;
    for (const Row& row : english_numbers)
        add(table, row, NumberKind::digits, false);
    for (const Row& row : tens_words)
        add(table, row, NumberKind::tens, false);
    for (const Row& row : repeat_words)
        add(table, row, NumberKind::repeat, false);
    for (const Row& row : multiplier_words)
        add(table, row, NumberKind::multiplier, true);
    for (const Row& row : hindi_numbers)
        add(table, row, NumberKind::digits, true);
    // Everyday words first: these spellings of a number are too rare to be worth the mistakes.
    for (const char* common : {"sat", "this", "tis", "sath", "saath", "che", "no", "bis", "नो"})
        table.erase(common);
    table.insert_or_assign("sat", NumberWord{NumberKind::digits, "7"});
    return table;
}

} // namespace

void for_each_number_word(
    const std::function<void(std::string_view key, const NumberWord& number)>& visit) {
    for (const auto& [key, number] : build_table())
        visit(key, number);
}

bool is_ordinal(std::string_view key) {
    static const std::unordered_set<std::string_view> words = [] {
        const auto parts = split(ordinal_words, ' ');
        return std::unordered_set<std::string_view>(parts.begin(), parts.end());
    }();
    return words.contains(key);
}

} // namespace hs::analysis::redaction
