#include "providers/blob/s3_client.hpp"

#include <algorithm>
#include <thread>

#include <fmt/format.h>

#include "base/text.hpp"
#include "providers/blob/xml.hpp"
#include "providers/http_reply.hpp"

namespace hs::providers {

namespace {

using std::chrono::milliseconds;
using std::chrono::steady_clock;

constexpr double most_repeats_saved = 10;
constexpr double repeats_a_minute = 5;
constexpr double repeats_a_success = 0.1;
/// A thread waits no longer than this; the caller has better things to do.
constexpr std::chrono::seconds longest_wait{2};

/// 501 and 507 are answers: the service lacks what was asked for, now and later.
bool worth_repeating(const InboundReply& reply) {
    const int status = reply.status;
    if (status == 501 || status == 507) return false;
    return status == 408 || status == 409 || status == 425 || status == 429 || status >= 500;
}

bool credentials_ended(const std::string& code) {
    return code == "ExpiredToken" || code == "InvalidToken" || code == "TokenRefreshRequired";
}

Error transport_error(Error error) {
    if (error.code == "egress.address_refused") {
        return {ErrorKind::forbidden,
                "storage.denied",
                "The object store has a private address; S3_ALLOW_PRIVATE=true allows it.",
                {}};
    }
    if (error.kind != ErrorKind::unavailable) return error;
    return {ErrorKind::unavailable,
            "storage.unavailable",
            "the object store did not answer: " + error.message,
            error.retry_after};
}

} // namespace

std::string s3_error_code(const InboundReply& reply) {
    const auto document = parse_xml(reply.body);
    return document && document->name == "Error" ? document->child_text("Code") : std::string();
}

Error s3_error(const InboundReply& reply, Time now) {
    const auto code = s3_error_code(reply);
    const auto detail = code.empty() ? fmt::format("status {}", reply.status) : code;
    if (code == "BadDigest" || code == "XAmzContentSHA256Mismatch" || code == "InvalidDigest" ||
        code == "XAmzContentChecksumMismatch") {
        return {ErrorKind::internal,
                "storage.corrupt",
                "what arrived at the object store is not what was sent",
                {}};
    }
    if (code == "NoSuchBucket")
        return {ErrorKind::forbidden, "storage.denied", "the bucket does not exist", {}};
    if (reply.status == 404)
        return {ErrorKind::not_found, "storage.not_found", "no such object", {}};
    if (reply.status == 507 || code == "QuotaExceeded" || code == "XMinioStorageFull")
        return {ErrorKind::unavailable, "storage.full", "no space left for objects", {}};
    if (code == "RequestTimeTooSkewed") {
        return {ErrorKind::forbidden,
                "storage.denied",
                "this machine's clock differs from the object store's",
                {}};
    }
    if (reply.status == 401 || reply.status == 403 || (reply.status >= 300 && reply.status < 400)) {
        return {ErrorKind::forbidden,
                "storage.denied",
                "the object store refuses: " + detail +
                    (reply.status < 400 ? " (another region or endpoint?)" : ""),
                {}};
    }
    if (worth_repeating(reply)) {
        return {ErrorKind::unavailable,
                "storage.unavailable",
                "the object store answers " + detail,
                retry_after(reply, now)};
    }
    return {ErrorKind::upstream, "storage.reply", "the object store answers " + detail, {}};
}

S3Client::S3Client(S3Config config,
                   std::shared_ptr<AwsCredentialChain> credentials,
                   BlockingTransport transport,
                   const Clock& clock)
    : config_(std::move(config)), credentials_(std::move(credentials)),
      transport_(std::move(transport)), clock_(clock) {
    auto endpoint = config_.endpoint.empty()
                        ? fmt::format("https://s3.{}.amazonaws.com", config_.region)
                        : config_.endpoint;
    while (endpoint.ends_with('/'))
        endpoint.pop_back();
    const auto scheme_end = endpoint.find("://");
    const auto scheme = endpoint.substr(0, scheme_end);
    host_ = scheme_end == std::string::npos ? endpoint : endpoint.substr(scheme_end + 3);
    // Without the port that the scheme implies, as it is left out of the Host header.
    const std::string_view implied = scheme == "https" ? ":443" : ":80";
    if (host_.ends_with(implied)) host_.resize(host_.size() - implied.size());
    // A certificate for *.s3… covers no name with further dots.
    const bool in_path = config_.path_style || config_.bucket.find('.') != std::string::npos;
    if (!in_path) host_ = config_.bucket + "." + host_;
    base_url_ = scheme + "://" + host_;
    base_path_ = in_path ? "/" + config_.bucket + "/" : "/";
}

SignableRequest S3Client::signable(const S3Request& request) const {
    SignableRequest out{request.method, base_path_, request.query, request.headers, {}};
    if (!request.path.empty()) out.path += key_of(request.path);
    out.headers.emplace_back("Host", host_);
    return out;
}

Result<InboundReply> S3Client::send_once(const S3Request& request) {
    TRY(const auto credentials, credentials_->get());
    auto to_sign = signable(request);
    to_sign.payload_hash =
        request.payload_hash.empty() ? sha256_hex(request.body) : request.payload_hash;
    to_sign.headers.emplace_back("x-amz-content-sha256", to_sign.payload_hash);
    OutboundRequest out;
    out.method = request.method;
    out.url = base_url_ + uri_encoded(to_sign.path, true);
    if (!request.query.empty()) out.url += "?" + canonical_query(request.query);
    out.headers =
        signed_headers(std::move(to_sign), credentials, {config_.region, "s3", clock_.now()});
    out.body = request.body;
    out.body_fd = request.body_fd;
    out.body_offset = request.body_offset;
    out.body_bytes = request.body_bytes;
    out.connect_limit = config_.connect_limit;
    out.first_byte_limit = config_.first_byte_limit;
    out.idle_limit = config_.idle_limit;
    out.total_limit = config_.total_limit;
    out.max_reply_bytes = request.max_reply_bytes;
    out.allow_private = config_.allow_private;
    return transport_(std::move(out));
}

Result<InboundReply> S3Client::send(const S3Request& request) {
    bool renewed = false;
    for (int attempt = 0;; ++attempt) {
        wait_for_pause();
        auto reply = send_once(request);
        if (reply && !renewed && reply->status >= 400 && reply->status < 500 &&
            credentials_ended(s3_error_code(*reply))) {
            credentials_->forget();
            renewed = true;
            continue;
        }
        const bool again =
            reply ? worth_repeating(*reply) : reply.error().kind == ErrorKind::unavailable;
        if (reply && !again) {
            const std::scoped_lock lock(mutex_);
            repeats_left_ = std::min(most_repeats_saved, repeats_left_ + repeats_a_success);
            return reply;
        }
        auto error = reply ? s3_error(*reply, clock_.now()) : transport_error(reply.error());
        const auto asked = error.retry_after.value_or(std::chrono::seconds(0));
        if (!again || attempt >= config_.quick_repeats || asked > longest_wait || !may_repeat())
            return std::unexpected(std::move(error));
        const auto pause = std::max(pause_before(attempt), milliseconds(asked));
        // The service asks for less from all of us, not from this request alone.
        if (reply && (reply->status == 503 || reply->status == 429)) pause_all(pause);
        std::this_thread::sleep_for(pause);
    }
}

void S3Client::wait_for_pause() {
    steady_clock::time_point until;
    {
        const std::scoped_lock lock(mutex_);
        until = paused_until_;
    }
    std::this_thread::sleep_until(until);
}

void S3Client::pause_all(milliseconds pause) {
    const std::scoped_lock lock(mutex_);
    paused_until_ = std::max(paused_until_, steady_clock::now() + pause);
}

/// Repeats cost what a struggling service lacks: only as many as recent successes pay for.
bool S3Client::may_repeat() {
    const std::scoped_lock lock(mutex_);
    const auto now = steady_clock::now();
    const std::chrono::duration<double, std::ratio<60>> minutes = now - refilled_;
    refilled_ = now;
    repeats_left_ =
        std::min(most_repeats_saved, repeats_left_ + minutes.count() * repeats_a_minute);
    if (repeats_left_ < 1) return false;
    repeats_left_ -= 1;
    return true;
}

/// Half of it is chance, so that threads which failed together do not come back together.
milliseconds S3Client::pause_before(int attempt) {
    const auto whole = std::min<milliseconds>(config_.first_pause * (1 << attempt), longest_wait);
    const std::scoped_lock lock(mutex_);
    std::uniform_int_distribution<std::int64_t> half(whole.count() / 2, whole.count());
    return milliseconds(half(random_));
}

Result<SignedRequest> S3Client::sign(const S3Request& request, std::chrono::seconds lifetime) {
    TRY(const auto credentials, credentials_->get());
    auto to_sign = signable(request);
    to_sign.payload_hash = unsigned_payload;
    const auto path = uri_encoded(to_sign.path, true);
    const auto now = clock_.now();
    // An address dies with the credentials that signed it: it must not promise more.
    if (credentials.expires_at) {
        lifetime = std::min(
            lifetime, std::chrono::floor<std::chrono::seconds>(*credentials.expires_at - now));
    }
    auto query =
        signed_query(std::move(to_sign), credentials, {config_.region, "s3", now}, lifetime);
    return SignedRequest{request.method, base_url_ + path + "?" + query, request.headers};
}

} // namespace hs::providers
