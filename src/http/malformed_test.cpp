// Malformed and smuggling requests (S-10): one 4xx answer, connection closed, nothing smuggled.
#include <atomic>

#include <gtest/gtest.h>

#include "support/http_server.hpp"

namespace hs::http {

namespace {

using namespace test;

struct Bad {
    const char* name;
    std::string bytes; // "HOST" stands for the right Host value
    int status = 400;
};

std::string get(const std::string& headers) {
    return "GET /ok HTTP/1.1\r\nHost: HOST\r\n" + headers + "\r\n";
}

std::string post(const std::string& headers, const std::string& body) {
    return "POST /json HTTP/1.1\r\nHost: HOST\r\nContent-Type: application/json\r\n" + headers +
           "\r\n" + body;
}

std::string chunked(const std::string& body) {
    return post("Transfer-Encoding: chunked\r\n", body);
}

std::vector<Bad> framing_rows() {
    const std::string cl = "Content-Length: ";
    const std::string te = "Transfer-Encoding: ";
    return {
        {"CL.TE", post("Content-Length: 6\r\nTransfer-Encoding: chunked\r\n", "0\r\n\r\nG")},
        {"TE.CL", post("Transfer-Encoding: chunked\r\nContent-Length: 4\r\n", "5c\r\n")},
        {"two equal lengths", post(cl + "2\r\n" + cl + "2\r\n", "{}")},
        {"two different lengths", post(cl + "2\r\n" + cl + "3\r\n", "{}")},
        {"length list", post(cl + "2, 2\r\n", "{}")},
        {"length plus", post(cl + "+2\r\n", "{}")},
        {"length minus", post(cl + "-2\r\n", "{}")},
        {"length hex", post(cl + "0x2\r\n", "{}")},
        {"length fraction", post(cl + "2.0\r\n", "{}")},
        {"length blank inside", post(cl + "2 2\r\n", "{}")},
        {"length empty", post(cl + "\r\n", "{}")},
        {"length word", post(cl + "two\r\n", "{}")},
        {"length quoted", post(cl + "\"2\"\r\n", "{}")},
        {"length overflow", post(cl + "18446744073709551618\r\n", "{}")},
        {"length comma end", post(cl + "2,\r\n", "{}")},
        {"TE twice", post(te + "chunked\r\n" + te + "chunked\r\n", "0\r\n\r\n")},
        {"TE list", post(te + "chunked, chunked\r\n", "0\r\n\r\n")},
        {"TE gzip, chunked", post(te + "gzip, chunked\r\n", "0\r\n\r\n")},
        {"TE identity", post(te + "identity\r\n", "0\r\n\r\n")},
        {"TE chunked, identity", post(te + "chunked, identity\r\n", "0\r\n\r\n")},
        {"TE xchunked", post(te + "xchunked\r\n", "0\r\n\r\n")},
        {"TE quoted", post(te + "\"chunked\"\r\n", "0\r\n\r\n")},
        {"TE with parameter", post(te + "chunked;x=1\r\n", "0\r\n\r\n")},
        {"TE empty", post(te + "\r\n", "0\r\n\r\n")},
        {"TE vertical tab", post(te + "\x0b" + "chunked\r\n", "0\r\n\r\n")},
        {"TE blank before colon", post("Transfer-Encoding : chunked\r\n", "0\r\n\r\n")},
        {"TE folded", post("Transfer-Encoding:\r\n chunked\r\n", "0\r\n\r\n")},
        {"TE tab in name", post("Transfer-\tEncoding: chunked\r\n", "0\r\n\r\n")},
    };
}

std::vector<Bad> chunk_rows() {
    return {
        {"chunk size word", chunked("zz\r\n{}\r\n0\r\n\r\n")},
        {"chunk size hex prefix", chunked("0x2\r\n{}\r\n0\r\n\r\n")},
        {"chunk size sign", chunked("+2\r\n{}\r\n0\r\n\r\n")},
        {"chunk size minus", chunked("-2\r\n{}\r\n0\r\n\r\n")},
        {"chunk size blank first", chunked(" 2\r\n{}\r\n0\r\n\r\n")},
        {"chunk size empty", chunked("\r\n{}\r\n0\r\n\r\n")},
        {"chunk size overflow", chunked("10000000000000002\r\n{}\r\n0\r\n\r\n")},
        {"chunk too long for its size", chunked("2\r\n{}x\r\n0\r\n\r\n")},
        {"chunk without line end", chunked("2\r\n{}0\r\n\r\n")},
        {"chunk bare LF", chunked("2\n{}\n0\n\n" + std::string(600, 'x'))},
        {"chunk LF after data", chunked("2\r\n{}\n0\r\n\r\n")},
        {"chunk extension of 300", chunked("2;" + std::string(300, 'a') + "\r\n{}\r\n0\r\n\r\n")},
        {"chunk extension endless", chunked("2;" + std::string(5000, 'a'))},
        {"chunk extension last", chunked("2\r\n{}\r\n0;" + std::string(300, 'a') + "\r\n\r\n")},
        {"trailer", chunked("2\r\n{}\r\n0\r\nX-A: b\r\n\r\n")},
        {"trailer length", chunked("2\r\n{}\r\n0\r\nContent-Length: 9\r\n\r\n")},
        {"trailer TE", chunked("2\r\n{}\r\n0\r\nTransfer-Encoding: chunked\r\n\r\n")},
        {"trailer endless", chunked("2\r\n{}\r\n0\r\nX: " + std::string(5000, 'a'))},
    };
}

std::vector<Bad> line_rows() {
    return {
        {"bare LF after request line", "GET /ok HTTP/1.1\nHost: HOST\r\n\r\n"},
        {"bare LF everywhere", "GET /ok HTTP/1.1\nHost: HOST\n\n"},
        {"bare LF after header", "GET /ok HTTP/1.1\r\nHost: HOST\nX: y\r\n\r\n"},
        {"bare LF ends the head", "GET /ok HTTP/1.1\r\nHost: HOST\r\n\n"},
        {"bare CR in header", get("X: a\rb\r\n")},
        {"bare CR in request line", "GET /ok\rHTTP/1.1\r\nHost: HOST\r\n\r\n"},
        {"CR CR LF", get("X: a\r\r\n")},
        {"header folded by blank", get("X: a\r\n b\r\n")},
        {"header folded by tab", get("X: a\r\n\tb\r\n")},
        {"first header folded", "GET /ok HTTP/1.1\r\n X: a\r\nHost: HOST\r\n\r\n"},
        {"NUL in header", get(std::string("X: a\0b\r\n", 8))},
        {"NUL in name", get(std::string("X\0: a\r\n", 7))},
        {"DEL in header", get("X: a\x7f\r\n")},
        {"escape in header", get("X: a\x1b[31m\r\n")},
        {"header without colon", get("X\r\n")},
        {"header without name", get(": a\r\n")},
        {"blank in header name", get("X Y: a\r\n")},
        {"blank before colon", get("X : a\r\n")},
        {"quote in header name", get("\"X\": a\r\n")},
        {"two empty lines first", "\r\n\r\nGET /ok HTTP/1.1\r\nHost: HOST\r\n\r\n"},
    };
}

std::vector<Bad> request_line_rows() {
    const auto line = [](const std::string& text) { return text + "\r\nHost: HOST\r\n\r\n"; };
    return {
        {"version 0.9", "GET /ok\r\n"},
        {"version 0.9 with head", line("GET /ok")},
        {"version 1.0", line("GET /ok HTTP/1.0")},
        {"version 1.2", line("GET /ok HTTP/1.2")},
        {"version 2.0", line("GET /ok HTTP/2.0")},
        {"HTTP/2 preface", "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"},
        {"version lower case", line("GET /ok http/1.1")},
        {"version long", line("GET /ok HTTP/1.10")},
        {"version other protocol", line("GET /ok ICAP/1.1")},
        {"blank after version", line("GET /ok HTTP/1.1 ")},
        {"two blanks", line("GET  /ok HTTP/1.1")},
        {"tab for blank", line("GET\t/ok HTTP/1.1")},
        {"no target", line("GET HTTP/1.1")},
        {"blank in target", line("GET /o k HTTP/1.1")},
        {"fragment in target", line("GET /ok#x HTTP/1.1")},
        {"relative target", line("GET ok HTTP/1.1")},
        {"raw UTF-8 in target", line("GET /\xc3\xa9 HTTP/1.1")},
        {"other scheme", line("GET ftp://HOST/ok HTTP/1.1")},
        {"user in authority", line("GET http://a@HOST/ok HTTP/1.1")},
        {"authority is not Host", line("GET http://evil.example/ok HTTP/1.1")},
        {"broken percent", line("GET /ok% HTTP/1.1")},
        {"percent no hex", line("GET /%zz HTTP/1.1")},
        {"percent NUL", line("GET /ok%00 HTTP/1.1")},
        {"percent no UTF-8", line("GET /ok%ff HTTP/1.1")},
        {"percent overlong", line("GET /ok%c0%af HTTP/1.1")},
        {"percent surrogate", line("GET /ok%ed%a0%80 HTTP/1.1")},
        {"query NUL", line("GET /ok?a=%00 HTTP/1.1")},
        {"query no UTF-8", line("GET /ok?a=%ff HTTP/1.1")},
        {"query broken percent", line("GET /ok?a=%1 HTTP/1.1")},
        {"method odd character", line("G@T /ok HTTP/1.1")},
        {"method empty", line(" /ok HTTP/1.1")},
        {"TRACE", line("TRACE /ok HTTP/1.1"), 405},
        {"CONNECT", line("CONNECT HOST HTTP/1.1"), 405},
        {"TLS greeting", std::string("\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03", 11)},
        {"target of 9 KiB", line("GET /" + std::string(9 << 10, 'a') + " HTTP/1.1"), 414},
        {"request line endless", "GET /" + std::string(20 << 10, 'a'), 414},
    };
}

std::vector<Bad> header_rows() {
    std::string many;
    for (int i = 0; i < 120; ++i)
        many += "X-" + std::to_string(i) + ": y\r\n";
    return {
        {"no Host", "GET /ok HTTP/1.1\r\n\r\n"},
        {"two Hosts", get("Host: HOST\r\n")},
        {"empty Host", "GET /ok HTTP/1.1\r\nHost:\r\n\r\n"},
        {"Host with path", "GET /ok HTTP/1.1\r\nHost: HOST/x\r\n\r\n"},
        {"Host with user", "GET /ok HTTP/1.1\r\nHost: a@HOST\r\n\r\n"},
        {"Host with blank", "GET /ok HTTP/1.1\r\nHost: HOST x\r\n\r\n"},
        {"Host with list", "GET /ok HTTP/1.1\r\nHost: HOST, HOST\r\n\r\n"},
        {"two Content-Types", post("Content-Type: text/plain\r\nContent-Length: 2\r\n", "{}")},
        {"two Origins", get("Origin: http://a\r\nOrigin: http://b\r\n")},
        {"two Authorizations", get("Authorization: a\r\nAuthorization: b\r\n")},
        {"120 headers", get(many), 431},
        {"header of 20 KiB", get("X: " + std::string(20 << 10, 'a') + "\r\n"), 431},
        {"header endless",
         "GET /ok HTTP/1.1\r\nHost: HOST\r\nX: " + std::string(40 << 10, 'a'),
         431},
    };
}

class Malformed : public ::testing::Test {
protected:
    static Router router(std::atomic<int>& smuggled) {
        Router routes;
        routes.add(get_route("/ok", fixed_reply("{}")));
        routes.add(post_route("/json", BodyKind::json, fixed_reply("{}")));
        routes.add(get_route("/smuggled", [&smuggled](Request) -> Task<Response> {
            ++smuggled;
            co_return json_response(200, "{}");
        }));
        return routes;
    }

    void run(const std::vector<Bad>& rows) {
        for (const auto& row : rows) {
            SCOPED_TRACE(row.name);
            check(row);
        }
    }

    void check(const Bad& row) {
        std::string bytes = row.bytes;
        for (auto at = bytes.find("HOST"); at != std::string::npos; at = bytes.find("HOST"))
            bytes.replace(at, 4, server.host());
        HttpClient client(server.port());
        client.send(bytes + http_request(server, "GET /smuggled"));
        const auto all = client.read_to_end();
        ASSERT_TRUE(all) << "not closed";
        ASSERT_TRUE(all->starts_with("HTTP/1.1 ")) << *all;
        EXPECT_EQ(all->find("HTTP/1.1 ", 1), std::string::npos) << "two answers: " << *all;
        const auto reply =
            HttpClient::parse_head(std::string_view(*all).substr(0, all->find("\r\n\r\n")));
        EXPECT_EQ(reply.status, row.status) << *all;
        EXPECT_EQ(reply.header("content-type"), "application/problem+json");
        EXPECT_EQ(reply.header("connection"), "close");
        EXPECT_FALSE(reply.header("x-request-id").empty());
        EXPECT_EQ(smuggled, 0);
    }

    std::atomic<int> smuggled{0};
    HttpServer server{router(smuggled)};
};

} // namespace

TEST_F(Malformed, Framing) {
    run(framing_rows());
}

TEST_F(Malformed, Chunks) {
    run(chunk_rows());
}

TEST_F(Malformed, LineEndings) {
    run(line_rows());
}

TEST_F(Malformed, RequestLines) {
    run(request_line_rows());
}

TEST_F(Malformed, Headers) {
    run(header_rows());
}

TEST_F(Malformed, WellFormedNeighboursPass) {
    const auto length = ask(server, "POST /json", "Content-Type: application/json\r\n", "{}");
    EXPECT_EQ(length.status, 200);
    HttpClient client(server.port());
    client.send("\r\n" +
                http_request(server,
                             "POST /json",
                             "Content-Type: application/json\r\nTransfer-Encoding: "
                             "Chunked\r\n") +
                "2;name=\"value\"\r\n{}\r\n0\r\n\r\n" + http_request(server, "GET /ok"));
    const auto first = client.read_reply();
    ASSERT_TRUE(first);
    EXPECT_EQ(first->status, 200);
    const auto second = client.read_reply(); // the connection lives on
    ASSERT_TRUE(second);
    EXPECT_EQ(second->status, 200);
    client.send("GET http://" + server.host() + "/ok HTTP/1.1\r\nHost: " + server.host() +
                "\r\n\r\n");
    const auto absolute = client.read_reply();
    ASSERT_TRUE(absolute);
    EXPECT_EQ(absolute->status, 200);
}

} // namespace hs::http
