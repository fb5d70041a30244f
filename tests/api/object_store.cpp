// Recordings in a bucket: from upload to deletion, links that lead to it, trouble, and moving.
#include "api/api_test.hpp"
#include "support/s3_server.hpp"

namespace hs::test {

namespace {

using ::testing::HasSubstr;
using ::testing::Not;
using ::testing::StartsWith;

WholeServer::Settings with(const S3Server& bucket, WholeServer::Settings more = {}) {
    more.insert({{"S3_BUCKET_NAME", "calls"},
                 {"S3_REGION", "ap-south-1"},
                 {"S3_ENDPOINT_URL", bucket.endpoint()},
                 {"S3_ALLOW_PRIVATE", "true"},
                 {"AWS_ACCESS_KEY_ID", "AKIDTEST"},
                 {"AWS_SECRET_ACCESS_KEY", "test-secret"}});
    return more;
}

class InABucket : public ApiTest {
protected:
    void start(WholeServer::Settings more = {}) {
        own.emplace(speech, with(bucket, std::move(more)));
        add_directory(*own);
    }

    static UploadForm named_form() {
        auto form = ApiTest::form();
        form.file = corpus_bytes("calls/c01_perfect_swap.mp3");
        form.set("customer_name", customer_name);
        return form;
    }

    /// Keys of the bucket that begin so.
    std::vector<std::string> keys(std::string_view prefix) {
        std::vector<std::string> out;
        const auto report = bucket.report();
        for (const auto& item : report.at("objects").as_object())
            if (item.key().starts_with(prefix)) out.emplace_back(item.key());
        return out;
    }

    std::string upload() {
        const auto sent = own->upload(named_form());
        EXPECT_EQ(sent.status, 201) << sent.body;
        return call_id_of(sent);
    }

    std::string locator(const std::string& call) {
        return own->database().sql("SELECT audio_url FROM calls WHERE id = '" + call + "'").at(0);
    }

    SpeechImposter speech;
    S3Server bucket;
    std::optional<WholeServer> own;
};

TEST_F(InABucket, CallsAreKeptPlayedCheckedAndErased) {
    start();
    const auto form = named_form();
    const auto sent = own->upload(form);
    ASSERT_EQ(sent.status, 201) << sent.body;
    const auto call = call_id_of(sent);
    EXPECT_EQ(own->settled(call), "analyzed");
    EXPECT_THAT(locator(call), StartsWith("s3://calls/t/"));

    const auto whole = own->ask("GET /api/calls/" + call + "/audio?variant=original");
    ASSERT_EQ(whole.status, 200);
    EXPECT_TRUE(whole.body == *form.file) << whole.body.size();
    const auto part =
        own->ask("GET /api/calls/" + call + "/audio?variant=original", "Range: bytes=100-299\r\n");
    EXPECT_EQ(part.status, 206);
    EXPECT_TRUE(part.body == form.file->substr(100, 200));
    EXPECT_EQ(own->ask("GET /api/calls/" + call + "/audio").status, 200) << "the playback copy";

    const auto stored = keys("t/");
    ASSERT_EQ(stored.size(), 3U) << "form, recording, playback copy";
    const auto report = bucket.report();
    for (const auto& key : stored) {
        const auto& object = report.at("objects").at(key).as_object();
        EXPECT_EQ(object.at("meta").at("x-amz-server-side-encryption").as_string(), "AES256");
        EXPECT_EQ(object.at("text").as_string().find("Zebulon"), std::string::npos);
    }
    const auto fsck = own->run({"fsck", "--hashes"});
    EXPECT_EQ(fsck.status, 0) << fsck.output;
    EXPECT_THAT(fsck.output, HasSubstr("1 calls, 3 objects, 0 findings"));

    EXPECT_EQ(own->ask("DELETE /api/calls/" + call).status, 204);
    EXPECT_TRUE(eventually([&] { return keys("t/").empty(); }));
    EXPECT_TRUE(keys("quarantine/").empty());
    EXPECT_TRUE(keys("probe/").empty());
}

TEST_F(InABucket, FsckTellsWhatIsGoneChangedOrNobodys) {
    start();
    const auto gone = upload();
    const auto changed = upload();
    const auto nobodys = upload();
    for (const auto& call : {gone, changed, nobodys})
        ASSERT_EQ(own->settled(call), "analyzed");
    own->kill();
    for (const auto& key : keys("t/")) {
        const bool original = !key.ends_with(".form") && !key.ends_with(".playback.mp3");
        if (original && key.find(changed) != std::string::npos) bucket.corrupt(key);
        if (original && key.find(gone) != std::string::npos) bucket.remove(key);
    }
    own->database().sql("DELETE FROM calls WHERE id = '" + nobodys + "'");
    const auto fsck = own->run({"fsck", "--repair", "--all-orphans", "--hashes"});
    EXPECT_EQ(fsck.status, 1) << fsck.output;
    EXPECT_THAT(fsck.output, ::testing::ContainsRegex("media_missing +t/[^ ]*" + gone));
    EXPECT_THAT(fsck.output, ::testing::ContainsRegex("media_corrupt +t/[^ ]*" + changed));
    EXPECT_THAT(fsck.output, ::testing::ContainsRegex("orphan_object +t/[^ ]*" + nobodys));
    EXPECT_EQ(keys("quarantine/t/").size(), 3U) << fsck.output;
}

TEST_F(InABucket, LinksLeadOnToTheBucket) {
    start({{"AUDIO_URLS", "presigned"}});
    const auto form = named_form();
    const auto call = call_id_of(own->upload(form));
    ASSERT_EQ(own->settled(call), "analyzed");
    const auto led = own->ask("GET /api/calls/" + call + "/audio?variant=original");
    ASSERT_EQ(led.status, 302) << led.body;
    EXPECT_EQ(led.header("cache-control"), "no-store");
    OutboundRequest request;
    request.url = led.header("location");
    request.allow_private = true;
    BlockingHttp http;
    const auto played = http.send(request);
    ASSERT_TRUE(played);
    EXPECT_EQ(played->status, 200);
    EXPECT_TRUE(played->body == *form.file);
    EXPECT_EQ(played->header("content-type"), "audio/mpeg");
    request.url.replace(request.url.find("X-Amz-Expires=") + 14, 1, "9");
    EXPECT_EQ(http.send(request)->status, 403);
}

TEST_F(InABucket, AnUploadThatCannotBeKeptLeavesNothingAndMayComeAgain) {
    start();
    const auto form = named_form();
    const std::string key = "Idempotency-Key: once\r\n";
    bucket.mood("internal", 1000, "PUT");
    EXPECT_EQ(refusal(own->upload(form, key)), "503 storage.unavailable");
    EXPECT_EQ(own->database().count("SELECT count(*) FROM calls"), 0);
    bucket.calm();
    const auto sent = own->upload(form, key);
    ASSERT_EQ(sent.status, 201) << sent.body;
    EXPECT_EQ(own->settled(call_id_of(sent)), "analyzed");
}

TEST_F(InABucket, OnlyAUsableBucketIsAccepted) {
    start();
    const auto named = own->run({"fsck", "--s3-bucket-name", "nobodys"});
    EXPECT_EQ(named.status, 1);
    EXPECT_THAT(named.output, HasSubstr("the bucket does not exist"));
    const auto keyed = own->run({"fsck", "--aws-secret-access-key", "wrong"});
    EXPECT_EQ(keyed.status, 1);
    EXPECT_THAT(keyed.output, HasSubstr("SignatureDoesNotMatch"));
    EXPECT_THAT(keyed.output, Not(HasSubstr("wrong")));
    const auto nothing = own->run({"fsck", "--audio-store", "s3", "--s3-bucket-name", ""});
    EXPECT_EQ(nothing.status, 1);
    EXPECT_THAT(nothing.output, HasSubstr("S3_BUCKET_NAME names no bucket"));
}

TEST_F(InABucket, RecordingsMoveThereAndBackWhileTheProgramRuns) {
    start({{"AUDIO_STORE", "local"}});
    const auto form = named_form();
    const auto call = call_id_of(own->upload(form));
    ASSERT_EQ(own->settled(call), "analyzed");
    EXPECT_THAT(locator(call), StartsWith("local:t/"));
    EXPECT_TRUE(keys("t/").empty());
    const auto plays = [&] {
        const auto whole = own->ask("GET /api/calls/" + call + "/audio?variant=original");
        return whole.status == 200 && whole.body == *form.file;
    };
    bucket.mood("internal", 3, "PUT", ".playback");
    const auto broken = own->run({"objects", "move", "--to", "s3"});
    EXPECT_EQ(broken.status, 1) << broken.output;
    EXPECT_TRUE(plays());
    const auto moved = own->run({"objects", "move", "--to", "s3"});
    EXPECT_EQ(moved.status, 0) << moved.output;
    EXPECT_EQ(keys("t/").size(), 3U);
    EXPECT_THAT(locator(call), StartsWith("s3://calls/t/"));
    EXPECT_TRUE(plays());
    EXPECT_THAT(own->run({"fsck", "--hashes"}).output, HasSubstr("0 findings"));
    const auto back = own->run({"objects", "move", "--to", "local"});
    EXPECT_EQ(back.status, 0) << back.output;
    EXPECT_THAT(back.output, HasSubstr("3 objects moved, 0 left behind"));
    EXPECT_TRUE(keys("t/").empty());
    EXPECT_THAT(locator(call), StartsWith("local:t/"));
    EXPECT_TRUE(plays());
}

TEST_F(InABucket, LifecycleRulesAreWritten) {
    start();
    const auto shown = own->run({"s3", "lifecycle", "--show"});
    EXPECT_EQ(shown.status, 0) << shown.output;
    EXPECT_TRUE(bucket.report().at("lifecycle").is_null());
    const auto done = own->run({"s3", "lifecycle", "--transition-days", "30"});
    EXPECT_EQ(done.status, 0) << done.output;
    const std::string rules(bucket.report().at("lifecycle").as_string());
    EXPECT_THAT(rules, HasSubstr("<Days>30</Days><StorageClass>STANDARD_IA"));
    EXPECT_EQ(own->run({"s3", "lifecycle", "--expire-days", "0"}).status, 2);
}

} // namespace

} // namespace hs::test
