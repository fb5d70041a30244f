#include "app/demo_telling.hpp"

#include <algorithm>
#include <string_view>

#include <fmt/format.h>

#include "app/demo_chance.hpp"
#include "base/text.hpp"

namespace hs::app {

namespace {

constexpr double days_of_change = 28;
constexpr double cost_of_weakness = 0.4;
constexpr double cost_of_trouble = 0.45; // a place in trouble has less to offer its callers
constexpr double words_a_second = 2.5;

struct Line {
    Role role = Role::agent;
    std::string text;
    double silence = 0.5; // before it, seconds
};

class Teller {
public:
    Teller(const Telling& telling, const DemoCall& call)
        : telling_(telling), call_(call), chance_(call.seed),
          issue_(telling.parts.at("issues").as_object().at(call.issue).as_object()),
          changed_(std::clamp((days_of_change - call.days_ago) / days_of_change, 0.0, 1.0)) {
        choose_values();
        upset_ = chance_.happens(telling.city.trouble + telling.city.change * changed_ + 0.06);
    }

    std::vector<Line> lines() && {
        open();
        if (chance_.happens(0.35)) chat();
        if (chance_.happens(0.28)) hold();
        const bool code = call_.issue == "Account Access" && !does("privacy", 0.15);
        if (code) ask_for_code();
        settle();
        close();
        return std::move(lines_);
    }

private:
    void choose_values() {
        const auto& parts = telling_.parts;
        const auto name = telling_.agent.name.substr(0, telling_.agent.name.find(' '));
        values_["agent"] = name;
        values_["customer"] = call_.customer;
        values_["city"] = telling_.city.name;
        values_["station"] = chance_.one_of(telling_.stations);
        values_["station_2"] = chance_.one_of(telling_.stations);
        values_["plate"] =
            fmt::format("{} {:02} {}{} {}",
                        chance_.one_of(std::vector<std::string>{"MH", "DL", "KA", "UP", "GJ"}),
                        chance_.between(1, 49),
                        static_cast<char>('A' + chance_.between(0, 25)),
                        static_cast<char>('A' + chance_.between(0, 25)),
                        chance_.between(1000, 9999));
        values_["phone"] = fmt::format("9{} {:02} {:02} {:02} {:02}",
                                       chance_.between(0, 9),
                                       chance_.between(0, 99),
                                       chance_.between(0, 99),
                                       chance_.between(0, 99),
                                       chance_.between(0, 99));
        values_["amount"] = std::to_string(chance_.between(12, 240) * 10);
        values_["percent"] = std::to_string(chance_.between(4, 98));
        values_["minutes"] = std::to_string(chance_.between(10, 45));
        values_["slot"] = std::to_string(chance_.between(2, 12));
        values_["ticket"] = fmt::format("SV{}", chance_.between(10000, 99999));
        values_["day"] = picked(parts.at("days").as_array());
        values_["time"] = picked(parts.at("times").as_array());
    }

    std::string picked(const json::array& texts) {
        return std::string(texts.at(chance_.below(texts.size())).as_string());
    }

    /// One of a list of parts, its placeholders filled in.
    std::string part(const char* name) {
        const auto* own = issue_.if_contains(name);
        const auto text = picked((own != nullptr ? *own : telling_.parts.at(name)).as_array());
        std::string filled;
        for (std::size_t at = 0; at < text.size();) {
            const auto end = text[at] == '{' ? text.find('}', at) : std::string::npos;
            if (end == std::string::npos) {
                filled += text[at++];
                continue;
            }
            filled += values_.at(text.substr(at + 1, end - at - 1));
            at = end + 1;
        }
        return filled;
    }

    /// Whether the agent does a part well this time. `cost`: what makes it harder.
    bool does(std::string_view what, double cost = 0) {
        const auto& agent = telling_.agent;
        auto skill = agent.skill + agent.change * changed_ - cost;
        if (agent.weak == what) skill -= cost_of_weakness;
        return chance_.happens(std::clamp(skill, 0.03, 0.98));
    }

    void agent(std::string text, double silence = 0) {
        if (silence == 0) silence = 0.3 + chance_.share();
        lines_.push_back({Role::agent, in_own_voice(std::move(text)), silence});
    }

    void customer(std::string text, double silence = 0) {
        if (silence == 0) silence = 0.2 + 0.8 * chance_.share();
        lines_.push_back({Role::customer, std::move(text), silence});
    }

    /// Verbs that tell whether a woman or a man speaks.
    std::string in_own_voice(std::string text) const {
        const auto* selves = telling_.parts.if_contains("selves");
        if (selves == nullptr) return text;
        for (const auto& pair : selves->as_array()) {
            const std::string hers(pair.at(0).as_string());
            const std::string his(pair.at(1).as_string());
            const auto& wrong = telling_.agent.woman ? his : hers;
            const auto& right = telling_.agent.woman ? hers : his;
            for (auto at = text.find(wrong); at != std::string::npos;
                 at = text.find(wrong, at + right.size()))
                text.replace(at, wrong.size(), right);
        }
        return text;
    }

    void open() {
        agent(part(does("greeting") ? "greeting_good" : "greeting_bad"), 0.8);
        customer(part("address") + " " + part("problem") + " " + part(upset_ ? "upset" : "calm"));
        const auto sympathy = part(does("empathy") ? "empathy_good" : "empathy_bad");
        const bool asked_for = !issue_.contains("unverified");
        if (asked_for && does("verification")) {
            agent(sympathy + " " + part("verify_ask"));
            customer(part("verify_answer"));
            agent(part("verify_thanks") + " " + part("check"), 1.5);
        } else {
            agent(sympathy + " " + part("check"), 1.5);
        }
    }

    void chat() {
        customer(part("chat_customer"));
        agent(part("chat_agent"));
    }

    void hold() {
        if (does("hold")) {
            agent(part("hold_ask"));
            customer(part("hold_yes"));
            agent(part("hold_thanks"), chance_.between(20, 75));
        } else {
            agent(part("hold_bad"));
            customer(part("hold_complaint"), chance_.between(45, 150));
            agent(part("hold_back"));
        }
    }

    void ask_for_code() {
        agent(part("otp_ask"));
        customer(part("otp_answer"), 4);
    }

    void settle() {
        const auto trouble = telling_.city.trouble + telling_.city.change * changed_;
        solved_ = does("resolution", cost_of_trouble * trouble - 0.06);
        if (solved_) {
            const bool at_once = chance_.happens(0.68);
            agent(part(at_once ? "fix" : "pending"), 2);
            customer(part(at_once ? "happy" : "content"));
            return;
        }
        const bool promise = issue_.contains("false_promise") && chance_.happens(0.4);
        agent(part(promise ? "false_promise" : chance_.happens(0.6) ? "vague" : "refused"), 2);
        customer(part("unhappy"));
        if (!chance_.happens(upset_ ? 0.6 : 0.12)) return;
        agent(part("empathy_bad"));
        customer(part("threat"));
    }

    void close() {
        if (does("closing")) {
            agent(part("closing_good"));
            customer(part(solved_ ? "bye_good" : "bye_bad"));
            if (chance_.happens(0.7)) agent(part("wish"));
        } else {
            agent(part("closing_bad"));
            if (chance_.happens(0.8)) customer(part(solved_ ? "bye_good" : "bye_bad"));
        }
    }

    const Telling& telling_;
    const DemoCall& call_;
    Chance chance_;
    const json::object& issue_;
    double changed_; // of an agent's or city's change, how much has happened by then
    std::map<std::string, std::string, std::less<>> values_;
    std::vector<Line> lines_;
    bool upset_ = false;
    bool solved_ = false;
};

Turn turn_of(const Line& line, int index, int start_ms, const std::string& language) {
    Turn turn;
    turn.index = index;
    turn.speaker = line.role == Role::agent ? "ch0" : "ch1";
    turn.role = line.role;
    turn.text = nfc(trim(line.text));
    turn.language = language;
    turn.start_ms = start_ms;
    const auto words = static_cast<double>(std::ranges::count(turn.text, ' ') + 1);
    turn.end_ms = start_ms + 300 + static_cast<int>(1000 * words / words_a_second);
    interpolate_words(turn);
    return turn;
}

} // namespace

Transcript told(const Telling& telling, const DemoCall& call) {
    Transcript transcript;
    transcript.language = call.language;
    transcript.languages = {{call.language, 1.0}};
    transcript.engine = "demonstration";
    transcript.words_timed = "interpolated";
    int at_ms = 400;
    for (const auto& line : Teller(telling, call).lines()) {
        at_ms += static_cast<int>(1000 * line.silence);
        const auto index = static_cast<int>(transcript.turns.size()) + 1;
        transcript.turns.push_back(turn_of(line, index, at_ms, call.language));
        at_ms = transcript.turns.back().end_ms;
    }
    transcript.duration_ms = at_ms + 900;
    return transcript;
}

} // namespace hs::app
