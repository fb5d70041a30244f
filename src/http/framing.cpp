#include "http/framing.hpp"

#include <algorithm>
#include <array>

#include <boost/beast/http/basic_parser.hpp>

#include "base/text.hpp"
#include "http/grammar.hpp"
#include "http/head_gate.hpp"

namespace hs::http {

namespace beast = boost::beast;

namespace {

constexpr std::size_t max_chunk_extension = 256;
// What may wait for the end of its line: a chunk's size and extensions.
constexpr std::size_t max_unparsed = 512;

/// Headers that decide something and so must not be there twice.
constexpr std::array<std::string_view, 9> single_headers{"host",
                                                         "content-length",
                                                         "transfer-encoding",
                                                         "content-type",
                                                         "content-encoding",
                                                         "origin",
                                                         "expect",
                                                         "authorization",
                                                         "range"};

std::unexpected<Error> malformed(std::string why) {
    return fail(ErrorKind::invalid, "request.malformed", std::move(why));
}

bool valid_host(std::string_view host) {
    return !host.empty() && host.size() <= 261 && std::ranges::all_of(host, [](char c) {
        return is_token_char(c) || c == ':' || c == '[' || c == ']';
    });
}

Result<void> check_single_headers(const RequestHead& head) {
    for (const auto name : single_headers) {
        const auto times =
            std::ranges::count(head.headers, name, &std::pair<std::string, std::string>::first);
        if (times > 1) return malformed("A header that must be single is repeated.");
    }
    return {};
}

/// Reads the body's framing once more and more strictly than the parser does.
Result<void> check_framing(RequestHead& head) {
    const auto length = head.header("content-length");
    const auto coding = head.header("transfer-encoding");
    if (length && coding) return malformed("Both Content-Length and Transfer-Encoding were sent.");
    if (coding) {
        if (!iequals_ascii(*coding, "chunked")) return malformed("The only coding is chunked.");
        head.chunked = true;
    }
    if (length) {
        if (!is_digits(*length) || length->size() > 18)
            return malformed("The Content-Length is not a plain number.");
        head.content_length = std::stoull(std::string(*length));
    }
    const auto expect = head.header("expect");
    head.expects_continue = expect && iequals_ascii(*expect, "100-continue");
    return {};
}

} // namespace

std::optional<std::string_view> RequestHead::header(std::string_view name) const {
    const auto found =
        std::ranges::find(headers, name, &std::pair<std::string, std::string>::first);
    return found == headers.end() ? std::nullopt : std::optional<std::string_view>(found->second);
}

class RequestFraming::Parser final : public beast::http::basic_parser<true> {
public:
    Parser() {
        eager(true);
        header_limit(64 << 10);  // the HeadGate's limits are lower
        body_limit(boost::none); // the connection counts
    }

    RequestHead head;
    std::string* out = nullptr;
    bool head_done = false;

private:
    using error_code = beast::error_code;
    using string_view = beast::string_view;

    static error_code refused() { return beast::http::error::bad_value; }

    void on_request_impl(beast::http::verb,
                         string_view method,
                         string_view target,
                         int version,
                         error_code& ec) override {
        head.method = std::string(method);
        head.target = std::string(target);
        if (version != 11) ec = beast::http::error::bad_version;
    }

    void on_response_impl(int, string_view, int, error_code& ec) override { ec = refused(); }

    void on_field_impl(beast::http::field,
                       string_view name,
                       string_view value,
                       error_code& ec) override {
        if (head_done) {
            ec = refused(); // a trailer could contradict the head that was checked
            return;
        }
        std::string lower(name);
        for (char& c : lower)
            if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
        head.headers.emplace_back(std::move(lower), std::string(value));
    }

    void on_header_impl(error_code&) override { head_done = true; }

    void on_body_init_impl(const boost::optional<std::uint64_t>&, error_code&) override {}

    std::size_t on_body_impl(string_view body, error_code&) override {
        out->append(body.data(), body.size());
        return body.size();
    }

    void on_chunk_header_impl(std::uint64_t, string_view extensions, error_code& ec) override {
        if (extensions.size() > max_chunk_extension) ec = refused();
    }

    std::size_t on_chunk_body_impl(std::uint64_t, string_view body, error_code&) override {
        out->append(body.data(), body.size());
        return body.size();
    }

    void on_finish_impl(error_code&) override {}
};

RequestFraming::RequestFraming() : parser_(std::make_unique<Parser>()) {}

RequestFraming::~RequestFraming() = default;

Result<RequestHead> RequestFraming::head(std::string_view text) {
    beast::error_code ec;
    const auto used = parser_->put(boost::asio::buffer(text), ec);
    if (ec == beast::http::error::bad_version)
        return malformed("The only version spoken here is HTTP/1.1.");
    if (ec || used != text.size() || !parser_->is_header_done())
        return malformed("The request line or a header is malformed.");
    auto head = std::move(parser_->head);
    if (head.target.size() > max_target_bytes)
        return fail(ErrorKind::invalid, "path.too_long", "The address is longer than 8 KiB.");
    TRY_VOID(check_single_headers(head));
    TRY_VOID(check_framing(head));
    const auto host = head.header("host");
    if (!host || !valid_host(*host)) return malformed("There must be one valid Host header.");
    head.keep_alive = parser_->keep_alive();
    if (head.chunked != parser_->chunked()) return malformed("The framing is ambiguous.");
    return head;
}

Result<std::size_t> RequestFraming::body(std::string_view bytes, std::string& out) {
    if (parser_->is_done() || bytes.empty()) return std::size_t{0};
    parser_->out = &out;
    beast::error_code ec;
    const auto used = parser_->put(boost::asio::buffer(bytes), ec);
    if (ec && ec != beast::http::error::need_more)
        return malformed("The body's framing is broken.");
    if (!parser_->is_done() && bytes.size() - used > max_unparsed)
        return malformed("The body's framing is broken.");
    return used;
}

bool RequestFraming::done() const {
    return parser_->is_done();
}

} // namespace hs::http
