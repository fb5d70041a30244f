/// What to do with a request: everything between the parser and the handler that needs no socket.
#pragma once

#include <cstdint>
#include <optional>
#include <string>

#include "base/log.hpp"
#include "base/task.hpp"
#include "http/cors.hpp"
#include "http/framing.hpp"
#include "http/message.hpp"
#include "http/router.hpp"
#include "http/server.hpp"
#include "http/target.hpp"

namespace hs::http {

/// One request on its way through the server.
struct Exchange {
    Request request;
    std::string method = "none"; // as logged and counted: a known method, "other" or "none"
    const Route* route = nullptr;
    std::optional<Response> answer; // set as soon as it is known; the body is then not read
    bool close = false;             // the connection ends with the answer
    bool expects_continue = false;
    std::uint64_t body_limit = 0;
    std::string boundary; // of a form
};

class Dispatcher {
public:
    Dispatcher(const ServerOptions& options, Router router, Log log, std::uint16_t port);

    /// Judges the head; afterwards either `route` or `answer` is set.
    [[nodiscard]] Exchange admit(RequestHead head, std::string remote_address) const;
    /// The exchange of a request that could not be read.
    [[nodiscard]] Exchange unreadable(const Error& error, std::string remote_address) const;
    /// Runs the handler; its exceptions become answers here and nowhere else.
    Task<Response> handle(Exchange& exchange) const;
    /// Asks the route's gate before the body is read; fills `answer` when it objects.
    Task<void> ask_gate(Exchange& exchange) const;
    /// Adds to an answer what every answer carries.
    void complete(const Exchange& exchange, Response& response) const;

private:
    void begin(Exchange& exchange, std::string remote_address) const;
    Result<void> check(Exchange& exchange, const RequestHead& head) const;
    Result<void>
    find_route(Exchange& exchange, const RequestHead& head, const Target& target) const;
    [[nodiscard]] Response answer_exception(const Request& request,
                                            std::exception_ptr exception) const;

    const ServerOptions& options_;
    Router router_;
    Log log_;
    std::uint16_t port_;
    Cors cors_;
};

} // namespace hs::http
