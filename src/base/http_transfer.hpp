/// One transfer of the outbound HTTP client: the libcurl handle, its limits and its reply.
/// Private to http_client.cpp.
#pragma once

#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <stop_token>

#include <curl/curl.h>

#include "base/http_client.hpp"

namespace hs::detail {

/// Whoever waits for a reply. deliver() is called once, from the loop's thread.
class Waiter {
public:
    Waiter() = default;
    Waiter(const Waiter&) = delete;
    Waiter& operator=(const Waiter&) = delete;
    virtual ~Waiter() = default;
    virtual void deliver(Result<InboundReply> result) = 0;
};

class Transfer {
public:
    using Instant = std::chrono::steady_clock::time_point;

    Transfer(OutboundRequest request, std::unique_ptr<Waiter> waiter);
    ~Transfer();
    Transfer(const Transfer&) = delete;
    Transfer& operator=(const Transfer&) = delete;

    /// Makes the handle ready. Errors: invalid "egress.request".
    [[nodiscard]] Result<void> prepare();

    [[nodiscard]] CURL* handle() const { return easy_; }

    /// Calls `wake` as soon as the caller asks to stop.
    void watch_stop(std::function<void()> wake);

    /// The error to end with now (time-out, cancelled), if any.
    [[nodiscard]] std::optional<Error> overdue(Instant now);
    /// When overdue() may change its mind without anything arriving.
    [[nodiscard]] Instant next_deadline() const;

    /// What the transfer came to, by libcurl's verdict.
    [[nodiscard]] Result<InboundReply> outcome(CURLcode code);

    void deliver(Result<InboundReply> result);

private:
    struct Callbacks;

    void set_policy();
    [[nodiscard]] Result<void> set_headers();
    void set_body();
    void set_file_body();
    void note_upload(Instant now);
    [[nodiscard]] bool take_header(std::string_view line);
    [[nodiscard]] bool take_body(std::string_view bytes);

    OutboundRequest request_;
    std::unique_ptr<Waiter> waiter_;
    CURL* easy_ = nullptr;
    curl_slist* header_list_ = nullptr;
    curl_mime* mime_ = nullptr;
    std::optional<std::stop_callback<std::function<void()>>> on_stop_;

    std::uint64_t file_position_ = 0; // of the next byte of body_fd, from body_offset
    Instant started_;
    bool connected_ = false;
    Instant last_sent_;
    curl_off_t sent_bytes_ = 0;
    std::optional<Instant> last_received_; // of body bytes
    bool refused_ = false;
    bool too_large_ = false;
    std::size_t header_bytes_ = 0;
    InboundReply reply_;
};

} // namespace hs::detail
