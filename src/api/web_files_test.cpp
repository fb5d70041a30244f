#include <fstream>

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include "api/web_files.hpp"

namespace hs::api {

namespace {

namespace fs = std::filesystem;
using testing::HasSubstr;
using testing::Not;

class WebFilesTest : public testing::Test {
protected:
    WebFilesTest() {
        put("index.html",
            "<meta property=\"csp-nonce\" nonce=\"__CSP_NONCE__\"><script src=\"/assets/a-1.js\">");
        put("assets/a-1.js", "let a");
        put("assets/a-1.js.gz", "packed");
        put("favicon.svg", "<svg/>");
    }

    ~WebFilesTest() override { fs::remove_all(folder_); }

    WebFilesTest(const WebFilesTest&) = delete;
    WebFilesTest& operator=(const WebFilesTest&) = delete;

    void put(const std::string& name, std::string_view text) const {
        fs::create_directories((folder_ / name).parent_path());
        std::ofstream(folder_ / name, std::ios::binary) << text;
    }

    static http::Response get(const WebFiles& web,
                              std::string path,
                              std::vector<std::pair<std::string, std::string>> headers = {}) {
        http::Request request;
        request.path = std::move(path);
        request.headers = std::move(headers);
        return web.answer(request);
    }

    static std::string header(const http::Response& response, std::string_view name) {
        for (const auto& [key, value] : response.headers)
            if (key == name) return value;
        return "";
    }

    fs::path folder_ = fs::temp_directory_path() / ("hs-web-" + std::to_string(::getpid()));
};

TEST_F(WebFilesTest, EveryPageCarriesItsOwnNonce) {
    const auto web = WebFiles::load(folder_).value();
    const auto first = get(web, "/");
    const auto second = get(web, "/");
    EXPECT_NE(first.body, second.body);
    EXPECT_THAT(first.body, Not(HasSubstr("__CSP_NONCE__")));
    const auto at = first.body.find("nonce=\"") + 7;
    const auto nonce = first.body.substr(at, first.body.find('"', at) - at);
    EXPECT_GE(nonce.size(), 22U);
    EXPECT_THAT(header(first, "Content-Security-Policy"), HasSubstr("'nonce-" + nonce + "'"));
    EXPECT_THAT(header(first, "Content-Security-Policy"), Not(HasSubstr("unsafe")));
    EXPECT_EQ(header(first, "Cache-Control"), "no-store");
}

TEST_F(WebFilesTest, PathsOfTheDashboardAreThePageForThoseWhoAskForHtml) {
    const auto web = WebFiles::load(folder_).value();
    EXPECT_EQ(get(web, "/calls/1", {{"accept", "text/html,*/*;q=0.8"}}).status, 200);
    EXPECT_EQ(get(web, "/calls/1", {{"accept", "application/json"}}).status, 404);
    EXPECT_EQ(get(web, "/calls/1").status, 404);
    EXPECT_EQ(get(web, "/configure", {{"accept", "text/html"}}).status, 200);
}

TEST_F(WebFilesTest, PathsOfTheServerAreNeverThePage) {
    const auto web = WebFiles::load(folder_).value();
    for (const auto* path : {"/api",
                             "/api/nothing",
                             "/config/x",
                             "/ingest/x",
                             "/db/x",
                             "/docs/x",
                             "/openapi.xml",
                             "/assets/gone-2.js",
                             "/assets/../index.html"})
        EXPECT_EQ(get(web, path, {{"accept", "text/html"}}).status, 404) << path;
}

TEST_F(WebFilesTest, HashedFilesAreKeptForeverAndPackedForThoseWhoTakeIt) {
    const auto web = WebFiles::load(folder_).value();
    const auto plain = get(web, "/assets/a-1.js");
    EXPECT_EQ(plain.body, "let a");
    EXPECT_EQ(plain.content_type, "text/javascript; charset=utf-8");
    EXPECT_EQ(header(plain, "Cache-Control"), "public, max-age=31536000, immutable");
    const auto packed = get(web, "/assets/a-1.js", {{"accept-encoding", "gzip"}});
    EXPECT_EQ(packed.body, "packed");
    EXPECT_EQ(header(packed, "Content-Encoding"), "gzip");
    EXPECT_NE(header(packed, "ETag"), header(plain, "ETag"));
    EXPECT_EQ(header(get(web, "/favicon.svg"), "Cache-Control"), "no-cache");
    EXPECT_EQ(get(web, "/assets/a-1.js.gz").status, 404);
}

TEST_F(WebFilesTest, TheTagFollowsTheContent) {
    const auto before = header(get(WebFiles::load(folder_).value(), "/favicon.svg"), "ETag");
    put("favicon.svg", "<svg></svg>");
    EXPECT_NE(header(get(WebFiles::load(folder_).value(), "/favicon.svg"), "ETag"), before);
}

TEST_F(WebFilesTest, WithoutABuildThePageTellsHowToMakeOne) {
    const WebFiles none;
    const auto page = get(none, "/");
    EXPECT_EQ(page.status, 200);
    EXPECT_THAT(page.body, HasSubstr("scripts/build-web"));
    EXPECT_THAT(page.body, HasSubstr("href=\"/docs\""));
    EXPECT_EQ(header(page, "Cache-Control"), "no-store");
    fs::remove(folder_ / "index.html");
    EXPECT_EQ(WebFiles::load(folder_).error().code, "web.missing");
    EXPECT_EQ(WebFiles::load(folder_ / "nowhere").error().code, "web.missing");
}

} // namespace

} // namespace hs::api
