// Bodies that come into being while they are sent.
#include <atomic>

#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "support/http_server.hpp"

namespace hs::http {
namespace {

using namespace std::chrono_literals;
using ::testing::HasSubstr;
using ::testing::Not;

/// Gives "one" and "two", then waits until it is stopped.
struct Source {
    std::atomic<int> given{0};
    std::atomic<bool> stopped{false};
    std::unique_ptr<boost::asio::steady_timer> timer;

    Task<std::optional<std::string>> next() {
        const int turn = ++given;
        if (turn == 1) co_return "one";
        if (turn == 2) co_return "two";
        if (!stopped) {
            const auto executor = co_await boost::asio::this_coro::executor;
            timer = std::make_unique<boost::asio::steady_timer>(executor, 30s);
            boost::system::error_code ignored;
            co_await timer->async_wait(
                boost::asio::redirect_error(boost::asio::use_awaitable, ignored));
        }
        co_return std::nullopt;
    }

    void stop() {
        stopped = true;
        if (timer) timer->cancel();
    }
};

Router router_of(const std::shared_ptr<Source>& source) {
    Router router;
    router.add(test::get_route("/live", [source](Request) -> Task<Response> {
        Response response;
        response.content_type = "text/event-stream";
        LiveBody body;
        body.next = [source] { return source->next(); };
        body.stop = [source] { source->stop(); };
        response.live = std::move(body);
        co_return response;
    }));
    return router;
}

bool soon(const std::function<bool()>& condition) {
    const auto deadline = std::chrono::steady_clock::now() + 5s;
    while (!condition()) {
        if (std::chrono::steady_clock::now() > deadline) return false;
        std::this_thread::yield();
    }
    return true;
}

TEST(LiveBodies, AreSentInChunksAndEndTheConnection) {
    const auto source = std::make_shared<Source>();
    source->stopped = true;
    const test::HttpServer server(router_of(source));
    test::HttpClient client(server.port());
    client.send(test::http_request(server, "GET /live"));
    const auto whole = client.read_to_end();
    ASSERT_TRUE(whole);
    EXPECT_THAT(*whole, HasSubstr("Transfer-Encoding: chunked\r\n"));
    EXPECT_THAT(*whole, HasSubstr("Connection: close\r\n"));
    EXPECT_THAT(*whole, Not(HasSubstr("Content-Length")));
    EXPECT_TRUE(whole->ends_with("\r\n\r\n3\r\none\r\n3\r\ntwo\r\n0\r\n\r\n")) << *whole;
}

TEST(LiveBodies, AreNotBegunForHead) {
    const auto source = std::make_shared<Source>();
    const test::HttpServer server(router_of(source));
    const auto reply = test::ask(server, "HEAD /live");
    EXPECT_EQ(reply.status, 200);
    EXPECT_EQ(reply.header("content-length"), "");
    EXPECT_EQ(source->given, 0);
}

TEST(LiveBodies, StopWhenTheClientLeaves) {
    const auto source = std::make_shared<Source>();
    const test::HttpServer server(router_of(source));
    {
        test::HttpClient client(server.port());
        client.send(test::http_request(server, "GET /live"));
        ASSERT_TRUE(soon([&] { return source->given == 3; }));
        EXPECT_FALSE(source->stopped);
    }
    EXPECT_TRUE(soon([&] { return source->stopped.load(); }));
}

TEST(LiveBodies, EndWholeWhenTheServerDrains) {
    const auto source = std::make_shared<Source>();
    test::HttpServer server(router_of(source));
    test::HttpClient client(server.port());
    client.send(test::http_request(server, "GET /live"));
    ASSERT_TRUE(soon([&] { return source->given == 3; }));
    auto drained = server.start_drain(5s);
    const auto whole = client.read_to_end();
    ASSERT_TRUE(whole);
    EXPECT_TRUE(whole->ends_with("0\r\n\r\n")) << *whole;
    EXPECT_EQ(drained.wait_for(3s), std::future_status::ready);
}

} // namespace
} // namespace hs::http
