/// Structured log: one JSON object a line, event named noun.verb, context attached by with().
///
/// Never log transcripts, prompts, customer fields, tokens or request bodies; Secret has no
/// printer.
#pragma once

#include <concepts>
#include <cstdint>
#include <initializer_list>
#include <memory>
#include <string>
#include <string_view>
#include <variant>
#include <vector>

namespace hs {

enum class LogLevel { debug, info, warn, error };

struct LogField {
    std::string_view name;
    std::variant<std::int64_t, double, bool, std::string> value;

    LogField(std::string_view n, std::string text) : name(n), value(std::move(text)) {}

    LogField(std::string_view n, std::string_view text) : name(n), value(std::string(text)) {}

    LogField(std::string_view n, const char* text) : name(n), value(std::string(text)) {}

    LogField(std::string_view n, bool flag) : name(n), value(flag) {}

    template <std::integral Number>
    LogField(std::string_view n, Number number) : name(n), value(std::int64_t(number)) {}

    LogField(std::string_view n, double number) : name(n), value(number) {}
};

using LogFields = std::initializer_list<LogField>;

/// Where lines go: one writer thread-safe sink per program (stderr by default).
class LogSink {
public:
    virtual ~LogSink() = default;
    virtual void write(std::string line) = 0; ///< a whole line with its newline
};

/// Cheap to copy; carries context fields that are added to every line.
class Log {
public:
    Log(); ///< to standard error, level info
    Log(std::shared_ptr<LogSink> sink, LogLevel least);

    [[nodiscard]] Log with(LogFields context) const;
    void debug(std::string_view event, LogFields fields = {}) const;
    void info(std::string_view event, LogFields fields = {}) const;
    void warn(std::string_view event, LogFields fields = {}) const;
    void error(std::string_view event, LogFields fields = {}) const;

private:
    void line(LogLevel level, std::string_view event, LogFields fields) const;

    std::shared_ptr<LogSink> sink_;
    LogLevel least_ = LogLevel::info;
    std::string context_; // ready JSON members, each with a leading comma
};

/// A sink that writes to standard error.
[[nodiscard]] std::shared_ptr<LogSink> stderr_sink();

} // namespace hs
