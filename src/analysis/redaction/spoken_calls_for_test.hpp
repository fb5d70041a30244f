/// Random utterances with labelled personal data, in three languages; tests only.
#pragma once

#include <array>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/redaction/number_checks.hpp"
#include "domain/transcript.hpp"

namespace hs::analysis::testing {

struct Piece {
    std::string text;
    bool personal = false;
};

struct LabelledUtterance {
    std::string type;     // PHONE, CARD, AADHAAR, OTP, …; "none" for hard negatives
    std::string language; // en, hi, hi-Latn
    Transcript transcript;
    std::vector<std::vector<bool>> personal; // per turn, per word
};

class UtteranceMaker {
public:
    explicit UtteranceMaker(std::uint32_t seed) : random_(seed) {}

    LabelledUtterance make(const std::string& type, const std::string& language) {
        LabelledUtterance out{.type = type, .language = language, .transcript = {}, .personal = {}};
        if (type == "none") {
            add(out, Role::agent, {{pick(negative_questions(language)), false}});
            add(out, Role::customer, negative(language));
            return out;
        }
        const std::string digits = digits_of(type);
        add(out, Role::agent, {{question(type, language), false}});
        const std::size_t style = below(10);
        if (style == 0 && type != "OTP") { // in two goes, the agent says yes in between
            const std::size_t half = digits.size() / 2;
            add(out,
                Role::customer,
                {{lead(language), false}, {spoken(digits.substr(0, half), language), true}});
            add(out,
                Role::agent,
                {{language == "en"   ? "okay"
                  : language == "hi" ? "हाँ जी"
                                     : "haan ji",
                  false}});
            add(out, Role::customer, {{spoken(digits.substr(half), language), true}});
        } else {
            add(out,
                Role::customer,
                {{lead(language), false},
                 {spoken(digits, language), true},
                 {tail(language), false}});
        }
        return out;
    }

    std::size_t below(std::size_t limit) { return random_() % limit; }

private:
    using Texts = std::vector<const char*>;

    std::string pick(const Texts& texts) { return texts[below(texts.size())]; }

    std::string random_digits(std::size_t count, char first_from = '0') {
        std::string digits;
        for (std::size_t i = 0; i < count; ++i)
            digits += static_cast<char>(
                (i == 0 ? first_from : '0') +
                static_cast<char>(
                    below(i == 0 ? static_cast<std::size_t>('9' - first_from) + 1 : 10)));
        return digits;
    }

    std::string digits_of(const std::string& type) {
        if (type == "PHONE") return random_digits(10, '6');
        if (type == "OTP") return random_digits(below(2) == 0 ? 4 : 6);
        const std::size_t length = type == "CARD" ? 15 : 11; // without the check digit
        for (;;) {
            const std::string stem = random_digits(length, type == "CARD" ? '4' : '2');
            for (char last = '0'; last <= '9'; ++last) {
                const std::string digits = stem + last;
                if (type == "CARD" ? redaction::passes_luhn(digits)
                                   : redaction::passes_verhoeff(digits))
                    return digits;
            }
        }
    }

    static const char* digit_word(char digit, const std::string& language, bool english_digits) {
        static constexpr std::array<const char*, 10> en = {
            "zero", "one", "two", "three", "four", "five", "six", "seven", "eight", "nine"};
        static constexpr std::array<const char*, 10> hi = {
            "शून्य", "एक", "दो", "तीन", "चार", "पाँच", "छह", "सात", "आठ", "नौ"};
        static constexpr std::array<const char*, 10> hi_en = {
            "ज़ीरो", "वन", "टू", "थ्री", "फोर", "फाइव", "सिक्स", "सेवन", "एट", "नाइन"};
        static constexpr std::array<const char*, 10> roman = {
            "shunya", "ek", "do", "teen", "chaar", "paanch", "chhe", "saat", "aath", "nau"};
        const auto index = static_cast<std::size_t>(digit - '0');
        if (language == "en" || (language == "hi-Latn" && english_digits)) return en[index];
        if (language == "hi") return english_digits ? hi_en[index] : hi[index];
        return roman[index];
    }

    /// Two digits said as one number, where the maker knows the word; empty otherwise.
    static std::string pair_word(std::string_view two, const std::string& language) {
        struct Pair {
            const char* digits;
            const char* hi;
            const char* roman;
        };

        static constexpr std::array<Pair, 16> pairs = {{{"98", "अट्ठानवे", "atthanve"},
                                                        {"97", "सत्तानवे", "sattanve"},
                                                        {"99", "निन्यानवे", "ninyanve"},
                                                        {"70", "सत्तर", "sattar"},
                                                        {"45", "पैंतालीस", "paintalis"},
                                                        {"22", "बाईस", "bais"},
                                                        {"33", "तैंतीस", "taintis"},
                                                        {"50", "पचास", "pachas"},
                                                        {"11", "ग्यारह", "gyarah"},
                                                        {"12", "बारह", "barah"},
                                                        {"25", "पच्चीस", "pachchis"},
                                                        {"61", "इकसठ", "iksath"},
                                                        {"84", "चौरासी", "chaurasi"},
                                                        {"78", "अठहत्तर", "athhattar"},
                                                        {"93", "तिरानवे", "tiranve"},
                                                        {"36", "छत्तीस", "chhattis"}}};
        static constexpr std::array<const char*, 10> tens = {
            "", "", "twenty", "thirty", "forty", "fifty", "sixty", "seventy", "eighty", "ninety"};
        if (language == "en") {
            if (two[0] < '2') return {};
            std::string word = tens[static_cast<std::size_t>(two[0] - '0')];
            if (two[1] != '0') word += std::string(" ") + digit_word(two[1], "en", true);
            return word;
        }
        for (const Pair& pair : pairs)
            if (two == pair.digits) return language == "hi" ? pair.hi : pair.roman;
        return {};
    }

    std::string spoken(const std::string& digits, const std::string& language) {
        const std::size_t style = below(5);
        std::string out;
        const auto say = [&](const std::string& word) {
            if (!out.empty()) out += below(12) == 0 ? ", " : " ";
            out += word;
        };
        if (style == 0) { // written in groups
            const std::size_t group = 3 + below(3);
            for (std::size_t i = 0; i < digits.size(); i += group)
                say(digits.substr(i, group));
            return out;
        }
        const bool english = below(2) == 0;
        const std::string again = language == "hi" ? "डबल" : "double";
        for (std::size_t i = 0; i < digits.size(); ++i) {
            if (i > 0 && i + 1 < digits.size() && below(15) == 0) say(filler(language));
            const bool pair = i + 1 < digits.size();
            if (style == 1 && pair && digits[i] == digits[i + 1]) {
                say(again + " " + digit_word(digits[i++], language, english));
                continue;
            }
            const std::string both =
                style == 2 && pair ? pair_word(digits.substr(i, 2), language) : "";
            if (!both.empty()) {
                say(both);
                ++i;
            } else {
                say(digit_word(digits[i], language, english));
            }
        }
        return out;
    }

    std::string filler(const std::string& language) {
        if (language == "en") return pick({"um", "and", "then", "okay"});
        return language == "hi" ? pick({"और", "फिर", "जी"}) : pick({"aur", "phir", "haan", "um"});
    }

    std::string question(const std::string& type, const std::string& language) {
        if (type == "PHONE")
            return language == "en" ? pick({"May I have your registered mobile number please?",
                                            "can you confirm your phone number",
                                            "what number should we call you on"})
                   : language == "hi"
                       ? pick({"कृपया अपना रजिस्टर्ड मोबाइल नंबर बताइए।", "आपका फोन नंबर क्या है"})
                       : pick({"apna registered mobile number bataiye", "number kya hai aapka"});
        if (type == "OTP")
            return language == "en" ? pick({"Please tell me the O T P you received.",
                                            "what is the one time password",
                                            "there is a code on your screen, what does it say?"})
                   : language == "hi"
                       ? pick({"ओटीपी बता दीजिए", "आपके फोन पर जो कोड आया है वह बोलिए"})
                       : pick({"jo otp aaya hai wo bataiye",
                               "code bata dijiye jo message mein aaya"});
        if (type == "CARD")
            return language == "en"   ? pick({"Please read the full card number.",
                                              "which card did you pay with, the number please"})
                   : language == "hi" ? pick({"कार्ड नंबर बताइए", "किस कार्ड से पैसे दिए, नंबर बोलिए"})
                                      : pick({"card ka poora number bataiye",
                                              "kaunse card se payment kiya number boliye"});
        return language == "en" ? pick({"I need your Aadhaar number to complete the verification.",
                                        "aadhaar please"})
               : language == "hi" ? pick({"आधार नंबर बता दीजिए", "अपना आधार बोलिए"})
                                  : pick({"aadhaar number bataiye", "aadhar ka number kya hai"});
    }

    std::string lead(const std::string& language) {
        if (language == "en")
            return pick({"Yes, it is", "sure", "it's", "haan it is", "one second, yes"});
        return language == "hi" ? pick({"जी", "हाँ लिखिए", "मेरा है", "एक मिनट, हाँ"})
                                : pick({"ji", "haan likhiye", "mera hai", "ek minute haan"});
    }

    std::string tail(const std::string& language) {
        if (below(2) == 0) return {};
        if (language == "en") return pick({"is that fine?", "that is my number", "please check"});
        return language == "hi" ? pick({"ठीक है?", "देख लीजिए", "यही है"})
                                : pick({"theek hai", "dekh lijiye", "yahi hai"});
    }

    static Texts negative_questions(const std::string& language) {
        if (language == "en")
            return {"How can I help you?",
                    "Tell me about the swap please.",
                    "Please never share your OTP or pin with anyone.",
                    "What is your area pin code?"};
        if (language == "hi")
            return {"बताइए क्या मदद करूँ", "किसी को ओटीपी मत बताइए", "कौन सा स्टेशन है"};
        return {"bataiye kya madad karu", "kisi ko otp mat bataiye", "kaunsa station hai"};
    }

    std::vector<Piece> negative(const std::string& language) {
        const std::string amount = std::to_string(100 + below(9000));
        const std::string small = std::to_string(2 + below(28));
        if (language == "en")
            return {{pick({"I paid ", "you deducted ", "the fine was "}) + amount + " rupees on " +
                         small + "th March",
                     false},
                    {pick({"battery is at ninety six percent in slot number fourteen",
                           "it was at half past seven, platform 12, station number 2045",
                           "wait five to seven working days and then two hundred and fifty rupees "
                           "come back",
                           "between four and five in the evening, gate 3",
                           "I did thirty swaps in twenty eight days",
                           "version 4 shows error 5021 at 7:52 pm"}),
                     false}};
        if (language == "hi")
            return {{"मैंने " + amount + " रुपये " + small + " तारीख को दिए", false},
                    {pick({"पाँच से सात दिन लगेंगे और दो सौ पचास रुपये",
                           "स्लॉट नंबर चौदह में छियानवे प्रतिशत है",
                           "शाम चार बजे गेट नंबर तीन पर",
                           "तीस दिन में बीस स्वैप किए"}),
                     false}};
        return {{"maine " + amount + " rupaye " + small + " tareekh ko diye", false},
                {pick({"paanch se saat din lagenge aur do sau pachas rupaye",
                       "slot number chaudah mein chhiyanve percent hai",
                       "shaam chaar baje gate number teen par",
                       "tees din mein bees swap kiye"}),
                 false}};
    }

    void add(LabelledUtterance& out, Role role, const std::vector<Piece>& pieces) {
        Turn turn;
        turn.index = static_cast<int>(out.transcript.turns.size()) + 1;
        turn.role = role;
        turn.speaker = role == Role::agent ? "ch0" : "ch1";
        turn.language = out.language;
        turn.start_ms = turn.index * 10000;
        turn.end_ms = turn.start_ms + 9000;
        std::vector<bool> labels;
        for (const Piece& piece : pieces) {
            if (piece.text.empty()) continue;
            if (!turn.text.empty()) turn.text += ' ';
            turn.text += piece.text;
            Turn words;
            words.text = piece.text;
            interpolate_words(words);
            labels.insert(labels.end(), words.words.size(), piece.personal);
        }
        interpolate_words(turn);
        out.transcript.turns.push_back(std::move(turn));
        out.personal.push_back(std::move(labels));
    }

    std::mt19937 random_;
};

} // namespace hs::analysis::testing
