#include "base/log.hpp"

#include <algorithm>
#include <cerrno>
#include <chrono>
#include <cmath>
#include <mutex>
#include <type_traits>

#include <fmt/chrono.h>
#include <fmt/format.h>
#include <unistd.h>

#include "base/json_text.hpp"

namespace hs {

namespace {

class StderrSink final : public LogSink {
public:
    void write(std::string line) override {
        // One write a line keeps lines of several processes apart; the lock does it for threads.
        const std::scoped_lock lock(mutex_);
        std::string_view rest = line;
        while (!rest.empty()) {
            const auto written = ::write(STDERR_FILENO, rest.data(), rest.size());
            if (written < 0 && errno == EINTR) continue;
            if (written <= 0) return; // nowhere left to complain
            rest.remove_prefix(static_cast<std::size_t>(written));
        }
    }

private:
    std::mutex mutex_;
};

const char* level_name(LogLevel level) {
    switch (level) {
    case LogLevel::debug: return "debug";
    case LogLevel::info: return "info";
    case LogLevel::warn: return "warn";
    case LogLevel::error: return "error";
    }
    return "error";
}

void append_member(std::string& out, const LogField& field) {
    out += ',';
    append_json_string(out, field.name);
    out += ':';
    std::visit(
        [&out](const auto& value) {
            using Value = std::decay_t<decltype(value)>;
            if constexpr (std::is_same_v<Value, std::string>) {
                append_json_string(out, value);
            } else if constexpr (std::is_same_v<Value, double>) {
                out += std::isfinite(value) ? json_number(value) : "null";
            } else {
                out += fmt::format("{}", value);
            }
        },
        field.value);
}

std::string utc_now() {
    const auto now =
        std::chrono::floor<std::chrono::microseconds>(std::chrono::system_clock::now());
    const auto second = std::chrono::floor<std::chrono::seconds>(now);
    return fmt::format("{:%Y-%m-%dT%H:%M:%S}.{:06}Z",
                       fmt::gmtime(std::chrono::system_clock::to_time_t(second)),
                       (now - second).count());
}

/// "call.transcribed" read aloud: "call transcribed".
std::string message_of(std::string_view event) {
    std::string out(event);
    std::ranges::replace_if(out, [](char c) { return c == '.' || c == '_'; }, ' ');
    return out;
}

} // namespace

Log::Log() : Log(stderr_sink(), LogLevel::info) {}

Log::Log(std::shared_ptr<LogSink> sink, LogLevel least) : sink_(std::move(sink)), least_(least) {}

Log Log::with(LogFields context) const {
    Log out = *this;
    for (const auto& field : context)
        append_member(out.context_, field);
    return out;
}

void Log::debug(std::string_view event, LogFields fields) const {
    line(LogLevel::debug, event, fields);
}

void Log::info(std::string_view event, LogFields fields) const {
    line(LogLevel::info, event, fields);
}

void Log::warn(std::string_view event, LogFields fields) const {
    line(LogLevel::warn, event, fields);
}

void Log::error(std::string_view event, LogFields fields) const {
    line(LogLevel::error, event, fields);
}

void Log::line(LogLevel level, std::string_view event, LogFields fields) const {
    if (level < least_) return;
    std::string out =
        fmt::format(R"({{"ts":"{}","level":"{}","msg":)", utc_now(), level_name(level));
    append_json_string(out, message_of(event));
    out += R"(,"event":)";
    append_json_string(out, event);
    out += context_;
    for (const auto& field : fields)
        append_member(out, field);
    out += "}\n";
    sink_->write(std::move(out));
}

std::shared_ptr<LogSink> stderr_sink() {
    return std::make_shared<StderrSink>();
}

} // namespace hs
