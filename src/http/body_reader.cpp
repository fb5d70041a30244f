#include "http/body_reader.hpp"

#include <algorithm>

#include "http/form_spool.hpp"
#include "http/multipart.hpp"

namespace hs::http {

namespace {

constexpr std::size_t form_read = 64 << 10;
constexpr std::size_t text_read = 16 << 10;

std::unexpected<Error> too_slow() {
    return fail(ErrorKind::invalid, "request.timeout", "The body came too slowly.");
}

} // namespace

/// Parser and spool of one form, fed on the CPU pool because disks block and hashing computes.
class FormReader {
public:
    FormReader(const Exchange& exchange, const ServerOptions& options)
        : spool_(options.spool, exchange.route->file_fields),
          parser_(exchange.boundary, limits_of(options), spool_) {}

    Result<void> feed(std::string_view bytes) { return parser_.feed(bytes); }

    Result<Form> finish() {
        TRY_VOID(parser_.finish());
        return spool_.take();
    }

private:
    static MultipartLimits limits_of(const ServerOptions& options) {
        MultipartLimits limits;
        limits.file_bytes = options.max_upload_bytes;
        return limits;
    }

    FormSpool spool_;
    MultipartParser parser_;
};

BodyReader::BodyReader(Channel& channel,
                       RequestFraming& framing,
                       const ServerOptions& options,
                       CpuPool& cpu)
    : channel_(channel), framing_(framing), options_(options), cpu_(cpu) {}

BodyReader::~BodyReader() = default;

Task<Result<void>> BodyReader::read(Exchange& exchange, Counter& received) {
    const auto start = std::chrono::steady_clock::now();
    end_ = start + options_.upload_limit;
    window_end_ = start + options_.upload_rate_window;
    if (exchange.route->body == BodyKind::multipart)
        form_ = std::make_unique<FormReader>(exchange, options_);
    while (true) {
        CO_TRY(const auto used, framing_.body(channel_.received(), decoded_));
        channel_.consume(used);
        total_ += decoded_.size();
        if (form_) received.add(decoded_.size());
        if (total_ > exchange.body_limit)
            co_return fail(
                ErrorKind::too_large, "body.too_large", "The body is above this route's limit.");
        CO_TRY_VOID(co_await take(exchange));
        if (framing_.done()) break;
        CO_TRY_VOID(co_await receive());
    }
    if (!form_) co_return Result<void>();
    CO_TRY(exchange.request.form, form_->finish());
    co_return Result<void>();
}

Task<Result<void>> BodyReader::take(Exchange& exchange) {
    if (decoded_.empty()) co_return Result<void>();
    if (!form_) {
        exchange.request.body += decoded_;
        decoded_.clear();
        co_return Result<void>();
    }
    auto work = [this] { return form_->feed(decoded_); };
    auto fed = co_await cpu_.run(work);
    decoded_.clear();
    co_return fed;
}

Task<Result<void>> BodyReader::receive() {
    while (true) {
        const auto before = channel_.received().size();
        const auto got =
            co_await channel_.read_some(form_ ? form_read : text_read, std::min(end_, window_end_));
        if (got == Channel::Read::end)
            co_return fail(ErrorKind::invalid, "request.malformed", "The body ended early.");
        window_bytes_ += channel_.received().size() - before;
        CO_TRY_VOID(check_rate());
        if (got == Channel::Read::some) co_return Result<void>();
    }
}

/// At the end of each stretch of time enough must have come; then the next stretch begins.
Result<void> BodyReader::check_rate() {
    const auto now = std::chrono::steady_clock::now();
    if (now >= end_) return too_slow();
    if (now < window_end_) return {};
    const auto stretch = std::chrono::duration<double>(options_.upload_rate_window).count();
    const auto least = stretch * static_cast<double>(options_.min_upload_bytes_per_second);
    if (static_cast<double>(window_bytes_) < least) return too_slow();
    window_bytes_ = 0;
    window_end_ = now + options_.upload_rate_window;
    return {};
}

} // namespace hs::http
