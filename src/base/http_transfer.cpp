#include "base/http_transfer.hpp"

#include <algorithm>
#include <stdexcept>

#include <sys/socket.h>
#include <unistd.h>

#include "base/egress_policy.hpp"
#include "base/text.hpp"

namespace hs::detail {

namespace {

constexpr std::size_t max_header_bytes = 256u << 10;

bool one_line(std::string_view text) {
    return text.find_first_of(std::string_view("\r\n\0", 3)) == std::string_view::npos;
}

std::unexpected<Error> bad_request(const char* message) {
    return fail(ErrorKind::invalid, "egress.request", message);
}

} // namespace

struct Transfer::Callbacks {
    static curl_socket_t open(void* self, curlsocktype, curl_sockaddr* address) {
        auto& transfer = *static_cast<Transfer*>(self);
        const auto reach = reach_of(address->addr);
        if (reach == Reach::nowhere || (reach == Reach::here && !transfer.request_.allow_private)) {
            transfer.refused_ = true;
            return CURL_SOCKET_BAD;
        }
        return ::socket(address->family, address->socktype | SOCK_CLOEXEC, address->protocol);
    }

    static int connected(void* self, char*, char*, int, int) {
        auto& transfer = *static_cast<Transfer*>(self);
        transfer.connected_ = true;
        transfer.last_sent_ = std::chrono::steady_clock::now();
        return CURL_PREREQFUNC_OK;
    }

    static std::size_t header(char* bytes, std::size_t, std::size_t size, void* self) {
        const bool taken = static_cast<Transfer*>(self)->take_header({bytes, size});
        return taken ? size : 0;
    }

    static std::size_t body(char* bytes, std::size_t, std::size_t size, void* self) {
        const bool taken = static_cast<Transfer*>(self)->take_body({bytes, size});
        return taken ? size : size + 1; // anything but `size` is a refusal, also for no bytes
    }

    static std::size_t file(char* bytes, std::size_t, std::size_t room, void* self) {
        auto& transfer = *static_cast<Transfer*>(self);
        const auto& request = transfer.request_;
        const auto wanted =
            std::min<std::uint64_t>(room, request.body_bytes - transfer.file_position_);
        const auto at = static_cast<off_t>(request.body_offset + transfer.file_position_);
        const auto got = wanted == 0 ? 0 : ::pread(request.body_fd, bytes, wanted, at);
        if (got < 0 || (got == 0 && wanted > 0)) return CURL_READFUNC_ABORT;
        transfer.file_position_ += static_cast<std::uint64_t>(got);
        return static_cast<std::size_t>(got);
    }

    /// libcurl starts again when a kept connection turns out to be closed.
    static int rewind(void* self, curl_off_t offset, int origin) {
        if (origin != SEEK_SET || offset < 0) return CURL_SEEKFUNC_FAIL;
        static_cast<Transfer*>(self)->file_position_ = static_cast<std::uint64_t>(offset);
        return CURL_SEEKFUNC_OK;
    }
};

Transfer::Transfer(OutboundRequest request, std::unique_ptr<Waiter> waiter)
    : request_(std::move(request)), waiter_(std::move(waiter)), easy_(curl_easy_init()),
      started_(std::chrono::steady_clock::now()), last_sent_(started_) {
    if (!easy_) throw std::runtime_error("libcurl gave no handle");
}

Transfer::~Transfer() {
    curl_easy_cleanup(easy_);
    curl_slist_free_all(header_list_);
    curl_mime_free(mime_);
}

Result<void> Transfer::prepare() {
    if (!one_line(request_.url) || !one_line(request_.method) || request_.method.empty())
        return bad_request("malformed method or address");
    set_policy();
    TRY_VOID(set_headers());
    set_body();
    curl_easy_setopt(easy_, CURLOPT_URL, request_.url.c_str());
    curl_easy_setopt(easy_, CURLOPT_PRIVATE, this);
    curl_easy_setopt(easy_, CURLOPT_HEADERFUNCTION, &Callbacks::header);
    curl_easy_setopt(easy_, CURLOPT_HEADERDATA, this);
    curl_easy_setopt(easy_, CURLOPT_WRITEFUNCTION, &Callbacks::body);
    curl_easy_setopt(easy_, CURLOPT_WRITEDATA, this);
    curl_easy_setopt(easy_, CURLOPT_PREREQFUNCTION, &Callbacks::connected);
    curl_easy_setopt(easy_, CURLOPT_PREREQDATA, this);
    return {};
}

void Transfer::set_policy() {
    curl_easy_setopt(easy_, CURLOPT_OPENSOCKETFUNCTION, &Callbacks::open);
    curl_easy_setopt(easy_, CURLOPT_OPENSOCKETDATA, this);
    curl_easy_setopt(easy_, CURLOPT_PROTOCOLS_STR, "http,https");
    curl_easy_setopt(easy_, CURLOPT_FOLLOWLOCATION, 0L);
    curl_easy_setopt(easy_, CURLOPT_PROXY, ""); // set and empty: the environment is not asked
    curl_easy_setopt(easy_, CURLOPT_DISALLOW_USERNAME_IN_URL, 1L);
    curl_easy_setopt(easy_, CURLOPT_SSL_VERIFYPEER, 1L);
    curl_easy_setopt(easy_, CURLOPT_SSL_VERIFYHOST, 2L);
    curl_easy_setopt(easy_, CURLOPT_SSLVERSION, static_cast<long>(CURL_SSLVERSION_TLSv1_2));
    curl_easy_setopt(easy_, CURLOPT_HTTP_VERSION, static_cast<long>(CURL_HTTP_VERSION_1_1));
    curl_easy_setopt(easy_, CURLOPT_NOSIGNAL, 1L);
    // Giving up on a name server that hangs must not hold up the other transfers.
    curl_easy_setopt(easy_, CURLOPT_QUICK_EXIT, 1L);
    curl_easy_setopt(easy_, CURLOPT_USERAGENT, "hacksmart/" HS_VERSION);
}

Result<void> Transfer::set_headers() {
    const auto append = [this](const std::string& line) {
        auto* longer = curl_slist_append(header_list_, line.c_str());
        if (!longer) throw std::bad_alloc();
        header_list_ = longer;
    };
    bool content_type = !request_.form.empty();
    for (const auto& [name, value] : request_.headers) {
        if (name.empty() || !one_line(name) || !one_line(value) ||
            name.find(':') != std::string::npos)
            return bad_request("malformed header");
        content_type = content_type || iequals_ascii(name, "content-type");
        auto line = name;
        line += value.empty() ? ";" : ": ";
        line += value;
        append(line);
    }
    append("Expect:"); // no wait for "100 Continue" that many servers never send
    if (!content_type) append("Content-Type:"); // libcurl would claim a urlencoded form
    curl_easy_setopt(easy_, CURLOPT_HTTPHEADER, header_list_);
    return {};
}

void Transfer::set_body() {
    if (!request_.form.empty()) {
        mime_ = curl_mime_init(easy_);
        for (const auto& field : request_.form) {
            auto* part = curl_mime_addpart(mime_);
            curl_mime_name(part, field.name.c_str());
            curl_mime_data(part, field.content.data(), field.content.size());
            if (!field.filename.empty()) curl_mime_filename(part, field.filename.c_str());
            if (!field.content_type.empty()) curl_mime_type(part, field.content_type.c_str());
        }
        std::vector<HttpFormPart>().swap(request_.form); // libcurl has its own copy
        curl_easy_setopt(easy_, CURLOPT_MIMEPOST, mime_);
    } else if (request_.body_fd >= 0) {
        set_file_body();
    } else if (!request_.body.empty() || request_.method == "POST" || request_.method == "PUT") {
        curl_easy_setopt(easy_, CURLOPT_POSTFIELDS, request_.body.data());
        curl_easy_setopt(
            easy_, CURLOPT_POSTFIELDSIZE_LARGE, static_cast<curl_off_t>(request_.body.size()));
    } else if (request_.method == "HEAD") {
        curl_easy_setopt(easy_, CURLOPT_NOBODY, 1L);
    }
    curl_easy_setopt(easy_, CURLOPT_CUSTOMREQUEST, request_.method.c_str());
}

void Transfer::set_file_body() {
    curl_easy_setopt(easy_, CURLOPT_UPLOAD, 1L);
    curl_easy_setopt(easy_, CURLOPT_READFUNCTION, &Callbacks::file);
    curl_easy_setopt(easy_, CURLOPT_READDATA, this);
    curl_easy_setopt(easy_, CURLOPT_SEEKFUNCTION, &Callbacks::rewind);
    curl_easy_setopt(easy_, CURLOPT_SEEKDATA, this);
    curl_easy_setopt(easy_, CURLOPT_INFILESIZE_LARGE, static_cast<curl_off_t>(request_.body_bytes));
}

void Transfer::watch_stop(std::function<void()> wake) {
    on_stop_.emplace(request_.stop, std::move(wake));
}

bool Transfer::take_header(std::string_view line) {
    header_bytes_ += line.size();
    if (header_bytes_ > max_header_bytes) too_large_ = true;
    if (too_large_) return false;
    if (line.starts_with("HTTP/")) { // also after an interim reply, whose headers do not count
        reply_.headers.clear();
        return true;
    }
    const auto colon = line.find(':');
    if (colon == std::string_view::npos || last_received_) return true; // the end, or a trailer
    reply_.headers.emplace_back(to_lower(line.substr(0, colon)),
                                std::string(trim(line.substr(colon + 1))));
    return true;
}

bool Transfer::take_body(std::string_view bytes) {
    last_received_ = std::chrono::steady_clock::now();
    too_large_ = reply_.body.size() + bytes.size() > request_.max_reply_bytes;
    if (too_large_) return false;
    reply_.body += bytes;
    return true;
}

void Transfer::note_upload(Instant now) {
    curl_off_t bytes = 0;
    curl_easy_getinfo(easy_, CURLINFO_SIZE_UPLOAD_T, &bytes);
    if (bytes > sent_bytes_) {
        sent_bytes_ = bytes;
        last_sent_ = now;
    }
}

Transfer::Instant Transfer::next_deadline() const {
    const auto whole = started_ + request_.total_limit;
    if (!connected_) return std::min(whole, started_ + request_.connect_limit);
    if (!last_received_) return std::min(whole, last_sent_ + request_.first_byte_limit);
    return std::min(whole, *last_received_ + request_.idle_limit);
}

std::optional<Error> Transfer::overdue(Instant now) {
    if (request_.stop.stop_requested())
        return Error{ErrorKind::unavailable, "egress.interrupted", "request cancelled", {}};
    if (connected_ && !last_received_) note_upload(now);
    if (now < next_deadline()) return std::nullopt;
    const auto* message = !connected_       ? "no connection in time"
                          : !last_received_ ? "no reply in time"
                                            : "reply stopped or took too long";
    return Error{ErrorKind::unavailable, "egress.timeout", message, {}};
}

Result<InboundReply> Transfer::outcome(CURLcode code) {
    if (code == CURLE_OK) {
        long status = 0;
        curl_easy_getinfo(easy_, CURLINFO_RESPONSE_CODE, &status);
        reply_.status = static_cast<int>(status);
        return std::move(reply_);
    }
    if (too_large_)
        return fail(ErrorKind::upstream, "egress.too_large", "reply is larger than allowed");
    if (code == CURLE_URL_MALFORMAT || code == CURLE_UNSUPPORTED_PROTOCOL ||
        code == CURLE_LOGIN_DENIED)
        return bad_request("address is not usable");
    if (refused_ && !connected_)
        return fail(ErrorKind::forbidden,
                    "egress.address_refused",
                    "the destination is an internal address");
    return fail(ErrorKind::unavailable,
                connected_ ? "egress.interrupted" : "egress.connect",
                curl_easy_strerror(code));
}

void Transfer::deliver(Result<InboundReply> result) {
    on_stop_.reset();
    waiter_->deliver(std::move(result));
}

} // namespace hs::detail
