// Local mode (S-05) and cross-origin rules, through the whole server.
#include <gtest/gtest.h>

#include "support/http_server.hpp"

namespace hs::http {

namespace {

using namespace test;

Router router() {
    Router routes;
    routes.add(get_route("/x", fixed_reply("{}")));
    routes.add(post_route("/x", BodyKind::none, fixed_reply("{}")));
    return routes;
}

ServerOptions options_with(std::vector<std::string> origins) {
    ServerOptions options;
    options.allowed_origins = std::move(origins);
    return options;
}

struct Row {
    const char* name;
    std::string method;
    std::string host;    // "PORT" stands for the port
    std::string headers; // "PORT" too
    int status;
    std::string code;
};

std::string with_port(std::string text, std::uint16_t port) {
    for (auto at = text.find("PORT"); at != std::string::npos; at = text.find("PORT"))
        text.replace(at, 4, std::to_string(port));
    return text;
}

void run(const HttpServer& server, const Row& row) {
    SCOPED_TRACE(row.name);
    HttpClient client(server.port());
    client.send(
        with_port(row.method + " /x HTTP/1.1\r\nHost: " + row.host + "\r\n" + row.headers + "\r\n",
                  server.port()));
    const auto reply = client.read_reply();
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->status, row.status) << reply->body;
    if (!row.code.empty()) {
        EXPECT_NE(reply->body.find("\"code\":\"" + row.code + "\""), std::string::npos)
            << reply->body;
    }
}

} // namespace

TEST(LocalMode, HostTable) {
    HttpServer server(router());
    const std::vector<Row> rows{
        {"localhost", "GET", "localhost:PORT", "", 200, ""},
        {"upper case", "GET", "LocalHost:PORT", "", 200, ""},
        {"IPv4", "GET", "127.0.0.1:PORT", "", 200, ""},
        {"IPv6", "GET", "[::1]:PORT", "", 200, ""},
        {"rebound name", "GET", "evil.example:PORT", "", 421, "host.unknown"},
        {"name that begins like ours",
         "GET",
         "localhost.evil.example:PORT",
         "",
         421,
         "host.unknown"},
        {"other port", "GET", "localhost:1", "", 421, "host.unknown"},
        {"no port", "GET", "localhost", "", 421, "host.unknown"},
        {"other loopback", "GET", "127.0.0.2:PORT", "", 421, "host.unknown"},
        {"any address", "GET", "0.0.0.0:PORT", "", 421, "host.unknown"},
        {"LAN address", "GET", "192.168.1.4:PORT", "", 421, "host.unknown"},
        {"trailing dot", "GET", "localhost.:PORT", "", 421, "host.unknown"},
        {"rebound write",
         "POST",
         "evil.example:PORT",
         "Origin: http://evil.example:PORT\r\n",
         421,
         "host.unknown"},
    };
    for (const auto& row : rows)
        run(server, row);
}

TEST(LocalMode, OriginTable) {
    HttpServer server(router(), options_with({"http://localhost:3000"}));
    const std::string host = "localhost:PORT";
    const std::string refused = "origin.refused";
    const std::vector<Row> rows{
        {"no origin", "POST", host, "", 200, ""},
        {"own origin", "POST", host, "Origin: http://localhost:PORT\r\n", 200, ""},
        {"listed origin", "POST", host, "Origin: http://localhost:3000\r\n", 200, ""},
        {"listed origin, cross-site",
         "POST",
         host,
         "Origin: http://localhost:3000\r\nSec-Fetch-Site: cross-site\r\n",
         200,
         ""},
        {"same-origin fetch without origin",
         "POST",
         host,
         "Sec-Fetch-Site: same-origin\r\n",
         200,
         ""},
        {"foreign origin", "POST", host, "Origin: https://evil.example\r\n", 403, refused},
        {"null origin", "POST", host, "Origin: null\r\n", 403, refused},
        {"other scheme", "POST", host, "Origin: https://localhost:PORT\r\n", 403, refused},
        {"other port", "POST", host, "Origin: http://localhost:1\r\n", 403, refused},
        {"other loopback name", "POST", host, "Origin: http://127.0.0.1:PORT\r\n", 403, refused},
        {"listed origin with more",
         "POST",
         host,
         "Origin: http://localhost:30000\r\n",
         403,
         refused},
        {"cross-site form", "POST", host, "Sec-Fetch-Site: cross-site\r\n", 403, refused},
        {"same-site form", "POST", host, "Sec-Fetch-Site: same-site\r\n", 403, refused},
        {"typed address", "POST", host, "Sec-Fetch-Site: none\r\n", 403, refused},
        {"foreign read", "GET", host, "Origin: https://evil.example\r\n", 200, ""},
        {"cross-site read", "GET", host, "Sec-Fetch-Site: cross-site\r\n", 200, ""},
    };
    for (const auto& row : rows)
        run(server, row);
}

TEST(LocalMode, StarListsNobodyForWrites) {
    HttpServer server(router(), options_with({"*"}));
    run(server,
        {"star",
         "POST",
         "localhost:PORT",
         "Origin: https://evil.example\r\n",
         403,
         "origin.refused"});
}

TEST(LocalMode, ProxiesAreRefused) {
    HttpServer server(router());
    for (const char* header : {"Forwarded: for=1.2.3.4",
                               "X-Forwarded-For: 127.0.0.1",
                               "X-Forwarded-Host: localhost",
                               "x-forwarded-proto: https",
                               "X-Forwarded-Anything: x",
                               "Via: 1.1 proxy"}) {
        const auto reply = ask(server, "GET /x", std::string(header) + "\r\n");
        EXPECT_EQ(reply.status, 403) << header;
        EXPECT_NE(reply.body.find("behind a proxy, configure authentication"), std::string::npos);
    }
}

TEST(LocalMode, OffMeansNoSuchRules) {
    ServerOptions options;
    options.local_mode = false;
    HttpServer server(router(), options);
    run(server, {"name", "GET", "calls.example.com", "X-Forwarded-For: 1.2.3.4\r\n", 200, ""});
}

TEST(CorsRules, Table) {
    HttpServer server(router(), options_with({"https://a.example", "http://localhost:3000"}));
    const auto listed = ask(server, "GET /x", "Origin: https://a.example\r\n");
    EXPECT_EQ(listed.header("access-control-allow-origin"), "https://a.example");
    EXPECT_EQ(listed.header("access-control-allow-credentials"), "true");
    EXPECT_NE(listed.header("access-control-expose-headers").find("X-Request-Id"),
              std::string::npos);
    EXPECT_EQ(listed.header("vary"), "Origin");
    for (const char* origin : {"https://b.example",
                               "https://a.example.evil",
                               "http://a.example",
                               "null",
                               "https://a.example:443"}) {
        const auto reply = ask(server, "GET /x", "Origin: " + std::string(origin) + "\r\n");
        EXPECT_EQ(reply.status, 200) << origin;
        EXPECT_EQ(reply.header("access-control-allow-origin"), "") << origin;
        EXPECT_EQ(reply.header("vary"), "Origin");
    }
    EXPECT_EQ(ask(server, "GET /x").header("access-control-allow-origin"), "");
    // Errors are readable too, or the client cannot tell what went wrong.
    EXPECT_EQ(ask(server, "GET /lost", "Origin: https://a.example\r\n")
                  .header("access-control-allow-origin"),
              "https://a.example");
}

TEST(CorsRules, Preflight) {
    HttpServer server(router(), options_with({"https://a.example"}));
    const std::string asks = "Access-Control-Request-Method: POST\r\n"
                             "Access-Control-Request-Headers: content-type,x-evil, IF-MATCH\r\n";
    const auto good = ask(server, "OPTIONS /x", "Origin: https://a.example\r\n" + asks);
    EXPECT_EQ(good.status, 204);
    EXPECT_EQ(good.header("access-control-allow-origin"), "https://a.example");
    EXPECT_EQ(good.header("access-control-allow-methods"),
              "GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS");
    EXPECT_EQ(good.header("access-control-allow-headers"), "Content-Type, If-Match");
    EXPECT_EQ(good.header("access-control-max-age"), "600");
    const auto foreign = ask(server, "OPTIONS /x", "Origin: https://b.example\r\n" + asks);
    EXPECT_EQ(foreign.status, 204);
    EXPECT_EQ(foreign.header("access-control-allow-origin"), "");
    EXPECT_EQ(foreign.header("access-control-allow-methods"), "");
}

TEST(CorsRules, StarIsNeverWithCredentials) {
    HttpServer server(router(), options_with({"*"}));
    const auto reply = ask(server, "GET /x", "Origin: https://b.example\r\n");
    EXPECT_EQ(reply.header("access-control-allow-origin"), "*");
    EXPECT_EQ(reply.header("access-control-allow-credentials"), "");
}

} // namespace hs::http
