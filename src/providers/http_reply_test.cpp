#include <gtest/gtest.h>

#include "providers/http_reply.hpp"

using namespace hs;
using namespace hs::providers;
using std::chrono::seconds;

namespace {

InboundReply reply(int status, std::vector<std::pair<std::string, std::string>> headers = {}) {
    return {status, std::move(headers), "secret words of the provider"};
}

const Time now = parse_rfc3339("2026-02-03T08:00:00Z").value();

} // namespace

TEST(RetryAfter, ReadsEveryForm) {
    using Headers = std::vector<std::pair<std::string, std::string>>;
    const std::vector<std::pair<Headers, std::optional<seconds>>> cases{
        {{}, std::nullopt},
        {{{"retry-after", "17"}}, seconds(17)},
        {{{"retry-after", "0"}}, seconds(0)},
        {{{"retry-after", "-5"}}, seconds(0)},
        {{{"retry-after", "999999999"}}, seconds(86400)},
        {{{"retry-after", "soon"}}, std::nullopt},
        {{{"retry-after", "Tue, 03 Feb 2026 08:01:30 GMT"}}, seconds(90)},
        {{{"retry-after", "Tue, 03 Feb 2026 07:00:00 GMT"}}, seconds(0)},
        {{{"retry-after", "Tue, 03 Feb 2026 09:00:30 GMT"},
          {"date", "Tue, 03 Feb 2026 09:00:00 GMT"}},
         seconds(30)},
        {{{"retry-after", "Tue, 31 Feb 2026 08:01:30 GMT"}}, std::nullopt},
        {{{"retry-after-ms", "1200"}, {"retry-after", "9"}}, seconds(2)},
        {{{"x-ratelimit-remaining-requests", "0"}, {"x-ratelimit-reset-requests", "6m0s"}},
         seconds(360)},
        {{{"x-ratelimit-remaining-requests", "0"},
          {"x-ratelimit-reset-requests", "120ms"},
          {"x-ratelimit-remaining-tokens", "0"},
          {"x-ratelimit-reset-tokens", "1h0m1.5s"}},
         seconds(3602)},
        {{{"x-ratelimit-remaining-requests", "3"}, {"x-ratelimit-reset-requests", "6m0s"}},
         std::nullopt},
        {{{"x-ratelimit-remaining-requests", "0"}, {"x-ratelimit-reset-requests", "6q"}},
         std::nullopt},
    };
    for (const auto& [headers, expected] : cases)
        EXPECT_EQ(retry_after(reply(429, headers), now), expected)
            << (headers.empty() ? "" : headers[0].second);
}

TEST(StatusError, DecidesWhoMayTryAgain) {
    for (const int status : {408, 409, 425, 500, 502, 503, 504, 529})
        EXPECT_EQ(status_error("speech", reply(status), now).kind, ErrorKind::unavailable)
            << status;
    for (const int status : {302, 400, 404, 413, 415, 422})
        EXPECT_EQ(status_error("speech", reply(status), now).code, "speech.refused") << status;
    for (const int status : {401, 403})
        EXPECT_EQ(status_error("model", reply(status), now).code, "model.denied") << status;
    const auto limited = status_error("model", reply(429, {{"retry-after", "3"}}), now);
    EXPECT_EQ(limited.kind, ErrorKind::rate_limited);
    EXPECT_EQ(limited.retry_after, seconds(3));
    EXPECT_EQ(limited.message.find("secret"), std::string::npos);
}
