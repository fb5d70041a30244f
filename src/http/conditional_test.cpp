#include <gtest/gtest.h>

#include "http/conditional.hpp"
#include "http/gzip.hpp"
#include "support/http_server.hpp"

namespace hs::http {

namespace {

using namespace test;

constexpr std::uint64_t long_size = 3'000'017;

std::uint8_t byte_at(std::uint64_t offset) {
    return static_cast<std::uint8_t>((offset * 7 + offset / 251) % 256);
}

StreamBody pattern_body(std::uint64_t length) {
    return {length, [](std::uint64_t offset, std::uint64_t wanted) -> Result<Bytes> {
                Bytes bytes(wanted);
                for (std::uint64_t i = 0; i < wanted; ++i)
                    bytes[i] = byte_at(offset + i);
                return bytes;
            }};
}

Task<Response> audio(Request request) {
    const auto length = request.path == "/long" ? long_size : request.path == "/empty" ? 0 : 100;
    co_return ranged(request, pattern_body(length), "audio/ogg", "\"tag\"");
}

Task<Response> broken(Request) {
    Response response;
    response.stream =
        StreamBody{1'000'000, [](std::uint64_t offset, std::uint64_t wanted) -> Result<Bytes> {
                       if (offset > 0)
                           return fail(ErrorKind::unavailable, "storage.unavailable", "gone");
                       return Bytes(wanted);
                   }};
    co_return response;
}

Task<Response> missing(Request) {
    Response response;
    response.stream =
        StreamBody{10, [](std::uint64_t, std::uint64_t) -> Result<Bytes> {
                       return fail(ErrorKind::unavailable, "storage.unavailable", "gone");
                   }};
    co_return response;
}

Router router() {
    Router routes;
    for (const char* path : {"/short", "/long", "/empty"})
        routes.add(get_route(path, audio));
    routes.add(get_route("/broken", broken));
    routes.add(get_route("/missing", missing));
    return routes;
}

bool matches(const std::string& body, std::uint64_t first) {
    for (std::size_t i = 0; i < body.size(); ++i)
        if (static_cast<std::uint8_t>(body[i]) != byte_at(first + i)) return false;
    return true;
}

struct Row {
    std::string headers;
    int status;
    std::uint64_t first;
    std::size_t size;
    std::string content_range;
};

} // namespace

TEST(Ranges, Table) {
    HttpServer server(router());
    const std::vector<Row> rows{
        {"", 200, 0, 100, ""},
        {"Range: bytes=0-9", 206, 0, 10, "bytes 0-9/100"},
        {"Range: bytes=0-0", 206, 0, 1, "bytes 0-0/100"},
        {"Range: bytes=90-", 206, 90, 10, "bytes 90-99/100"},
        {"Range: bytes=99-", 206, 99, 1, "bytes 99-99/100"},
        {"Range: bytes=90-500", 206, 90, 10, "bytes 90-99/100"},
        {"Range: bytes=-7", 206, 93, 7, "bytes 93-99/100"},
        {"Range: bytes=-500", 206, 0, 100, "bytes 0-99/100"},
        {"Range: BYTES=1-2", 206, 1, 2, "bytes 1-2/100"},
        {"Range: bytes=100-", 416, 0, 0, "bytes */100"},
        {"Range: bytes=500-600", 416, 0, 0, "bytes */100"},
        {"Range: bytes=9-3", 416, 0, 0, "bytes */100"},
        {"Range: bytes=-0", 416, 0, 0, "bytes */100"},
        {"Range: bytes=-", 416, 0, 0, "bytes */100"},
        {"Range: bytes=a-b", 416, 0, 0, "bytes */100"},
        {"Range: bytes=1", 416, 0, 0, "bytes */100"},
        {"Range: bytes=99999999999999999999-", 416, 0, 0, "bytes */100"},
        {"Range: bytes=0-1,4-5", 200, 0, 100, ""},
        {"Range: items=0-1", 200, 0, 100, ""},
        {"Range: bytes=0-9\r\nIf-Range: \"tag\"", 206, 0, 10, "bytes 0-9/100"},
        {"Range: bytes=0-9\r\nIf-Range: \"other\"", 200, 0, 100, ""},
        {"Range: bytes=0-9\r\nIf-Range: W/\"tag\"", 200, 0, 100, ""},
        {"Range: bytes=0-9\r\nIf-Range: Sat, 03 Jan 2026 10:00:00 GMT", 200, 0, 100, ""},
        {"Range: bytes=0-9\r\nIf-None-Match: \"tag\"", 304, 0, 0, ""},
        {"If-None-Match: \"tag\"", 304, 0, 0, ""},
    };
    for (const auto& row : rows) {
        SCOPED_TRACE(row.headers);
        const auto reply =
            ask(server, "GET /short", row.headers.empty() ? "" : row.headers + "\r\n");
        EXPECT_EQ(reply.status, row.status);
        EXPECT_EQ(reply.header("content-range"), row.content_range);
        EXPECT_EQ(reply.header("accept-ranges"), "bytes");
        if (row.status >= 300) continue;
        EXPECT_EQ(reply.body.size(), row.size);
        EXPECT_TRUE(matches(reply.body, row.first));
        EXPECT_EQ(reply.header("etag"), "\"tag\"");
        EXPECT_EQ(reply.header("content-type"), "audio/ogg");
    }
    EXPECT_EQ(ask(server, "GET /empty").body, "");
    EXPECT_EQ(ask(server, "GET /empty", "Range: bytes=0-\r\n").status, 416);
    const auto head = ask(server, "HEAD /short", "Range: bytes=0-9\r\n");
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.header("content-length"), "100");
}

TEST(Ranges, LongBodiesAreStreamed) {
    HttpServer server(router());
    const auto whole = ask(server, "GET /long");
    EXPECT_EQ(whole.body.size(), long_size);
    EXPECT_TRUE(matches(whole.body, 0));
    const auto tail = ask(server, "GET /long", "Range: bytes=1000000-\r\n");
    EXPECT_EQ(tail.body.size(), long_size - 1000000);
    EXPECT_TRUE(matches(tail.body, 1000000));
}

TEST(Ranges, BrokenBodyIsCutNotPadded) {
    HttpServer server(router());
    HttpClient client(server.port());
    client.send(http_request(server, "GET /broken"));
    EXPECT_FALSE(client.read_reply()); // closed before Content-Length bytes came
    EXPECT_NE(server.log().find("reply.broken"), std::string::npos);
}

TEST(Ranges, BodyThatCannotBeginIsAProblem) {
    HttpServer server(router());
    const auto reply = ask(server, "GET /missing");
    EXPECT_EQ(reply.status, 503);
    EXPECT_NE(reply.body.find("storage.unavailable"), std::string::npos);
}

TEST(Etags, WeakComparison) {
    EXPECT_TRUE(if_none_match("\"a\"", "\"a\""));
    EXPECT_TRUE(if_none_match("W/\"a\"", "\"a\""));
    EXPECT_TRUE(if_none_match("\"x\", W/\"a,b\"", "W/\"a,b\""));
    EXPECT_TRUE(if_none_match(" * ", "\"a\""));
    EXPECT_FALSE(if_none_match("a", "\"a\""));
    EXPECT_FALSE(if_none_match("", "\"a\""));
    EXPECT_FALSE(if_none_match("\"a", "\"a\""));
}

TEST(AcceptEncoding, Weights) {
    for (const char* yes :
         {"gzip", "GZIP", "br, gzip", "*", "gzip;q=0.1", "deflate;q=0, gzip", "x-gzip"})
        EXPECT_TRUE(accepts_gzip(yes)) << yes;
    for (const char* no :
         {"", "br", "identity", "gzip;q=0", "gzip; q=0.000", "*;q=0", "gzip;q=0, *"})
        EXPECT_FALSE(accepts_gzip(no)) << no;
}

} // namespace hs::http
