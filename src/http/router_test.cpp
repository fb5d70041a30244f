#include <stdexcept>

#include <gtest/gtest.h>

#include "http/router.hpp"
#include "http/target.hpp"

namespace hs::http {

namespace {

Route route(Method method, std::string pattern) {
    Route made;
    made.method = method;
    made.pattern = std::move(pattern);
    made.permission = "open";
    return made;
}

std::string pattern_of(const Match& match) {
    return match.route ? match.route->pattern : "";
}

} // namespace

TEST(Router, LiteralsWinAndBranchesAreTriedAgain) {
    Router router;
    router.add(route(Method::get, "/api/agents/{id}"));
    router.add(route(Method::get, "/api/agents/search"));
    router.add(route(Method::get, "/api/agents/{id}/stats"));
    router.add(route(Method::get, "/api/{kind}/search/deep"));
    router.add(route(Method::get, "/"));
    EXPECT_EQ(pattern_of(router.match(Method::get, "/api/agents/search")), "/api/agents/search");
    EXPECT_EQ(pattern_of(router.match(Method::get, "/api/agents/7")), "/api/agents/{id}");
    EXPECT_EQ(pattern_of(router.match(Method::get, "/api/agents/search/stats")),
              "/api/agents/{id}/stats");
    EXPECT_EQ(pattern_of(router.match(Method::get, "/api/agents/search/deep")),
              "/api/{kind}/search/deep");
    EXPECT_EQ(pattern_of(router.match(Method::get, "/")), "/");
    EXPECT_TRUE(router.match(Method::get, "/api/agents").allowed.empty());
    EXPECT_EQ(router.match(Method::get, "/api/agents/a%2Fb%25").path_params.at("id"), "a/b%");
}

TEST(Router, RestTakesWhatNobodyElseTakes) {
    Router router;
    router.add(route(Method::get, "/{page*}"));
    router.add(route(Method::get, "/docs/{page*}"));
    router.add(route(Method::post, "/ingest/call"));
    EXPECT_EQ(pattern_of(router.match(Method::get, "/a/b")), "/{page*}");
    EXPECT_EQ(router.match(Method::get, "/docs/x/y").path_params.at("page"), "x/y");
    EXPECT_EQ(pattern_of(router.match(Method::head, "/")), "/{page*}");
    EXPECT_TRUE(router.match(Method::post, "/a/b").allowed.empty()); // 404, not 405
    EXPECT_EQ(router.match(Method::get, "/ingest/call").allowed,
              (std::vector{Method::post, Method::options}));
}

TEST(Router, RefusesMistakesOfTheProgram) {
    Router router;
    router.add(route(Method::get, "/a"));
    EXPECT_THROW(router.add(route(Method::get, "/a")), std::logic_error);
    auto open = route(Method::get, "/b");
    open.permission.clear();
    EXPECT_THROW(router.add(open), std::logic_error);
}

TEST(Target, Parts) {
    EXPECT_EQ(parse_target("//a///b/?x=1?2")->path, "/a/b");
    EXPECT_EQ(parse_target("//a///b/?x=1?2")->query, "x=1?2");
    EXPECT_EQ(parse_target("http://h:1?x")->path, "/");
    EXPECT_EQ(parse_target("HTTP://h:1/y")->authority, "h:1");
    EXPECT_EQ(parse_target("/")->path, "/");
    for (const char* bad :
         {"", "a", "*", "https://h/", "/a#b", "/%", "/%4", "/%g1", "/%00", "/%C0%80"})
        EXPECT_FALSE(parse_target(bad)) << bad;
}

TEST(Target, Query) {
    const auto pairs = parse_query("a=1&b&&c=%20+&a=%E0%A4%95=x");
    ASSERT_TRUE(pairs);
    ASSERT_EQ(pairs->size(), 4U);
    EXPECT_EQ(pairs->at(1), (std::pair<std::string, std::string>("b", "")));
    EXPECT_EQ(pairs->at(2).second, "  ");
    EXPECT_EQ(pairs->at(3).second, "\xe0\xa4\x95=x");
    EXPECT_FALSE(parse_query("a=%ff"));
}

} // namespace hs::http
