/// Reads the body of one request off a connection, in constant memory, under all its limits.
#pragma once

#include <cstdint>
#include <memory>
#include <string>

#include "base/cpu_pool.hpp"
#include "base/error.hpp"
#include "base/metrics.hpp"
#include "base/task.hpp"
#include "http/channel.hpp"
#include "http/dispatch.hpp"
#include "http/framing.hpp"
#include "http/server.hpp"

namespace hs::http {

class FormReader;

/// Fills request.body or request.form.
class BodyReader {
public:
    BodyReader(Channel& channel,
               RequestFraming& framing,
               const ServerOptions& options,
               CpuPool& cpu);
    ~BodyReader();
    BodyReader(const BodyReader&) = delete;
    BodyReader& operator=(const BodyReader&) = delete;

    /// `received` counts the bytes of forms. Errors: "request.timeout" 408, "body.too_large" 413,
    /// "request.malformed" 400, those of the MultipartParser and of the spool.
    Task<Result<void>> read(Exchange& exchange, Counter& received);

private:
    Task<Result<void>> receive();
    Task<Result<void>> take(Exchange& exchange);
    Result<void> check_rate();

    Channel& channel_;
    RequestFraming& framing_;
    const ServerOptions& options_;
    CpuPool& cpu_;
    std::unique_ptr<FormReader> form_;
    std::string decoded_; // body bytes without framing, not yet taken
    std::uint64_t total_ = 0;
    Instant end_;        // of the whole body
    Instant window_end_; // of the present stretch of the least rate
    std::uint64_t window_bytes_ = 0;
};

} // namespace hs::http
