#include <gtest/gtest.h>
#include <zlib.h>

#include "base/json.hpp"
#include "http/server.hpp"
#include "support/http_server.hpp"

namespace hs::http {

namespace {

using namespace test;

std::string gunzip(const std::string& bytes) {
    z_stream stream{};
    inflateInit2(&stream, 15 + 16);
    std::string out(1 << 20, '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data()));
    stream.avail_in = static_cast<uInt>(bytes.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    inflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    inflateEnd(&stream);
    return out;
}

Task<Response> throwing(Request) {
    throw std::runtime_error("SELECT secret FROM place");
    co_return Response{};
}

Task<Response> echo(Request request) {
    JsonWriter json;
    json.begin_object();
    json.field("path", std::string_view(request.path));
    json.field("body", std::string_view(request.body));
    json.field("id", std::string_view(request.path_params["id"]));
    json.field("q", std::string_view(request.query_value("q").value_or("-")));
    json.end_object();
    co_return json_response(200, json.take());
}

Task<Response> form_echo(Request request) {
    JsonWriter json;
    json.begin_object();
    for (const auto& [name, value] : request.form.fields)
        json.field(name, std::string_view(value));
    for (const auto& file : request.form.files) {
        json.key(file.field).begin_object();
        json.field("filename", std::string_view(file.filename));
        json.field("size", static_cast<std::int64_t>(file.size));
        json.field("sha256", std::string_view(hex(file.sha256)));
        json.field("on_disk", static_cast<std::int64_t>(file_size(file.fd.get())));
        json.end_object();
    }
    json.end_object();
    co_return json_response(201, json.take());
}

Task<Response> tagged(Request) {
    auto response = json_response(200, "{\"a\":1}");
    response.headers.emplace_back("ETag", "W/\"v1\"");
    response.headers.emplace_back("Cache-Control", "private, no-cache");
    co_return response;
}

Task<std::optional<Response>> full(const Request& request) {
    co_return problem(
        request,
        Error{ErrorKind::unavailable, "queue.full", "Try again later.", std::chrono::seconds(7)});
}

Router router() {
    Router routes;
    routes.add(get_route("/hello", fixed_reply("{\"status\":\"success\"}")));
    routes.add(get_route("/big", fixed_reply("[" + std::string(50'000, '1') + "]")));
    routes.add(get_route("/items/search", fixed_reply("\"search\"")));
    auto item = get_route("/items/{id}", echo);
    item.query = {"q"};
    routes.add(item);
    auto strict = get_route("/strict", echo);
    strict.query = {"q"};
    strict.strict_query = true;
    routes.add(strict);
    routes.add(get_route("/throws", throwing));
    routes.add(get_route("/tagged", tagged));
    routes.add(post_route("/json", BodyKind::json, echo));
    routes.add(post_route("/nothing", BodyKind::none, echo));
    routes.add(post_route("/form", BodyKind::multipart, form_echo));
    auto gated = post_route("/gated", BodyKind::multipart, form_echo);
    gated.before_body = full;
    routes.add(gated);
    auto page = get_route("/page", [](Request) -> Task<Response> {
        Response response;
        response.content_type = "text/html; charset=utf-8";
        response.body = "<!doctype html>";
        co_return response;
    });
    routes.add(page);
    return routes;
}

std::string code_of(const HttpReply& reply) {
    const auto document = parse_json(reply.body);
    return document ? std::string(document->at("code").as_string()) : "no json: " + reply.body;
}

std::string form_headers(std::string_view boundary = "xyz") {
    return "Content-Type: multipart/form-data; boundary=" + std::string(boundary) + "\r\n";
}

const std::string form_body = "--xyz\r\nContent-Disposition: form-data; name=\"agent\"\r\n\r\nMeera"
                              "\r\n--xyz\r\nContent-Disposition: form-data; name=\"file\"; "
                              "filename=\"../../etc/passwd\"\r\nContent-Type: audio/wav\r\n\r\n"
                              "abc\r\n--xyz--\r\n";

class HttpServerTest : public ::testing::Test {
protected:
    HttpServer server{router()};
};

} // namespace

TEST_F(HttpServerTest, AnswersWithTheHeadersEveryReplyCarries) {
    const auto reply = ask(server, "GET /hello");
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.body, "{\"status\":\"success\"}");
    EXPECT_EQ(reply.header("content-type"), "application/json");
    EXPECT_EQ(reply.header("cache-control"), "no-store");
    EXPECT_EQ(reply.header("x-content-type-options"), "nosniff");
    EXPECT_EQ(reply.header("referrer-policy"), "no-referrer");
    EXPECT_EQ(reply.header("cross-origin-resource-policy"), "same-origin");
    EXPECT_FALSE(reply.header("permissions-policy").empty());
    EXPECT_EQ(reply.header("strict-transport-security"), "");
    EXPECT_EQ(reply.header("x-request-id").size(), 26U);
    EXPECT_FALSE(reply.header("date").empty());
}

TEST_F(HttpServerTest, PagesCarryTheirPolicy) {
    const auto reply = ask(server, "GET /page");
    EXPECT_NE(reply.header("content-security-policy").find("default-src 'none'"),
              std::string::npos);
    EXPECT_EQ(reply.header("cross-origin-opener-policy"), "same-origin");
}

TEST_F(HttpServerTest, EchoesGoodRequestIdsOnly) {
    EXPECT_EQ(ask(server, "GET /hello", "X-Request-Id: a.B_c-1\r\n").header("x-request-id"),
              "a.B_c-1");
    EXPECT_EQ(ask(server, "GET /hello", "X-Request-Id: a b\r\n").header("x-request-id").size(),
              26U);
    const auto lost = ask(server, "GET /lost", "X-Request-Id: abc\r\n");
    EXPECT_NE(lost.body.find("\"request_id\":\"abc\""), std::string::npos);
    server.drain(std::chrono::seconds(5)); // the line is written after the reply
    EXPECT_NE(server.log().find("\"request_id\":\"abc\""), std::string::npos);
}

TEST_F(HttpServerTest, UnknownPathsAndMethods) {
    const auto lost = ask(server, "GET /lost");
    EXPECT_EQ(lost.status, 404);
    EXPECT_EQ(lost.header("content-type"), "application/problem+json");
    EXPECT_EQ(code_of(lost), "route.not_found");
    EXPECT_NE(lost.body.find("\"detail\":\"Not Found\""), std::string::npos);
    const auto wrong = ask(server, "DELETE /hello");
    EXPECT_EQ(wrong.status, 405);
    EXPECT_EQ(wrong.header("allow"), "GET, HEAD, OPTIONS");
    EXPECT_NE(wrong.body.find("\"detail\":\"Method Not Allowed\""), std::string::npos);
    EXPECT_EQ(ask(server, "BREW /hello").status, 405);
    EXPECT_EQ(ask(server, "BREW /lost").status, 404);
    EXPECT_EQ(ask(server, "TRACE /hello").header("allow"), "GET, HEAD, OPTIONS");
    EXPECT_EQ(ask(server, "TRACE /lost").status, 404);
    EXPECT_EQ(ask(server, "GET /json").header("allow"), "POST, OPTIONS");
}

TEST_F(HttpServerTest, HeadIsGetWithoutBody) {
    const auto get = ask(server, "GET /hello");
    const auto head = ask(server, "HEAD /hello");
    EXPECT_EQ(head.status, 200);
    EXPECT_EQ(head.body, "");
    EXPECT_EQ(head.header("content-length"), get.header("content-length"));
    EXPECT_EQ(head.header("content-type"), get.header("content-type"));
    HttpClient client(server.port());
    client.send(http_request(server, "HEAD /hello") + http_request(server, "GET /hello"));
    EXPECT_EQ(client.read_reply(true)->status, 200);
    EXPECT_EQ(client.read_reply()->body, get.body); // nothing of a body came before
}

TEST_F(HttpServerTest, OptionsListsMethods) {
    const auto reply = ask(server, "OPTIONS /hello");
    EXPECT_EQ(reply.status, 204);
    EXPECT_EQ(reply.header("allow"), "GET, HEAD, OPTIONS");
    EXPECT_EQ(ask(server, "OPTIONS *").status, 204);
    EXPECT_EQ(ask(server, "OPTIONS /lost").status, 404);
}

TEST_F(HttpServerTest, PathsAreNormalised) {
    for (const char* line : {"GET /hello/", "GET //hello", "GET /hello//", "GET /hel%6Co"})
        EXPECT_EQ(ask(server, line).status, 200) << line;
    EXPECT_EQ(ask(server, "GET /Hello").status, 404);
    EXPECT_EQ(ask(server, "GET /items/search").body, "\"search\"");
    const auto slash = ask(server, "GET /items/a%2Fb%20c?q=1+2%2B");
    EXPECT_EQ(slash.body, R"({"path":"/items/a/b c","body":"","id":"a/b c","q":"1 2+"})");
}

TEST_F(HttpServerTest, QueryRules) {
    EXPECT_EQ(ask(server, "GET /items/1?zzz=1&zzz=2").status, 200);
    const auto repeated = ask(server, "GET /items/1?q=1&q=2");
    EXPECT_EQ(repeated.status, 400);
    EXPECT_EQ(code_of(repeated), "query.repeated");
    const auto unknown = ask(server, "GET /strict?zzz=1");
    EXPECT_EQ(unknown.status, 400);
    EXPECT_EQ(code_of(unknown), "query.unknown");
    EXPECT_EQ(code_of(ask(server, "GET /strict?zzz=1&q=1&q=2")), "request.invalid");
    EXPECT_EQ(ask(server, "GET /strict?q=1").status, 200);
}

TEST_F(HttpServerTest, BodiesByRoute) {
    const std::string json = "Content-Type: application/json\r\n";
    EXPECT_EQ(ask(server, "POST /json", json, "{}").status, 200);
    EXPECT_EQ(
        ask(server, "POST /json", "Content-Type: application/json; charset=UTF-8\r\n", "{}").status,
        200);
    EXPECT_EQ(
        ask(server, "POST /json", "Content-Type: application/merge-patch+json\r\n", "{}").status,
        200);
    for (const char* type : {"text/plain",
                             "application/x-www-form-urlencoded",
                             "multipart/form-data",
                             "application/json; charset=latin1",
                             "application/jsonx"}) {
        const auto reply =
            ask(server, "POST /json", "Content-Type: " + std::string(type) + "\r\n", "{}");
        EXPECT_EQ(reply.status, 415) << type;
        EXPECT_EQ(code_of(reply), "body.unsupported_type");
    }
    EXPECT_EQ(ask(server, "POST /json", "", "{}").status, 415);
    EXPECT_EQ(ask(server, "POST /json", json + "Content-Encoding: gzip\r\n", "{}").status, 415);
    EXPECT_EQ(ask(server, "POST /nothing", "Content-Type: application/json\r\n").status, 200);
    EXPECT_EQ(ask(server, "POST /nothing", "Content-Type: text/plain\r\n").status, 200);
    EXPECT_EQ(ask(server, "POST /nothing", "Content-Length: 0\r\n").status, 200);
    EXPECT_EQ(ask(server, "POST /nothing", "Content-Type: text/plain\r\n", "x").status, 415);
    EXPECT_EQ(ask(server, "POST /form", json, "{}").status, 415);
    EXPECT_EQ(code_of(ask(server, "POST /form", "Content-Type: multipart/form-data\r\n", "x")),
              "multipart.boundary");
}

TEST_F(HttpServerTest, JsonBodyLimit) {
    const std::string json = "Content-Type: application/json\r\n";
    EXPECT_EQ(ask(server, "POST /json", json, std::string(1 << 20, ' ')).status, 200);
    const auto declared = ask(server, "POST /json", json + "Content-Length: 1048577\r\n");
    EXPECT_EQ(declared.status, 413);
    EXPECT_EQ(code_of(declared), "body.too_large");
    HttpClient client(server.port());
    client.send(http_request(server, "POST /json", json + "Transfer-Encoding: chunked\r\n") +
                "100001\r\n" + std::string(0x100001, ' '));
    EXPECT_EQ(client.read_reply()->status, 413);
    EXPECT_TRUE(client.closed());
}

TEST_F(HttpServerTest, FormsAreSpooledAndHashed) {
    const auto reply = ask(server, "POST /form", form_headers(), form_body);
    EXPECT_EQ(reply.status, 201);
    EXPECT_EQ(
        reply.body,
        "{\"agent\":\"Meera\",\"file\":{\"filename\":\"../../etc/passwd\",\"size\":3,\"sha256\":"
        "\"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad\",\"on_disk\":3}}");
    EXPECT_EQ(code_of(ask(server, "POST /form", form_headers(), "--xyz\r\n")),
              "multipart.malformed");
    EXPECT_EQ(code_of(ask(server, "POST /form", form_headers())), "multipart.malformed");
}

TEST_F(HttpServerTest, ContinueComesAfterTheChecks) {
    const std::string expect =
        "Expect: 100-continue\r\nContent-Length: " + std::to_string(form_body.size()) + "\r\n";
    HttpClient client(server.port());
    client.send(http_request(server, "POST /form", form_headers() + expect));
    EXPECT_EQ(client.read_reply()->status, 100);
    client.send(form_body);
    EXPECT_EQ(client.read_reply()->status, 201);
    HttpClient early(server.port());
    early.send(http_request(server, "POST /gated", form_headers() + expect));
    const auto refused = early.read_reply(); // no 100 before it
    EXPECT_EQ(refused->status, 503);
    EXPECT_EQ(refused->header("retry-after"), "7");
    EXPECT_EQ(code_of(*refused), "queue.full");
    early.send(form_body); // still taken off the wire, so that the answer is not lost to a reset
    EXPECT_TRUE(early.closed());
}

TEST_F(HttpServerTest, AnswerOfAnEarlyRefusalSurvivesABodyInFlight) {
    HttpClient client(server.port());
    client.send(
        http_request(server, "POST /gated", form_headers() + "Content-Length: 100000000\r\n"));
    client.send(std::string(600'000, 'x'));
    EXPECT_EQ(client.read_reply()->status, 503);
}

TEST_F(HttpServerTest, ExceptionsBecomeOne500WithoutDetails) {
    const auto reply = ask(server, "GET /throws", "X-Request-Id: boom\r\n");
    EXPECT_EQ(reply.status, 500);
    EXPECT_EQ(code_of(reply), "internal");
    EXPECT_EQ(reply.body.find("SELECT"), std::string::npos);
    const auto log = server.log();
    const auto first = log.find("SELECT secret");
    ASSERT_NE(first, std::string::npos);
    EXPECT_EQ(log.find("SELECT secret", first + 1), std::string::npos);
}

TEST(HttpServerHook, TranslatesExceptions) {
    ServerOptions options;
    options.translate_exception = [](std::exception_ptr) -> std::optional<Error> {
        return Error{ErrorKind::unavailable,
                     "database.unavailable",
                     "The database is away.",
                     std::chrono::seconds(2)};
    };
    HttpServer server(router(), options);
    const auto reply = ask(server, "GET /throws");
    EXPECT_EQ(reply.status, 503);
    EXPECT_EQ(code_of(reply), "database.unavailable");
    EXPECT_EQ(reply.header("retry-after"), "2");
}

TEST_F(HttpServerTest, NotModified) {
    for (const char* tag : {"\"v1\"", "W/\"v1\"", "\"x\", W/\"v1\"", "*"}) {
        const auto reply =
            ask(server, "GET /tagged", "If-None-Match: " + std::string(tag) + "\r\n");
        EXPECT_EQ(reply.status, 304) << tag;
        EXPECT_EQ(reply.body, "");
        EXPECT_EQ(reply.header("etag"), "W/\"v1\"");
        EXPECT_EQ(reply.header("cache-control"), "private, no-cache");
    }
    EXPECT_EQ(ask(server, "GET /tagged", "If-None-Match: \"v2\"\r\n").status, 200);
}

TEST_F(HttpServerTest, CompressesLongReplies) {
    const auto plain = ask(server, "GET /big");
    EXPECT_EQ(plain.header("content-encoding"), "");
    EXPECT_EQ(plain.header("vary"), "Accept-Encoding");
    const auto packed = ask(server, "GET /big", "Accept-Encoding: br, gzip;q=0.5\r\n");
    EXPECT_EQ(packed.header("content-encoding"), "gzip");
    EXPECT_LT(packed.body.size(), plain.body.size() / 10);
    EXPECT_EQ(gunzip(packed.body), plain.body);
    EXPECT_EQ(ask(server, "GET /big", "Accept-Encoding: gzip;q=0\r\n").header("content-encoding"),
              "");
    EXPECT_EQ(ask(server, "GET /hello", "Accept-Encoding: gzip\r\n").header("content-encoding"),
              "");
}

TEST_F(HttpServerTest, KeepAliveAndClose) {
    HttpClient client(server.port());
    for (int i = 0; i < 3; ++i) {
        client.send(http_request(server, "GET /hello"));
        EXPECT_EQ(client.read_reply()->status, 200);
    }
    client.send(http_request(server, "GET /hello", "Connection: close\r\n"));
    EXPECT_EQ(client.read_reply()->header("connection"), "close");
    EXPECT_TRUE(client.closed());
}

TEST_F(HttpServerTest, CountsAndLogsOncePerRequest) {
    ask(server, "GET /items/77?q=secret");
    ask(server, "GET /lost");
    server.drain(std::chrono::seconds(5)); // both are counted after their reply
    const auto text = server.metrics().prometheus_text();
    EXPECT_NE(
        text.find(
            R"(hacksmart_http_requests_total{code="200",method="GET",route="/items/{id}"} 1)"),
        std::string::npos)
        << text;
    EXPECT_NE(text.find(R"(hacksmart_http_requests_total{code="404",method="GET",route="none"} 1)"),
              std::string::npos);
    EXPECT_NE(text.find("hacksmart_http_requests_in_flight 0"), std::string::npos);
    const auto log = server.log();
    EXPECT_NE(log.find("/items/{id}"), std::string::npos);
    EXPECT_EQ(log.find("secret"), std::string::npos);
}

TEST_F(HttpServerTest, TwoServersNeverShareAPort) {
    boost::asio::io_context context;
    CpuPool cpu(1);
    Metrics metrics;
    ServerOptions options;
    options.port = server.port();
    EXPECT_THROW(Server({&context}, cpu, options, router(), Log(), metrics), std::runtime_error);
}

} // namespace hs::http
