/// Which bodies a route takes, told from the head alone.
#pragma once

#include <cstdint>
#include <string>

#include "base/error.hpp"
#include "http/framing.hpp"
#include "http/router.hpp"
#include "http/server.hpp"

namespace hs::http {

struct BodyPlan {
    std::uint64_t limit = 0;
    std::string boundary; // of a form
};

/// Errors: "body.unsupported_type" 415, "body.too_large" 413 by Content-Length,
/// "multipart.boundary" 400.
[[nodiscard]] Result<BodyPlan>
plan_body(const RequestHead& head, const Route& route, const ServerOptions& options);

} // namespace hs::http
