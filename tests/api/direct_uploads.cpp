// Recordings that clients send to the bucket themselves.
#include "api/api_test.hpp"
#include "support/s3_server.hpp"

namespace hs::test {

namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::Not;

class DirectUploads : public ApiTest {
protected:
    DirectUploads()
        : own(speech,
              {{"S3_BUCKET_NAME", "calls"},
               {"S3_REGION", "ap-south-1"},
               {"S3_ENDPOINT_URL", bucket.endpoint()},
               {"S3_ALLOW_PRIVATE", "true"},
               {"AWS_ACCESS_KEY_ID", "AKIDTEST"},
               {"AWS_SECRET_ACCESS_KEY", "test-secret"}}) {
        add_directory(own);
    }

    HttpReply open(const std::string& bytes) {
        const json::object wanted{
            {"size", bytes.size()}, {"sha256", sha256_hex(bytes)}, {"content_type", "audio/mpeg"}};
        return own.post_json("/api/uploads", json::serialize(wanted));
    }

    /// Sends as any client would, with what the reply says and nothing else.
    int send(const json::value& opened, std::string bytes) {
        OutboundRequest request;
        request.method = opened.at("method").as_string();
        request.url = opened.at("url").as_string();
        for (const auto& [name, value] : opened.at("headers").as_object())
            if (name != "Content-Length")
                request.headers.emplace_back(name, std::string(value.as_string()));
        request.body = std::move(bytes);
        request.allow_private = true;
        return http.send(request)->status;
    }

    HttpReply complete(const json::value& opened, const json::object& members) {
        return own.post_json("/api/uploads/" + std::string(opened.at("upload_id").as_string()) +
                                 "/complete",
                             json::serialize(members));
    }

    std::size_t staged() {
        std::size_t count = 0;
        const auto report = bucket.report();
        for (const auto& item : report.at("objects").as_object())
            count += item.key().starts_with("uploads/") ? 1 : 0;
        return count;
    }

    SpeechImposter speech;
    S3Server bucket;
    WholeServer own;
    BlockingHttp http;
    std::string recording = corpus_bytes("calls/c01_perfect_swap.mp3");
    json::object fields{{"agent_identifier", "EMP-7"},
                        {"issue_category", "Battery Swap Failure"},
                        {"city_identifier", "Gurugram"},
                        {"customer_name", customer_name},
                        {"metadata", json::object{{"queue", "north"}}},
                        {"filename", "/home/x/pickup.mp3"}};
};

TEST_F(DirectUploads, BecomeCallsOnce) {
    const auto reply = open(recording);
    ASSERT_EQ(reply.status, 201) << reply.body;
    const auto opened = json_of(reply);
    EXPECT_EQ(refusal(complete(opened, fields)), "409 upload.incomplete");
    ASSERT_EQ(send(opened, recording), 200);
    auto missing = fields;
    missing.erase("city_identifier");
    missing["call_context"] = 3;
    EXPECT_THAT(field_faults(complete(opened, missing)),
                ElementsAre("city_identifier: field.required", "call_context: field.choice"));
    auto unknown = fields;
    unknown["agent_identifier"] = "Nobody";
    EXPECT_EQ(refusal(complete(opened, unknown)), "400 agent.unknown");
    EXPECT_EQ(staged(), 1U) << "a refusal keeps what was sent";

    const auto done = complete(opened, fields);
    ASSERT_EQ(done.status, 201) << done.body;
    EXPECT_EQ(json_of(done).at("media_info").at("filename").as_string(), "pickup.mp3");
    const auto call = call_id_of(done);
    EXPECT_EQ(done.header("location"), "/api/calls/" + call);
    EXPECT_EQ(staged(), 0U);
    const auto again = complete(opened, fields);
    EXPECT_EQ(again.status, 201) << again.body;
    EXPECT_EQ(call_id_of(again), call);
    EXPECT_EQ(again.header("idempotency-replayed"), "true");
    EXPECT_EQ(own.settled(call), "analyzed");
    const auto played = own.ask("GET /api/calls/" + call + "/audio?variant=original");
    EXPECT_TRUE(played.body == recording);
    EXPECT_EQ(own.database().count("SELECT count(*) FROM calls"), 1);
    EXPECT_THAT(own.run({"fsck", "--hashes"}).output, HasSubstr("1 calls, 3 objects, 0 findings"));
}

TEST_F(DirectUploads, TakeOnlyWhatWasAnnounced) {
    const auto opened = json_of(open(recording));
    auto other = recording;
    other[1000] = static_cast<char>(other[1000] ^ 1);
    EXPECT_EQ(send(opened, other), 400);
    EXPECT_EQ(send(opened, recording + "x"), 403);
    EXPECT_EQ(staged(), 0U);
    const std::string text = "no recording at all, but as announced";
    const auto odd = json_of(open(text));
    ASSERT_EQ(send(odd, text), 200);
    EXPECT_EQ(refusal(complete(odd, fields)), "400 audio.unsupported_format");
    EXPECT_EQ(own.database().count("SELECT count(*) FROM calls"), 0);
}

TEST_F(DirectUploads, OddRequestsAreRefused) {
    EXPECT_THAT(field_faults(own.post_json("/api/uploads", R"({"size":0,"sha256":"x"})")),
                ElementsAre("size: field.range", "sha256: field.range"));
    EXPECT_THAT(field_faults(own.post_json("/api/uploads", "{}")),
                ElementsAre("sha256: field.required", "size: field.required"));
    const auto opened = json_of(open(recording));
    auto bent = opened;
    auto& name = bent.as_object()["upload_id"].as_string();
    name[20] = name[20] == 'A' ? 'B' : 'A';
    EXPECT_EQ(refusal(complete(bent, fields)), "404 upload.not_found");
    bent.as_object()["upload_id"] = "x";
    EXPECT_EQ(refusal(complete(bent, fields)), "404 upload.not_found");
}

TEST_F(ApiTest, DirectUploadsNeedABucket) {
    const auto reply = server().post_json(
        "/api/uploads", R"({"size":5,"sha256":")" + sha256_hex("hello") + R"("})");
    EXPECT_EQ(refusal(reply), "409 upload.not_direct");
}

} // namespace

} // namespace hs::test
