/// Refuses request heads that two programs could read differently, before any parser sees them.
///
/// It only refuses: what passes is parsed by RequestFraming, the one parser. Bytes are looked at
/// once, as they arrive, so a bare line feed is refused at once and not after the time limit.
#pragma once

#include <cstddef>
#include <optional>
#include <string_view>

#include "base/error.hpp"

namespace hs::http {

constexpr std::size_t max_target_bytes = 8 << 10;
constexpr std::size_t max_header_bytes = 16 << 10;
constexpr std::size_t max_header_count = 100;

class HeadGate {
public:
    /// `buffer`: everything received since the last request, growing from call to call. Gives the
    /// head (with its empty line) once it is complete. Errors: "request.malformed" 400,
    /// "path.too_long" 414, "headers.too_large" 431.
    Result<std::optional<std::string_view>> scan(std::string_view buffer);

    /// Bytes before the head: one empty line, which RFC 9112 asks us to overlook.
    [[nodiscard]] std::size_t start() const { return start_; }

private:
    Result<void> check(char c);
    Result<bool> end_of_line();

    std::size_t seen_ = 0;
    std::size_t start_ = 0;
    std::size_t line_length_ = 0;  // without CR LF
    std::size_t lines_ = 0;        // finished ones, the request line included
    std::size_t header_bytes_ = 0; // after the request line
    bool after_cr_ = false;
};

} // namespace hs::http
