#include "store/search.hpp"

#include "base/text.hpp"
#include "store/queries.hpp"

namespace hs::store {

namespace {

constexpr char begins = '\x02';
constexpr char ends = '\x03';

bool starts_code_point(char c) {
    return (static_cast<unsigned char>(c) & 0xc0U) != 0x80U;
}

} // namespace

std::string wanted_words(std::string_view search) {
    std::string words;
    bool quoted = false;
    bool unwanted = false; // of the word, or the phrase, under way
    std::string word;
    const auto end_word = [&] {
        if (!word.empty() && !unwanted && (quoted || !iequals_ascii(word, "or"))) {
            words += words.empty() ? "" : " ";
            words += word;
        }
        word.clear();
        if (!quoted) unwanted = false;
    };
    for (const char c : search) {
        if (c == '"') {
            const bool opens = !quoted;
            if (!opens || !word.empty()) end_word();
            quoted = opens;
            if (!opens) unwanted = false;
        } else if (c == ' ' || c == '\t') {
            end_word();
        } else if (c == '-' && word.empty() && !quoted) {
            unwanted = true;
        } else {
            word += c;
        }
    }
    end_word();
    return words;
}

FoundTurn taken_apart(std::string_view marked) {
    FoundTurn found;
    std::int64_t place = 0;
    for (const char c : marked) {
        if (c == begins) {
            found.highlights.push_back({place, place});
        } else if (c == ends) {
            if (!found.highlights.empty()) found.highlights.back().to = place;
        } else {
            if (starts_code_point(c)) ++place;
            found.text += c;
        }
    }
    return found;
}

Task<std::map<CallId, std::vector<FoundTurn>>> found_turns(pg::Session& session,
                                                           TenantId tenant,
                                                           std::vector<CallId> calls,
                                                           std::string words,
                                                           std::optional<std::string> role) {
    std::vector<Uuid> ids;
    for (const auto& call : calls)
        ids.push_back(call.value);
    const auto rows = co_await session.run(sql::found_turns, pg::params(tenant, ids, words, role));
    std::map<CallId, std::vector<FoundTurn>> found;
    for (const auto row : rows) {
        auto turn = taken_apart(row.view("marked"));
        turn.turn = row.integer("turn");
        turn.role = row.text("role");
        turn.start_ms = row.integer("start_ms");
        turn.end_ms = row.integer("end_ms");
        found[CallId{row.uuid("call_id")}].push_back(std::move(turn));
    }
    co_return found;
}

} // namespace hs::store
