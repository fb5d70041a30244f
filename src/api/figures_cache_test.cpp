#include <array>
#include <atomic>
#include <future>
#include <thread>

#include <boost/asio/co_spawn.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/redirect_error.hpp>
#include <boost/asio/steady_timer.hpp>
#include <boost/asio/this_coro.hpp>
#include <boost/asio/use_awaitable.hpp>
#include <boost/asio/use_future.hpp>
#include <gtest/gtest.h>

#include "api/figures_cache.hpp"

namespace hs::api {
namespace {

namespace asio = boost::asio;
using Kept = FiguresCache::Kept;
using Make = FiguresCache::Make;

Task<http::Response> reply_of(std::string body, int status) {
    http::Response response;
    response.status = status;
    response.body = std::move(body);
    co_return response;
}

/// Makes `body` and counts how often.
Make making(std::string body, int& made, int status = 200) {
    return [body = std::move(body), &made, status] {
        ++made;
        return reply_of(body, status);
    };
}

Kept take(FiguresCache& cache, const std::string& key, Make make) {
    asio::io_context context;
    auto future = asio::co_spawn(context, cache.take(key, std::move(make)), asio::use_future);
    context.run();
    return future.get();
}

TEST(FiguresCache, MakesEachKeyOnce) {
    FiguresCache cache;
    int made = 0;
    EXPECT_EQ(take(cache, "a", making("one", made))->reply.body, "one");
    EXPECT_EQ(take(cache, "a", making("two", made))->reply.body, "one");
    EXPECT_EQ(take(cache, "b", making("two", made))->reply.body, "two");
    EXPECT_EQ(made, 2);
}

TEST(FiguresCache, KeepsNothingButSuccess) {
    FiguresCache cache;
    int made = 0;
    EXPECT_EQ(take(cache, "a", making("gone", made, 404))->reply.status, 404);
    EXPECT_EQ(cache.bytes(), 0U);
    EXPECT_EQ(take(cache, "a", making("one", made))->reply.status, 200);
    EXPECT_EQ(made, 2);
}

TEST(FiguresCache, ForgetsTheLeastUsedBeyondItsBytes) {
    FiguresCache cache(8000);
    int made = 0;
    const std::string big(2000, 'x');
    for (const auto* key : {"a", "b", "c"})
        take(cache, key, making(big, made));
    take(cache, "a", making(big, made)); // used again: b is now the oldest
    EXPECT_EQ(made, 3);
    take(cache, "d", making(big, made));
    EXPECT_LE(cache.bytes(), 8000U);
    take(cache, "a", making(big, made));
    EXPECT_EQ(made, 4);
    take(cache, "b", making(big, made));
    EXPECT_EQ(made, 5);
}

TEST(FiguresCache, AReplyBeyondAllBytesIsGivenAndNotKept) {
    FiguresCache cache(1000);
    int made = 0;
    EXPECT_EQ(take(cache, "a", making(std::string(5000, 'x'), made))->reply.body.size(), 5000U);
    EXPECT_EQ(cache.bytes(), 0U);
}

TEST(FiguresCache, AddsTheGzipForm) {
    FiguresCache cache;
    int made = 0;
    const auto kept = take(cache, "a", making("one", made));
    const auto before = cache.bytes();
    cache.keep_packed("a", kept, "packed");
    EXPECT_EQ(take(cache, "a", making("", made))->packed, "packed");
    EXPECT_EQ(take(cache, "a", making("", made))->reply.body, "one");
    EXPECT_EQ(cache.bytes(), before + 6);
}

Task<http::Response> failing() {
    throw std::runtime_error("no database");
    co_return http::Response{};
}

TEST(FiguresCache, AFailedMakerLeavesTheKeyToTheNext) {
    FiguresCache cache;
    EXPECT_THROW(take(cache, "a", [] { return failing(); }), std::runtime_error);
    int made = 0;
    EXPECT_EQ(take(cache, "a", making("one", made))->reply.body, "one");
}

/// Answers when it is let go, as a slow database would.
struct Gate {
    explicit Gate(asio::io_context& context) : timer(context) {
        timer.expires_at(asio::steady_timer::time_point::max());
    }

    asio::steady_timer timer;
    int made = 0;

    Task<http::Response> make() {
        ++made;
        boost::system::error_code ignored;
        co_await timer.async_wait(asio::redirect_error(asio::use_awaitable, ignored));
        co_return co_await reply_of("one", 200);
    }
};

TEST(FiguresCache, ManyWhoAskAtOnceShareOneMaker) {
    FiguresCache cache;
    asio::io_context context;
    Gate gate(context);
    std::vector<std::future<Kept>> waiting;
    for (int i = 0; i < 50; ++i) {
        waiting.push_back(asio::co_spawn(
            context, cache.take("a", [&gate] { return gate.make(); }), asio::use_future));
    }
    context.poll();
    EXPECT_EQ(gate.made, 1);
    gate.timer.cancel();
    context.run();
    for (auto& future : waiting)
        EXPECT_EQ(future.get()->reply.body, "one");
    EXPECT_EQ(gate.made, 1);
}

TEST(FiguresCache, ThreadsMayUseItTogether) {
    FiguresCache cache(20000);
    std::array<std::jthread, 4> threads;
    std::atomic<int> wrong = 0;
    for (auto& thread : threads) {
        thread = std::jthread([&] {
            int made = 0;
            for (int i = 0; i < 300; ++i) {
                const auto key = std::to_string(i % 17);
                const auto kept = take(cache, key, making(key + std::string(3000, 'x'), made));
                if (!kept->reply.body.starts_with(key + "x")) ++wrong;
                if (kept->packed.empty()) cache.keep_packed(key, kept, key);
            }
        });
    }
    for (auto& thread : threads)
        thread.join();
    EXPECT_EQ(wrong, 0);
    EXPECT_LE(cache.bytes(), 20000U);
}

TEST(CompleteUntil, IsForgottenAfterAMoment) {
    CompleteUntil known;
    const TenantId tenant{Uuid::random()};
    const auto now = CompleteUntil::Instant{} + std::chrono::hours(1);
    EXPECT_EQ(known.recent(tenant, now), std::nullopt);
    known.note(tenant, Time{std::chrono::seconds(5)}, now);
    EXPECT_EQ(known.recent(tenant, now + std::chrono::milliseconds(200)),
              Time{std::chrono::seconds(5)});
    EXPECT_EQ(known.recent(tenant, now + std::chrono::milliseconds(300)), std::nullopt);
    EXPECT_EQ(known.recent(TenantId{Uuid::random()}, now), std::nullopt);
}

} // namespace
} // namespace hs::api
