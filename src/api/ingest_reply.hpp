/// What uploads of every kind answer, and the key that makes them repeatable.
#pragma once

#include <optional>
#include <string>

#include "api/context.hpp"

namespace hs::api {

/// The key of a repeatable request, or why it is no key.
[[nodiscard]] Result<std::optional<std::string>> idempotency_key(const http::Request& request);

[[nodiscard]] http::Response refused_upload(const http::Request& request,
                                            const pipeline::Refusal& refusal);

/// 201, after the wait that was asked for.
Task<http::Response> accepted_upload(const Context& context,
                                     http::Request request,
                                     pipeline::Ingested ingested,
                                     Wait wait);

} // namespace hs::api
