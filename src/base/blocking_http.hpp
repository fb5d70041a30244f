/// The outbound HTTP client for callers that may block: one request, one reply. Any thread.
#pragma once

#include <memory>

#include "base/http_client.hpp"

namespace hs {

class BlockingHttp {
public:
    BlockingHttp();
    ~BlockingHttp(); ///< requests under way end with "egress.interrupted"
    BlockingHttp(const BlockingHttp&) = delete;
    BlockingHttp& operator=(const BlockingHttp&) = delete;

    /// As HttpClient::send. Never call it on a thread that serves or that completes coroutines.
    [[nodiscard]] Result<InboundReply> send(OutboundRequest request);

private:
    struct State;
    std::unique_ptr<State> state_;
};

} // namespace hs
