/// Outbound HTTP: one libcurl multi loop, awaited by coroutines. The egress policy lives here.
///
/// No redirects, no proxy from the environment, TLS verified, reply size capped, every phase timed.
#pragma once

#include <chrono>
#include <cstdint>
#include <memory>
#include <optional>
#include <stop_token>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "base/error.hpp"
#include "base/task.hpp"

namespace hs {

struct HttpFormPart {
    std::string name;
    std::string content;
    std::string filename;     // empty: a plain field
    std::string content_type; // empty: none
};

struct OutboundRequest {
    std::string method = "GET";
    std::string url;
    std::vector<std::pair<std::string, std::string>> headers;
    std::string body;
    std::vector<HttpFormPart> form; // when not empty: multipart/form-data instead of body
    /// When set: `body_bytes` of this file from `body_offset` are the body, read as they are sent.
    /// The file stays open until the reply.
    int body_fd = -1;
    std::uint64_t body_offset = 0;
    std::uint64_t body_bytes = 0;
    std::chrono::milliseconds connect_limit{8000};      // connect and TLS together
    std::chrono::milliseconds first_byte_limit{120000}; // from the last request byte
    std::chrono::milliseconds idle_limit{30000};        // between body bytes, starts with the first
    std::chrono::milliseconds total_limit{600000};
    std::uint64_t max_reply_bytes = 4u << 20;
    /// Loopback and private addresses are refused unless the operator allowed this destination.
    bool allow_private = false;
    std::stop_token stop;
};

struct InboundReply {
    int status = 0;
    std::vector<std::pair<std::string, std::string>> headers; // names lower case
    std::string body;

    [[nodiscard]] std::optional<std::string> header(std::string_view name) const;
};

class HttpClient {
public:
    HttpClient();
    ~HttpClient();
    HttpClient(const HttpClient&) = delete;
    HttpClient& operator=(const HttpClient&) = delete;

    /// Any status is a reply. Errors: unavailable "egress.connect", "egress.timeout",
    /// "egress.interrupted" (cut reply, cancelled); upstream "egress.too_large"; forbidden
    /// "egress.address_refused"; invalid "egress.request" (malformed address or header).
    /// The client must be destroyed before the io_context that its callers run on.
    Task<Result<InboundReply>> send(OutboundRequest request);

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace hs
