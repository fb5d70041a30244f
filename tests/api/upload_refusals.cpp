// Oversize, malformed and hostile uploads, and every file of the broken corpus, over real HTTP.
#include <set>

#include <fmt/format.h>

#include "api/api_test.hpp"
#include "support/contract.hpp"

namespace hs::test {

namespace {

using ::testing::HasSubstr;
using UploadRefusals = UploadTest;

/// Codes of one and the same finding: the bytes are no recording.
bool as_true(std::string_view code, std::string_view expected) {
    const std::set<std::string_view> alike{
        "audio.invalid", "audio.unsupported_format", "audio.empty"};
    return code == expected || (alike.contains(code) && alike.contains(expected));
}

void check_refused(const HttpReply& reply, const json::value& expected, const std::string& name) {
    EXPECT_EQ(reply.status, expected.at("status").as_int64()) << name << reply.body;
    const auto body = json_of(reply);
    ASSERT_TRUE(body.is_object()) << name;
    EXPECT_TRUE(as_true(std::string(body.at("code").as_string()),
                        std::string(expected.at("code").as_string())))
        << name << reply.body;
    EXPECT_THAT(field_faults(reply), ::testing::SizeIs(1)) << name;
}

void check_accepted(const HttpReply& reply, const json::value& expected, const std::string& name) {
    ASSERT_EQ(reply.status, 201) << name << reply.body;
    const auto body = json_of(reply);
    const auto& media = body.at("media_info").as_object();
    if (const auto& seconds = expected.at("duration_seconds"); !seconds.is_null()) {
        EXPECT_EQ(media.at("duration_seconds"), seconds) << name;
    }
    // At least these: a damaged file may also be clipped, or hold the bytes of another one.
    const auto* found = media.if_contains("flags");
    const auto sent = found != nullptr ? found->as_array() : json::array();
    for (const auto& flag : expected.at("flags").as_array())
        EXPECT_THAT(sent, ::testing::Contains(flag)) << name;
}

TEST_F(UploadRefusals, BrokenCorpusIsAnsweredAsWritten) {
    const auto expectations = corpus_json("broken.json").at("files").as_object();
    ASSERT_EQ(expectations.size(), 25U);
    for (const auto& entry : expectations) {
        const std::string name(entry.key());
        auto upload = form();
        upload.file = corpus_bytes("broken/" + name);
        upload.filename = name;
        const auto reply = server().upload(upload);
        if (entry.value().at("outcome") == "accepted") {
            check_accepted(reply, entry.value(), name);
        } else {
            check_refused(reply, entry.value(), name);
        }
    }
}

TEST_F(UploadRefusals, UnderOneSecondIsTooShort) {
    auto upload = form();
    upload.file = wav_of(noise(990, 0.01, 1));
    EXPECT_EQ(refusal(server().upload(upload)), "400 audio.too_short");
    upload.file = wav_of(noise(1000, 0.01, 2));
    EXPECT_EQ(server().upload(upload).status, 201);
}

TEST_F(UploadRefusals, OnlyMultipartIsTaken) {
    EXPECT_EQ(refusal(server().post_json("/ingest/call", "{}")), "415 body.unsupported_type");
    EXPECT_EQ(refusal(server().ask("POST /ingest/call", "Content-Type: audio/mpeg\r\n", "ID3")),
              "415 body.unsupported_type");
    const auto wrong_method = server().ask("GET /ingest/call");
    EXPECT_EQ(refusal(wrong_method), "405 method.not_allowed");
    EXPECT_THAT(wrong_method.header("allow"), HasSubstr("POST"));
}

TEST_F(UploadRefusals, DeclaredOversizeIsRefusedBeforeTheBody) {
    HttpClient client(server().port());
    client.send(
        fmt::format("POST /ingest/call HTTP/1.1\r\nHost: {}\r\n{}Content-Length: {}\r\n\r\n",
                    server().host(),
                    UploadForm::content_type(),
                    300ULL << 20U));
    const auto reply = client.read_reply();
    ASSERT_TRUE(reply);
    check_reply("POST /ingest/call", *reply);
    EXPECT_EQ(refusal(*reply), "413 body.too_large");
}

TEST_F(UploadRefusals, TextFieldHasItsOwnLimit) {
    EXPECT_EQ(refusal(server().upload(form().set("agent_manual_note", std::string(8193, 'n')))),
              "413 field.too_large");
    EXPECT_EQ(server().upload(form().set("agent_manual_note", std::string(8192, 'n'))).status, 201);
}

TEST_F(UploadRefusals, MalformedFormsAreRefused) {
    const auto whole = form().body();
    const auto type = UploadForm::content_type();
    const auto cut = whole.substr(0, whole.size() - 60);
    EXPECT_EQ(server().ask("POST /ingest/call", type, cut).status, 400);
    EXPECT_EQ(server().ask("POST /ingest/call", type, "no boundary at all").status, 400);
    EXPECT_EQ(
        server().ask("POST /ingest/call", "Content-Type: multipart/form-data\r\n", whole).status,
        400);
    std::string many;
    for (int i = 0; i < 65; ++i)
        many += fmt::format("--{}\r\nContent-Disposition: form-data; name=\"f{}\"\r\n\r\nx\r\n",
                            UploadForm::boundary,
                            i);
    many += fmt::format("--{}--\r\n", UploadForm::boundary);
    const auto reply = server().ask("POST /ingest/call", type, many);
    EXPECT_TRUE(reply.status == 400 || reply.status == 413) << reply.body;
    EXPECT_EQ(server().ask("GET /livez").status, 200);
}

TEST_F(UploadRefusals, HostileFileNameStaysAName) {
    auto upload = form();
    upload.filename = "../../../../etc/passwd";
    const auto reply = server().upload(upload);
    ASSERT_EQ(reply.status, 201) << reply.body;
    EXPECT_EQ(json_of(reply).at("media_info").at("filename"), "passwd");
}

TEST_F(UploadRefusals, RefusedUploadsLeaveNothing) {
    const auto& database = server().database();
    const auto before = database.count("SELECT count(*) FROM calls");
    auto upload = form();
    upload.file = corpus_bytes("broken/random.mp3");
    EXPECT_EQ(server().upload(upload).status, 400);
    EXPECT_EQ(server().upload(form().set("city_identifier", "Nowhere")).status, 400);
    EXPECT_EQ(database.count("SELECT count(*) FROM calls"), before);
    EXPECT_TRUE(std::filesystem::is_empty(server().data_dir() / "data/spool"));
}

} // namespace

} // namespace hs::test
