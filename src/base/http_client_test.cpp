#include <filesystem>
#include <thread>

#include <gmock/gmock.h>

#include "base/blocking_http.hpp"
#include "base/files.hpp"
#include "base/http_client.hpp"
#include "support/await.hpp"
#include "support/imposter.hpp"

using namespace hs;
using namespace std::chrono_literals;
using test::await_here;
using test::Imposter;
using test::ImposterReply;
using Trick = test::ImposterReply::Trick;

namespace {

class Outbound : public testing::Test {
protected:
    OutboundRequest request(const std::string& path = "/") {
        OutboundRequest out;
        out.url = server.url() + path;
        out.allow_private = true;
        return out;
    }

    Result<InboundReply> send(OutboundRequest what) {
        return await_here(client.send(std::move(what)));
    }

    std::string error_of(OutboundRequest what) {
        const auto reply = send(std::move(what));
        return reply ? "status " + std::to_string(reply->status) : reply.error().code;
    }

    std::chrono::steady_clock::duration time_to_time_out(OutboundRequest what) {
        const auto start = std::chrono::steady_clock::now();
        EXPECT_EQ(error_of(std::move(what)), "egress.timeout");
        return std::chrono::steady_clock::now() - start;
    }

    Imposter server;
    HttpClient client;
};

} // namespace

TEST_F(Outbound, CarriesRequestAndReply) {
    server.then({.status = 201, .body = "made", .headers = {{"X-One", " 1 "}, {"x-two", "2"}}});
    auto what = request("/a?b=c");
    what.method = "POST";
    what.body = std::string("x\0y", 3);
    what.headers = {{"Content-Type", "text/plain"}, {"X-Empty", ""}};
    const auto reply = send(what);
    ASSERT_TRUE(reply) << reply.error().message;
    EXPECT_EQ(reply->status, 201);
    EXPECT_EQ(reply->body, "made");
    EXPECT_EQ(reply->header("X-ONE"), "1");
    EXPECT_EQ(reply->header("x-three"), std::nullopt);
    const auto seen = server.requests().at(0);
    EXPECT_EQ(seen.method + " " + seen.target, "POST /a?b=c");
    EXPECT_EQ(seen.body, what.body);
    EXPECT_EQ(seen.headers.at("content-type"), "text/plain");
    EXPECT_EQ(seen.headers.count("x-empty"), 1u);
    EXPECT_EQ(seen.headers.count("expect"), 0u);
}

TEST_F(Outbound, SendsPartOfAFile) {
    const auto file = open_unnamed(std::filesystem::temp_directory_path());
    const std::string whole(300000, 'x');
    ASSERT_TRUE(file && write_all(file->get(), bytes_of("head" + whole + "tail")));
    auto what = request();
    what.method = "PUT";
    what.body_fd = file->get();
    what.body_offset = 4;
    what.body_bytes = whole.size();
    ASSERT_TRUE(send(what));
    const auto seen = server.requests().at(0);
    EXPECT_EQ(seen.method, "PUT");
    EXPECT_TRUE(seen.body == whole) << seen.body.size();
    EXPECT_EQ(seen.headers.count("expect"), 0u);
    what.body_bytes = whole.size() + 5; // one more than there is
    EXPECT_EQ(error_of(what), "egress.interrupted");
}

TEST_F(Outbound, BlocksWhereThatIsWanted) {
    server.then({.body = "here"});
    BlockingHttp blocking;
    EXPECT_EQ(blocking.send(request())->body, "here");
    auto what = request();
    what.allow_private = false;
    EXPECT_EQ(blocking.send(what).error().code, "egress.address_refused");
}

TEST_F(Outbound, SendsForms) {
    server.then({.body = "ok"});
    auto what = request();
    what.method = "POST";
    what.form = {{"model", "m", "", ""}, {"file", "RIFF", "a.wav", "audio/wav"}};
    ASSERT_TRUE(send(what));
    const auto seen = server.requests().at(0);
    EXPECT_THAT(seen.headers.at("content-type"), testing::StartsWith("multipart/form-data; "));
    EXPECT_THAT(seen.body, testing::HasSubstr("name=\"model\"\r\n\r\nm\r\n"));
    EXPECT_THAT(seen.body,
                testing::HasSubstr("name=\"file\"; filename=\"a.wav\"\r\n"
                                   "Content-Type: audio/wav\r\n\r\nRIFF\r\n"));
}

TEST_F(Outbound, AnyMethodAndStatusIsAReply) {
    for (const auto* method : {"GET", "PUT", "DELETE", "PATCH"}) {
        server.then({.status = 503, .body = "busy"});
        auto what = request();
        what.method = method;
        const auto reply = send(what);
        ASSERT_TRUE(reply);
        EXPECT_EQ(reply->status, 503);
        EXPECT_EQ(server.requests().back().method, method);
    }
}

TEST_F(Outbound, NeverFollowsRedirects) {
    server.then({.status = 302, .headers = {{"Location", server.url() + "/other"}}});
    const auto reply = send(request());
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->status, 302);
    EXPECT_EQ(server.requests().size(), 1u);
}

TEST_F(Outbound, IgnoresProxiesOfTheEnvironment) {
    ::setenv("http_proxy", "http://127.0.0.1:9", 1);
    server.then({.body = "direct"});
    const auto reply = send(request());
    ::unsetenv("http_proxy");
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->body, "direct");
}

TEST_F(Outbound, RefusesInternalAddresses) {
    server.then({.body = "open", .keep_alive = true}); // a connection that must not be found
    ASSERT_TRUE(send(request()));
    auto what = request();
    what.allow_private = false;
    EXPECT_EQ(error_of(what), "egress.address_refused");
    const auto port = what.url.substr(what.url.rfind(':'));
    for (const auto* host : {"localhost", "[::ffff:127.0.0.1]", "2130706433", "0x7f.1"}) {
        what.url = "http://" + std::string(host) + port;
        EXPECT_EQ(error_of(what), "egress.address_refused") << host;
    }
    EXPECT_EQ(server.requests().size(), 1u);
    what.allow_private = true;
    what.url = "http://0.0.0.0" + port;
    EXPECT_EQ(error_of(what), "egress.address_refused") << "not even with permission";
}

TEST_F(Outbound, RefusesOddAddressesAndHeaders) {
    auto what = request();
    for (const auto* url :
         {"", "file:///etc/passwd", "ftp://127.0.0.1/", "http://u:p@127.0.0.1/"}) {
        what.url = url;
        EXPECT_EQ(error_of(what), "egress.request") << url;
    }
    what = request();
    what.headers = {{"X-A", "1\r\nX-B: 2"}};
    EXPECT_EQ(error_of(what), "egress.request");
    EXPECT_TRUE(server.requests().empty());
}

TEST_F(Outbound, RefusedConnectionIsSaid) {
    auto what = request();
    what.url = "http://127.0.0.1:1/";
    EXPECT_EQ(error_of(what), "egress.connect");
}

TEST_F(Outbound, HandshakeThatNeverEndsIsCut) {
    auto what = request();
    what.url.replace(0, 4, "https"); // the imposter speaks no TLS
    what.connect_limit = 300ms;
    const auto code = error_of(what);
    EXPECT_TRUE(code == "egress.connect" || code == "egress.timeout") << code;
    EXPECT_TRUE(server.requests().empty());
}

TEST_F(Outbound, DroppedAndCutRepliesAreInterrupted) {
    server.then({.trick = Trick::drop});
    EXPECT_EQ(error_of(request()), "egress.interrupted");
    server.then({.body = std::string(1000, 'x'), .trick = Trick::cut});
    EXPECT_EQ(error_of(request()), "egress.interrupted");
}

TEST_F(Outbound, LimitsTheReply) {
    auto what = request();
    what.max_reply_bytes = 1000;
    server.then({.body = std::string(1000, 'x')});
    EXPECT_EQ(error_of(what), "status 200");
    server.then({.body = std::string(1001, 'x')});
    EXPECT_EQ(error_of(what), "egress.too_large");
    server.then({.trick = Trick::endless});
    EXPECT_EQ(error_of(what), "egress.too_large");
    ImposterReply flood;
    for (int i = 0; i < 400; ++i)
        flood.headers.emplace_back("X-" + std::to_string(i), std::string(1000, 'h'));
    server.then(flood);
    EXPECT_EQ(error_of(what), "egress.too_large");
}

TEST_F(Outbound, EachPhaseHasItsLimit) {
    for (const auto trick : {Trick::hang, Trick::head_only}) {
        server.then({.body = "x", .trick = trick});
        auto what = request();
        what.first_byte_limit = 50ms;
        what.total_limit = 5s;
        EXPECT_LT(time_to_time_out(what), 3s) << "before the whole is over";
    }
    auto what = request();
    server.then({.body = "slow", .trick = Trick::drip, .pause = 400ms});
    what.first_byte_limit = 5s;
    what.idle_limit = 50ms;
    EXPECT_EQ(error_of(what), "egress.timeout") << "idle between body bytes";

    server.then({.body = std::string(1000, '.'), .trick = Trick::drip, .pause = 20ms});
    what = request();
    what.total_limit = 200ms;
    EXPECT_EQ(error_of(what), "egress.timeout") << "the whole";

    server.then({.body = "in time", .pause = 100ms});
    what = request();
    what.idle_limit = 10ms;
    what.first_byte_limit = 5s;
    EXPECT_EQ(error_of(what), "status 200") << "idle starts with the first body byte";
}

TEST_F(Outbound, UploadThatNobodyReadsEnds) {
    server.then({.trick = Trick::deaf});
    auto what = request();
    what.method = "POST";
    what.body = std::string(32u << 20, 'b');
    what.first_byte_limit = 100ms;
    what.total_limit = 5s;
    EXPECT_LT(time_to_time_out(what), 3s);
}

TEST_F(Outbound, StopAbortsAtOnce) {
    server.then({.trick = Trick::hang});
    std::stop_source stop;
    auto what = request();
    what.stop = stop.get_token();
    const std::jthread stopper([&] {
        server.wait_for_requests(1);
        stop.request_stop();
    });
    const auto start = std::chrono::steady_clock::now();
    EXPECT_EQ(error_of(what), "egress.interrupted");
    EXPECT_LT(std::chrono::steady_clock::now() - start, 900ms) << "woken, not polled";
    EXPECT_TRUE(server.wait_for_abandoned()) << "the connection is closed too";
    EXPECT_EQ(error_of(what), "egress.interrupted") << "stopped before it began";
}

TEST_F(Outbound, ManyAtOnce) {
    server.otherwise([](const test::ImposterRequest& seen) {
        return ImposterReply{.body = seen.target, .pause = 50ms};
    });
    boost::asio::io_context context;
    int right = 0;
    for (int i = 0; i < 50; ++i) {
        const auto path = "/" + std::to_string(i);
        boost::asio::co_spawn(
            context,
            client.send(request(path)),
            [&right, path](const std::exception_ptr&, Result<InboundReply> reply) {
                if (reply && reply->body == path) ++right;
            });
    }
    context.run();
    EXPECT_EQ(right, 50);
}

TEST(OutboundEnd, DestructionInterruptsWhatIsOpen) {
    Imposter server;
    server.then({.trick = Trick::hang});
    boost::asio::io_context context;
    std::string code;
    {
        HttpClient client;
        OutboundRequest what;
        what.url = server.url();
        what.allow_private = true;
        boost::asio::co_spawn(
            context,
            client.send(what),
            [&code](const std::exception_ptr&, const Result<InboundReply>& reply) {
                code = reply ? "reply" : reply.error().code;
            });
        context.poll();
        ASSERT_TRUE(server.wait_for_requests(1));
    }
    context.run();
    EXPECT_EQ(code, "egress.interrupted");
}
