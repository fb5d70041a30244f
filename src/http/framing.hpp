/// Where a request begins and ends: head, Content-Length or chunks. Wraps the Beast parser, which
/// stays in framing.cpp; knows no socket.
#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"

namespace hs::http {

struct RequestHead {
    std::string method;
    std::string target;
    std::vector<std::pair<std::string, std::string>> headers; // names lower case
    std::optional<std::uint64_t> content_length;
    bool chunked = false;
    bool keep_alive = true;
    bool expects_continue = false;

    [[nodiscard]] bool has_body() const { return chunked || content_length.value_or(0) > 0; }

    [[nodiscard]] std::optional<std::string_view> header(std::string_view name) const;
};

/// One request. Refused besides what the parser refuses: other versions than 1.1, both
/// Transfer-Encoding and Content-Length, repeated or odd lengths, codings other than chunked,
/// repeated headers that must be single, trailers, chunk extensions over 256 bytes.
class RequestFraming {
public:
    RequestFraming();
    ~RequestFraming();
    RequestFraming(const RequestFraming&) = delete;
    RequestFraming& operator=(const RequestFraming&) = delete;

    /// `text`: a head that passed the HeadGate. Errors: "request.malformed", "path.too_long".
    Result<RequestHead> head(std::string_view text);

    /// Appends the body bytes found in `bytes` to `out` and gives how many bytes were used; the
    /// rest must be given again with more behind it. Errors: "request.malformed".
    Result<std::size_t> body(std::string_view bytes, std::string& out);

    /// Head and body are complete.
    [[nodiscard]] bool done() const;

private:
    class Parser;
    std::unique_ptr<Parser> parser_;
};

} // namespace hs::http
