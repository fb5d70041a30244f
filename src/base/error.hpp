/// Errors that callers are expected to handle, and the macros that pass them on.
///
/// A Result is for trouble that belongs to the job (bad input, missing row, refusing provider).
/// Bugs and lost dependencies are exceptions, caught by the HTTP dispatcher and the job runner
/// only.
#pragma once

#include <chrono>
#include <expected>
#include <optional>
#include <string>
#include <utility>

namespace hs {

enum class ErrorKind {
    invalid,
    unauthorized,
    forbidden,
    not_found,
    conflict,
    too_large,
    rate_limited,
    unavailable,
    upstream,
    internal,
};

struct Error {
    ErrorKind kind;
    std::string code;                                // stable and documented: "audio.too_short"
    std::string message;                             // for people; no secrets, no customer data
    std::optional<std::chrono::seconds> retry_after; // earliest useful retry, when known
};

template <typename T>
using Result = std::expected<T, Error>;

[[nodiscard]] inline std::unexpected<Error>
fail(ErrorKind kind, std::string code, std::string message) {
    return std::unexpected(Error{kind, std::move(code), std::move(message), std::nullopt});
}

/// HTTP status of the reply when an error of this kind reaches the client.
[[nodiscard]] constexpr int http_status(ErrorKind kind) {
    switch (kind) {
    case ErrorKind::invalid: return 400;
    case ErrorKind::unauthorized: return 401;
    case ErrorKind::forbidden: return 403;
    case ErrorKind::not_found: return 404;
    case ErrorKind::conflict: return 409;
    case ErrorKind::too_large: return 413;
    case ErrorKind::rate_limited: return 429;
    case ErrorKind::unavailable: return 503;
    case ErrorKind::upstream: return 502;
    case ErrorKind::internal: return 500;
    }
    return 500;
}

/// Whether a job that met this error may run again later.
[[nodiscard]] constexpr bool may_retry(ErrorKind kind) {
    return kind == ErrorKind::rate_limited || kind == ErrorKind::unavailable;
}

} // namespace hs

// NOLINTBEGIN(bugprone-macro-parentheses): `declaration` is a declaration, not an expression.
#define HS_CONCAT_IMPL(a, b) a##b
#define HS_CONCAT(a, b) HS_CONCAT_IMPL(a, b)
#define HS_TRY_IMPL(tmp, declaration, expression)                                                  \
    auto tmp = (expression);                                                                       \
    if (!tmp) return std::unexpected(std::move(tmp).error());                                      \
    declaration = *std::move(tmp)

/// TRY(const auto x, f()): x is f's value, or f's error is returned.
#define TRY(declaration, expression)                                                               \
    HS_TRY_IMPL(HS_CONCAT(try_result_, __LINE__), declaration, expression)

/// TRY_VOID(f()): for Result<void>.
#define TRY_VOID(expression)                                                                       \
    if (auto try_result = (expression); !try_result)                                               \
    return std::unexpected(std::move(try_result).error())

/// CO_TRY and CO_TRY_VOID: the same inside a coroutine that returns Task<Result<T>>; the expression
/// may hold co_await.
#define HS_CO_TRY_IMPL(tmp, declaration, expression)                                               \
    auto tmp = (expression);                                                                       \
    if (!tmp) co_return std::unexpected(std::move(tmp).error());                                   \
    declaration = *std::move(tmp)
#define CO_TRY(declaration, expression)                                                            \
    HS_CO_TRY_IMPL(HS_CONCAT(try_result_, __LINE__), declaration, expression)
#define CO_TRY_VOID(expression)                                                                    \
    if (auto try_result = (expression); !try_result)                                               \
    co_return std::unexpected(std::move(try_result).error())
// NOLINTEND(bugprone-macro-parentheses)
