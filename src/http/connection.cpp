// g++ 12 takes the coroutine frames' own operator new and delete for a mismatched pair as soon as
// it optimises; the two are one pair, as the address sanitizer confirms.
#if defined(__GNUC__) && !defined(__clang__)
#pragma GCC diagnostic ignored "-Wmismatched-new-delete"
#endif

#include "http/connection.hpp"

#include <algorithm>

#include <fmt/format.h>

#include "http/body_reader.hpp"
#include "http/gzip.hpp"
#include "http/head_gate.hpp"
#include "http/reply_head.hpp"

namespace hs::http {

namespace {

constexpr std::size_t head_read = 4 << 10;
constexpr std::uint64_t stream_chunk = 256 << 10;
// Shorter replies are compressed at once: handing them over costs more than the work.
constexpr std::size_t inline_gzip = 16 << 10;

using clock = std::chrono::steady_clock;

class InFlight {
public:
    explicit InFlight(Gauge& gauge) : gauge_(gauge) { gauge_.add(1); }

    ~InFlight() { gauge_.add(-1); }

    InFlight(const InFlight&) = delete;
    InFlight& operator=(const InFlight&) = delete;

private:
    Gauge& gauge_;
};

} // namespace

Connection::Connection(boost::asio::ip::tcp::socket socket, ConnectionContext context)
    : context_(context), channel_(std::move(socket)), remote_address_(channel_.remote_address()) {}

Task<void> Connection::run() {
    // Plain statements: g++ 12 loses `this` when a loop's condition awaits.
    bool more = true;
    while (more) {
        more = co_await wait_for_request();
        if (more) more = co_await serve();
    }
    channel_.close();
}

void Connection::drain() {
    if (stop_live_) stop_live_();
    if (!idle_) return;
    if (served_)
        channel_.interrupt();
    else // just connected: its request may be on the way
        channel_.limit(clock::now() + context_.options.linger_limit);
}

void Connection::abort() {
    if (stop_live_) stop_live_();
    channel_.close();
}

/// Waits for the first byte. False when the connection is to end without a word.
Task<bool> Connection::wait_for_request() {
    if (!channel_.received().empty()) co_return true;
    if (context_.draining && served_ && !channel_.has_unread()) co_return false;
    channel_.shrink();
    const auto& options = context_.options;
    const auto limit = served_ ? options.idle_limit : options.header_limit;
    idle_ = true;
    auto got = co_await channel_.read_some(head_read, clock::now() + limit);
    idle_ = false;
    // A request that came in while the drain interrupted us is still answered.
    if (got == Channel::Read::timeout && channel_.has_unread())
        got = co_await channel_.read_some(head_read, clock::now() + limit);
    co_return got == Channel::Read::some;
}

Task<Result<RequestHead>> Connection::read_head(RequestFraming& framing) {
    HeadGate gate;
    const auto deadline = clock::now() + context_.options.header_limit;
    while (true) {
        CO_TRY(const auto text, gate.scan(channel_.received()));
        if (text) {
            auto head = framing.head(*text);
            channel_.consume(gate.start() + text->size());
            co_return head;
        }
        const auto got = co_await channel_.read_some(head_read, deadline);
        if (got == Channel::Read::end)
            co_return fail(ErrorKind::invalid, "request.malformed", "The headers ended early.");
        if (got == Channel::Read::timeout)
            co_return fail(ErrorKind::invalid, "request.timeout", "The headers came too slowly.");
    }
}

/// One request and its answer; false when the connection ends with it.
Task<bool> Connection::serve() {
    const auto started = clock::now();
    RequestFraming framing;
    auto head = co_await read_head(framing);
    served_ = true;
    const InFlight in_flight(context_.in_flight);
    bool keep_alive = head && head->keep_alive;
    auto exchange = head ? context_.dispatcher.admit(std::move(*head), remote_address_)
                         : context_.dispatcher.unreadable(head.error(), remote_address_);
    co_await prepare(exchange, framing);
    Response response;
    if (exchange.answer)
        response = std::move(*exchange.answer);
    else
        response = co_await context_.dispatcher.handle(exchange);
    const bool unread = exchange.close || !framing.done();
    keep_alive = keep_alive && !unread && !context_.draining && !response.live;
    const bool written = co_await reply(exchange, response, keep_alive);
    record(exchange, response.status, started);
    if (written && unread)
        co_await channel_.linger(context_.options.linger_bytes, context_.options.linger_limit);
    co_return written&& keep_alive;
}

/// Gate, 100 Continue and body; sets the answer when one of them fails.
Task<void> Connection::prepare(Exchange& exchange, RequestFraming& framing) {
    if (exchange.answer) co_return;
    co_await context_.dispatcher.ask_gate(exchange);
    if (exchange.answer) co_return;
    // A form that is not there at all is malformed, so its reader looks at it too.
    if (framing.done() && exchange.route->body != BodyKind::multipart) co_return;
    if (exchange.expects_continue && !framing.done() && channel_.received().empty()) {
        const bool written = co_await channel_.write(
            "HTTP/1.1 100 Continue\r\n\r\n", "", context_.options.write_stall_limit);
        if (!written) exchange.close = true;
    }
    BodyReader reader(channel_, framing, context_.options, context_.cpu);
    const auto read = co_await reader.read(exchange, context_.ingest_bytes);
    if (read) co_return;
    exchange.close = true;
    exchange.answer = problem(exchange.request, read.error());
}

/// False when the connection broke on the way. `response` becomes what was really sent.
Task<bool> Connection::reply(Exchange& exchange, Response& response, bool keep_alive) {
    context_.dispatcher.complete(exchange, response);
    co_await compress(exchange.request, response);
    const bool bodiless =
        exchange.request.method == Method::head || response.status == 204 || response.status == 304;
    if (response.stream && !bodiless) {
        auto first = co_await read_chunk(*response.stream, 0);
        if (first)
            co_return co_await write_stream(exchange, response, std::move(*first), keep_alive);
        // Nothing was sent yet, so the client can be told.
        response = problem(exchange.request, first.error());
        context_.dispatcher.complete(exchange, response);
    }
    if (response.live && !bodiless) co_return co_await write_live(response);
    std::optional<std::uint64_t> length = response.body.size();
    if (response.stream) length = response.stream->length;
    if (response.live) length.reset();
    const auto head = reply_head(response, length, keep_alive);
    const std::string_view body = bodiless ? std::string_view() : std::string_view(response.body);
    co_return co_await channel_.write(head, body, context_.options.write_stall_limit);
}

Task<Result<Bytes>> Connection::read_chunk(const StreamBody& stream, std::uint64_t offset) {
    const auto wanted = std::min(stream_chunk, stream.length - offset);
    auto work = [&stream, offset, wanted] { return stream.read(offset, wanted); };
    auto chunk = co_await context_.cpu.run(work);
    if (chunk && chunk->size() != wanted)
        co_return fail(
            ErrorKind::unavailable, "storage.unavailable", "The stored object is short.");
    co_return chunk;
}

/// Chunk by chunk: the next one is read when the socket took the last, so a slow client costs one
/// chunk of memory.
Task<bool> Connection::write_stream(const Exchange& exchange,
                                    const Response& response,
                                    Bytes chunk,
                                    bool keep_alive) {
    const auto& stream = *response.stream;
    auto head = reply_head(response, stream.length, keep_alive);
    std::uint64_t offset = 0;
    while (true) {
        const std::string_view bytes(reinterpret_cast<const char*>(chunk.data()), chunk.size());
        const bool written =
            co_await channel_.write(head, bytes, context_.options.write_stall_limit);
        if (!written) co_return false;
        head.clear();
        offset += chunk.size();
        if (offset >= stream.length) co_return true;
        auto next = co_await read_chunk(stream, offset);
        if (!next) {
            // The length was promised: only a cut tells the client.
            exchange.request.log.error("reply.broken", {{"error", next.error().message}});
            co_return false;
        }
        chunk = std::move(*next);
    }
}

Task<bool> Connection::write_live(const Response& response) {
    const auto& live = *response.live;
    bool peer_gone = false;
    stop_live_ = live.stop;
    channel_.watch_peer([&peer_gone, &live] {
        peer_gone = true;
        live.stop();
    });
    if (context_.draining) live.stop();
    const auto stall = context_.options.write_stall_limit;
    auto framed = reply_head(response, std::nullopt, false);
    bool written = co_await channel_.write(framed, "", stall);
    while (written && !peer_gone) {
        auto piece = co_await live.next();
        if (!piece || peer_gone) break;
        if (piece->empty()) continue; // an empty chunk would end the body
        framed = fmt::format("{:x}\r\n{}\r\n", piece->size(), *piece);
        written = co_await channel_.write(framed, "", stall);
    }
    if (written && !peer_gone) written = co_await channel_.write("0\r\n\r\n", "", stall);
    stop_live_ = nullptr;
    channel_.forget_peer();
    co_return written;
}

Task<void> Connection::compress(const Request& request, Response& response) {
    if (!is_compressible(response)) co_return;
    response.headers.emplace_back("Vary", "Accept-Encoding");
    if (!accepts_gzip(request.header("accept-encoding").value_or(""))) co_return;
    if (response.body.size() <= inline_gzip) {
        response.body = gzip(response.body);
    } else {
        auto work = [&response] { return gzip(response.body); };
        response.body = co_await context_.cpu.run(work);
    }
    response.headers.emplace_back("Content-Encoding", "gzip");
}

void Connection::record(const Exchange& exchange, int status, Instant started) const {
    const std::chrono::duration<double> took = clock::now() - started;
    const auto& pattern = exchange.request.pattern;
    const std::string route = pattern.empty() ? "none" : pattern;
    context_.metrics
        .counter("hacksmart_http_requests_total",
                 "Requests answered",
                 {{"route", route}, {"method", exchange.method}, {"code", std::to_string(status)}})
        .add();
    context_.metrics
        .histogram("hacksmart_http_request_duration_seconds",
                   "From the first byte of a request to the last of its answer",
                   {{"route", route}})
        .observe(took.count());
    exchange.request.log.info(
        "request.answered",
        {{"method", exchange.method}, {"status", status}, {"dur_ms", took.count() * 1000.0}});
}

} // namespace hs::http
