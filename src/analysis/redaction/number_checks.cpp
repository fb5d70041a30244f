#include "analysis/redaction/number_checks.hpp"

#include <algorithm>
#include <array>
#include <cstddef>

namespace hs::analysis::redaction {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool is_capital(char c) {
    return c >= 'A' && c <= 'Z';
}

// Dihedral group D5 and its permutation: J. Verhoeff, Error Detecting Decimal Codes (1969).
constexpr unsigned char d5[10][10] = {{0, 1, 2, 3, 4, 5, 6, 7, 8, 9},
                                      {1, 2, 3, 4, 0, 6, 7, 8, 9, 5},
                                      {2, 3, 4, 0, 1, 7, 8, 9, 5, 6},
                                      {3, 4, 0, 1, 2, 8, 9, 5, 6, 7},
                                      {4, 0, 1, 2, 3, 9, 5, 6, 7, 8},
                                      {5, 9, 8, 7, 6, 0, 4, 3, 2, 1},
                                      {6, 5, 9, 8, 7, 1, 0, 4, 3, 2},
                                      {7, 6, 5, 9, 8, 2, 1, 0, 4, 3},
                                      {8, 7, 6, 5, 9, 3, 2, 1, 0, 4},
                                      {9, 8, 7, 6, 5, 4, 3, 2, 1, 0}};
constexpr unsigned char turn[8][10] = {{0, 1, 2, 3, 4, 5, 6, 7, 8, 9},
                                       {1, 5, 7, 6, 2, 8, 3, 0, 9, 4},
                                       {5, 8, 0, 3, 7, 9, 6, 1, 4, 2},
                                       {8, 9, 1, 6, 0, 4, 3, 5, 2, 7},
                                       {9, 4, 5, 3, 1, 2, 6, 8, 7, 0},
                                       {4, 2, 8, 6, 5, 7, 3, 9, 0, 1},
                                       {2, 7, 9, 3, 8, 0, 6, 4, 1, 5},
                                       {7, 0, 4, 6, 9, 1, 3, 2, 5, 8}};

constexpr std::array<std::string_view, 43> state_codes = {
    "AN", "AP", "AR", "AS", "BR", "CG", "CH", "DD", "DL", "DN", "GA", "GJ", "HP", "HR", "JH",
    "JK", "KA", "KL", "LA", "LD", "MH", "ML", "MN", "MP", "MZ", "NL", "OD", "OR", "PB", "PY",
    "RJ", "SK", "TG", "TN", "TR", "TS", "UA", "UK", "UP", "WB", "CT", "UT", "PN"};

/// How many characters from `at` on satisfy `test`, at most `limit`.
template <typename Test>
std::size_t run_length(std::string_view text, std::size_t at, std::size_t limit, const Test& test) {
    std::size_t length = 0;
    while (length < limit && at + length < text.size() && test(text[at + length]))
        ++length;
    return length;
}

bool is_bharat_plate(std::string_view text) {
    return (text.size() == 9 || text.size() == 10) && run_length(text, 0, 3, is_digit) == 2 &&
           text.substr(2, 2) == "BH" && run_length(text, 4, 5, is_digit) == 4 &&
           run_length(text, 8, 2, is_capital) == text.size() - 8;
}

} // namespace

bool passes_luhn(std::string_view digits) {
    int sum = 0;
    bool twice = false;
    for (auto it = digits.rbegin(); it != digits.rend(); ++it, twice = !twice) {
        const int value = *it - '0';
        sum += twice ? (value * 2 > 9 ? value * 2 - 9 : value * 2) : value;
    }
    return sum % 10 == 0;
}

bool passes_verhoeff(std::string_view digits) {
    unsigned check = 0;
    std::size_t position = 0;
    for (auto it = digits.rbegin(); it != digits.rend(); ++it, ++position)
        check = d5[check][turn[position % 8][static_cast<std::size_t>(*it - '0')]];
    return check == 0;
}

bool is_phone(std::string_view digits, bool plus) {
    if (plus && digits.size() >= 8 && digits.size() <= 15) return true;
    for (const std::string_view prefix : {"0091", "091", "91", "0"})
        if (digits.size() == 10 + prefix.size() && digits.starts_with(prefix)) {
            digits.remove_prefix(prefix.size());
            break;
        }
    return digits.size() == 10 && digits[0] >= '6' && digits[0] <= '9';
}

bool is_card(std::string_view digits) {
    return digits.size() >= 13 && digits.size() <= 19 &&
           digits.find_first_not_of('0') != digits.npos && passes_luhn(digits);
}

bool is_aadhaar(std::string_view digits) {
    return digits.size() == 12 && digits[0] >= '2' && passes_verhoeff(digits);
}

bool is_pan(std::string_view text) {
    return text.size() == 10 && run_length(text, 0, 6, is_capital) == 5 &&
           run_length(text, 5, 5, is_digit) == 4 && is_capital(text[9]) &&
           std::string_view("PCHFATBLJG").find(text[3]) != std::string_view::npos;
}

bool is_vehicle(std::string_view text) {
    if (is_bharat_plate(text)) return true;
    if (text.size() < 8 || text.size() > 11) return false;
    if (std::find(state_codes.begin(), state_codes.end(), text.substr(0, 2)) == state_codes.end())
        return false;
    std::size_t at = 2;
    const std::size_t district = run_length(text, at, 3, is_digit);
    if (district < 1 || district > 2) return false;
    at += district;
    const std::size_t series = run_length(text, at, 4, is_capital);
    if (series < 1 || series > 3) return false;
    at += series;
    return run_length(text, at, 5, is_digit) == 4 && at + 4 == text.size();
}

} // namespace hs::analysis::redaction
