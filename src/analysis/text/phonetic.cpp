#include <string>
#include <string_view>

#include "analysis/text/folding.hpp"

namespace hs::analysis {

namespace {

constexpr std::size_t code_length = 6;

bool vowel_at(std::string_view word, std::size_t at) {
    return at < word.size() && std::string_view("aeiouy").find(word[at]) != std::string_view::npos;
}

/// Walks a word once and writes two codes: as English says it, and as other languages would.
class Encoder {
public:
    explicit Encoder(std::string_view word) : word_(word) {}

    PhoneticCode encode() {
        skip_silent_start();
        while (at_ < word_.size() && code_.primary.size() < code_length)
            step();
        code_.primary.resize(std::min(code_.primary.size(), code_length));
        code_.secondary.resize(std::min(code_.secondary.size(), code_length));
        return code_;
    }

private:
    char here(std::size_t ahead = 0) const {
        return at_ + ahead < word_.size() ? word_[at_ + ahead] : '\0';
    }

    bool next_is(std::string_view text) const { return word_.substr(at_).starts_with(text); }

    bool front_vowel(std::size_t ahead) const {
        const char c = here(ahead);
        return c == 'e' || c == 'i' || c == 'y';
    }

    void put(std::string_view primary, std::string_view secondary, std::size_t letters) {
        code_.primary += primary;
        code_.secondary += secondary;
        at_ += letters;
    }

    void put(std::string_view both, std::size_t letters) { put(both, both, letters); }

    void skip_silent_start() {
        for (const auto* const start : {"gn", "kn", "pn", "wr", "ps"})
            if (next_is(start)) at_ = 1;
        if (here() == 'x') put("S", 1);
    }

    std::size_t doubled(char c) const { return here(1) == c ? 2 : 1; }

    void step() {
        const char c = here();
        switch (c) {
        case 'a':
        case 'e':
        case 'i':
        case 'o':
        case 'u':
        case 'y':
            if (at_ == 0) {
                put("A", 1);
            } else {
                ++at_;
            }
            break;
        case 'b': put("P", doubled('b')); break;
        case 'c': letter_c(); break;
        case 'd':
            if (next_is("dge") || next_is("dgi")) {
                put("J", 3);
            } else {
                put("T", here(1) == 't' ? 2 : doubled('d'));
            }
            break;
        case 'f': put("F", doubled('f')); break;
        case 'g': letter_g(); break;
        case 'h':
            if (vowel_at(word_, at_ + 1) && (at_ == 0 || vowel_at(word_, at_ - 1))) {
                put("H", 2);
            } else {
                ++at_;
            }
            break;
        case 'j': put("J", "J", doubled('j')); break;
        case 'k': put("K", doubled('k')); break;
        case 'l': put("L", doubled('l')); break;
        case 'm': put("M", doubled('m')); break;
        case 'n': put("N", doubled('n')); break;
        case 'p': put(here(1) == 'h' ? "F" : "P", here(1) == 'h' ? 2 : doubled('p')); break;
        case 'q': put("K", doubled('q')); break;
        case 'r': put("R", doubled('r')); break;
        case 's': letter_s(); break;
        case 't': letter_t(); break;
        case 'v': put("F", doubled('v')); break;
        case 'w':
            if (at_ == 0 && vowel_at(word_, 1)) {
                put("A", "F", 1);
            } else {
                ++at_;
            }
            break;
        case 'x': put("KS", 1); break;
        case 'z': put("S", "TS", doubled('z')); break;
        default: ++at_; break; // digits and signs have no sound
        }
    }

    void letter_c() {
        if (next_is("ch")) {
            put("X", "K", 2);
        } else if (next_is("ck") || next_is("cq")) {
            put("K", 2);
        } else if (next_is("cia")) {
            put("X", 3);
        } else if (front_vowel(1)) {
            put("S", 1);
        } else {
            put("K", next_is("cc") && !front_vowel(2) ? 2 : 1);
        }
    }

    void letter_g() {
        if (next_is("gh")) {
            // "laugh" has an F, "right" has nothing.
            if (at_ + 2 == word_.size() && at_ > 1) {
                put("F", "", 2);
            } else if (at_ == 0 || vowel_at(word_, at_ + 2)) {
                put("K", 2);
            } else {
                at_ += 2;
            }
        } else if (next_is("gn") && at_ + 2 == word_.size()) {
            put("N", "KN", 2);
        } else if (front_vowel(1)) {
            put("J", "K", 1);
        } else {
            put("K", doubled('g'));
        }
    }

    void letter_s() {
        if (next_is("sh")) {
            put("X", 2);
        } else if (next_is("sio") || next_is("sia")) {
            put("S", "X", 3);
        } else if (next_is("sch")) {
            put("SK", "X", 3);
        } else if (next_is("sc") && front_vowel(2)) {
            put("S", 2);
        } else {
            put("S", doubled('s'));
        }
    }

    void letter_t() {
        if (next_is("tion") || next_is("tia")) {
            put("X", 3);
        } else if (next_is("tch")) {
            put("X", 3);
        } else if (next_is("th")) {
            put("0", "T", 2);
        } else {
            put("T", doubled('t'));
        }
    }

    std::string_view word_;
    std::size_t at_ = 0;
    PhoneticCode code_;
};

} // namespace

PhoneticCode phonetic_code(const WordKeys& keys) {
    return Encoder(keys.devanagari ? keys.k2 : keys.k1).encode();
}

} // namespace hs::analysis
