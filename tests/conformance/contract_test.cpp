// api/openapi.yaml itself, and that replies which break it are seen.
#include <gmock/gmock.h>
#include <gtest/gtest-spi.h>
#include <gtest/gtest.h>

#include "app/yaml_json.hpp"
#include "support/contract.hpp"

namespace hs::test {

namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;

constexpr const char* small_document = R"(
x-every-reply:
  headers: {X-Request-Id: {required: true, schema: {type: string}}}
  problems: {'404': [route.not_found], '405': [method.not_allowed]}
paths:
  /things/{id}:
    get:
      operationId: show
      parameters: [{name: id, in: path, required: true, schema: {type: string}}]
      responses:
        '200':
          description: One.
          headers:
            ETag: {required: true, schema: {type: string}}
            Retry-After: {schema: {type: integer}}
          content:
            application/json:
              schema: {type: object, required: [id], properties: {id: {type: integer}}}
              example: {"id": 1}
            text/plain: {schema: {type: string}}
        '304': {description: Unchanged.}
        '409':
          description: Taken.
          content: {application/problem+json: {schema: {$ref: '#/components/schemas/Problem'}}}
  /things/all:
    get:
      operationId: list
      responses: {'204': {description: None.}}
components:
  schemas:
    Problem:
      type: object
      required: [type, status, code]
      properties: {type: {type: string}, status: {type: integer}, code: {type: string}}
)";

class Replies : public ::testing::Test {
protected:
    static HttpReply reply(int status, std::string body, std::string type = "application/json") {
        return {.status = status,
                .headers = {{"x-request-id", "r1"}, {"etag", "\"1\""}, {"content-type", type}},
                .body = std::move(body)};
    }

    static HttpReply problem(int status, const std::string& code) {
        return reply(status,
                     R"({"type":"/problems/)" + code + R"(","status":)" + std::to_string(status) +
                         R"(,"code":")" + code + R"("})",
                     "application/problem+json");
    }

    [[nodiscard]] Contract::Faults get(const std::string& target, const HttpReply& got) const {
        return contract_.faults("GET", target, got);
    }

    Contract contract_{app::json_of_yaml(small_document)};
};

TEST_F(Replies, WhatIsPromisedPasses) {
    EXPECT_THAT(get("/things/7?x=1", reply(200, R"({"id":7})")), IsEmpty());
    EXPECT_THAT(get("/things/7/", reply(200, "seven", "text/plain; charset=utf-8")), IsEmpty());
    EXPECT_THAT(get("/things/7", reply(304, "")), IsEmpty());
    EXPECT_THAT(get("/things/7", problem(409, "thing.taken")), IsEmpty());
    EXPECT_THAT(get("/things/all", reply(204, "")), IsEmpty()) << "a literal path goes first";
    EXPECT_THAT(get("/nowhere", problem(404, "route.not_found")), IsEmpty());
    EXPECT_THAT(contract_.faults("PUT", "/things/7", problem(405, "method.not_allowed")),
                IsEmpty());
    EXPECT_THAT(contract_.faults("HEAD", "/things/7", reply(200, "")), IsEmpty());
    EXPECT_THAT(contract_.faults("OPTIONS", "/things/7", reply(204, "")), IsEmpty());
}

TEST_F(Replies, BodyIsReadAgainstItsSchema) {
    EXPECT_THAT(get("/things/7", reply(200, R"({"id":"7"})")),
                ElementsAre(HasSubstr("/id: \"7\" is not of type")));
    EXPECT_THAT(get("/things/7", reply(200, R"({"id":7,"name":"x"})")),
                ElementsAre(HasSubstr("does not name: name")));
    EXPECT_THAT(get("/things/7", reply(200, "{}")), ElementsAre(HasSubstr("missing: id")));
    EXPECT_THAT(get("/things/7", reply(200, "{")), ElementsAre(HasSubstr("no JSON")));
    EXPECT_THAT(get("/things/7", reply(200, "")), ElementsAre(HasSubstr("no JSON")));
    EXPECT_THAT(get("/things/7", reply(304, "x")), ElementsAre(HasSubstr("a body where none")));
}

TEST_F(Replies, StatusAndTypeMustBeListed) {
    EXPECT_THAT(get("/things/7", reply(201, R"({"id":7})")),
                ElementsAre("status that is not promised: 201"));
    EXPECT_THAT(get("/nowhere", reply(200, "{}")), ElementsAre("status that is not promised: 200"));
    EXPECT_THAT(contract_.faults("PUT", "/things/7", reply(200, "{}")),
                ElementsAre("status that is not promised: 200"));
    EXPECT_THAT(get("/things/7", reply(200, "<p>", "text/html")),
                ElementsAre(HasSubstr("not promised: text/html")));
    EXPECT_THAT(get("/things/7", problem(404, "thing.not_found")),
                ElementsAre("status that is not promised: 404"))
        << "a general status is general for its own codes only";
}

TEST_F(Replies, HeadersThatArePromisedAreThere) {
    auto bare = reply(200, R"({"id":7})");
    bare.headers = {{"content-type", "application/json"}, {"retry-after", "soon"}};
    EXPECT_THAT(get("/things/7", bare),
                ElementsAre("header that is missing: X-Request-Id",
                            "header that is missing: ETag",
                            HasSubstr("header Retry-After: \"soon\" is not of type")));
}

TEST_F(Replies, ProblemAgreesWithItsReply) {
    auto wrong = problem(409, "thing.taken");
    wrong.status = 404;
    EXPECT_THAT(get("/things/7", wrong), ElementsAre("status that is not promised: 404"));
    const auto body = problem(410, "thing.taken").body;
    EXPECT_THAT(get("/things/7", reply(409, body, "application/problem+json")),
                ElementsAre("/status: not the reply's own"));
    auto type = problem(409, "thing.taken");
    type.body.replace(type.body.find("/problems/"), 10, "/errors/");
    EXPECT_THAT(get("/things/7", type), ElementsAre(HasSubstr("/type: ")));
    EXPECT_THAT(get("/things/7", reply(409, R"({"code":"x"})")),
                ElementsAre(HasSubstr("not promised: application/json")));
}

TEST(ApiReply, BrokenPromiseFailsTheTest) {
    HttpReply healthy;
    healthy.status = 200;
    healthy.headers = {{"x-request-id", "r"},
                       {"cache-control", "no-store"},
                       {"x-content-type-options", "nosniff"},
                       {"content-type", "application/json"}};
    healthy.body = R"({"status":"healthy","version":"0","uptime_seconds":1})";
    check_reply("GET /health", healthy);
    EXPECT_THAT(operations_never_answered(), ::testing::Not(Contains("get /health")));
    EXPECT_THAT(operations_never_answered(), Contains("post /ingest/call"));
    static HttpReply sick;
    sick = healthy;
    sick.body = R"({"status":"healthy","version":"0","uptime_seconds":1,"mood":"good"})";
    EXPECT_NONFATAL_FAILURE(check_reply("GET /health", sick), "does not name: mood");
}

std::string changed(std::string_view from, std::string_view to) {
    std::string text = small_document;
    const auto at = text.find(from);
    if (at == std::string::npos) throw std::logic_error("the document has no " + std::string(from));
    return text.replace(at, from.size(), to);
}

Contract::Faults document_faults(const std::string& text) {
    return Contract(app::json_of_yaml(text)).document_faults();
}

TEST(Document, OfThisTreeIsSound) {
    EXPECT_THAT(Contract::of_this_tree().document_faults(), IsEmpty());
}

TEST(Document, MistakesAreFound) {
    EXPECT_THAT(document_faults(small_document), IsEmpty());
    EXPECT_THAT(document_faults(changed("operationId: list", "operationId: show")),
                ElementsAre(HasSubstr("used twice: show")));
    EXPECT_THAT(document_faults(changed("operationId: list", "summary: x")),
                ElementsAre(HasSubstr("no operationId")));
    EXPECT_THAT(document_faults(changed("name: id, in: path", "name: key, in: path")),
                ElementsAre(HasSubstr("not declared: id"), HasSubstr("not in the path: key")));
    EXPECT_THAT(document_faults(changed(R"({"id": 1})", R"({"id": "1"})")),
                ElementsAre(HasSubstr("get /things/{id} 200 application/json example: /id: ")));
    EXPECT_THAT(document_faults(changed("text/plain: {schema: {type: string}}", "text/plain: {}")),
                ElementsAre(HasSubstr("no schema")));
    EXPECT_THAT(document_faults(changed("code: {type: string}}", "code: {nullable: true}}")),
                ElementsAre(HasSubstr("schema Problem: keyword that is not supported")));
    EXPECT_THAT(document_faults(changed("'204'", "default")),
                ElementsAre(HasSubstr("named one by one")));
}

} // namespace

} // namespace hs::test
