// What operators may choose: DEDUPE, STRICT_CATEGORIES, ALLOWED_ORIGINS, MAX_UPLOAD_BYTES; and list
// cursors, which belong to one list.
#include <fmt/format.h>

#include "api/api_test.hpp"

namespace hs::test {

namespace {

using ::testing::Contains;
using ::testing::HasSubstr;
using ::testing::Not;

constexpr const char* listed = "https://dashboard.example";
constexpr std::size_t upload_limit = 300'000;

class ChosenSettings : public ApiTest {
protected:
    static void SetUpTestSuite() {
        speech = new SpeechImposter;
        own = new WholeServer(*speech,
                              {{"DEDUPE", "reuse"},
                               {"STRICT_CATEGORIES", "true"},
                               {"ALLOWED_ORIGINS", listed},
                               {"MAX_UPLOAD_BYTES", std::to_string(upload_limit)}},
                              "serve");
        add_directory(*own);
    }

    static void TearDownTestSuite() {
        delete own;
        delete speech;
    }

    static std::vector<std::string> texts(const json::value& array) {
        std::vector<std::string> out;
        for (const auto& item : array.as_array())
            out.emplace_back(item.as_string());
        return out;
    }

    inline static SpeechImposter* speech = nullptr;
    inline static WholeServer* own = nullptr;
};

std::vector<std::string> flags_of(const HttpReply& reply) {
    std::vector<std::string> out;
    const auto body = json_of(reply);
    const auto* flags = body.at("media_info").as_object().if_contains("flags");
    if (flags == nullptr) return out;
    for (const auto& flag : flags->as_array())
        out.emplace_back(flag.as_string());
    return out;
}

TEST_F(ChosenSettings, SameAudioAndAgentWithinADayIsTheSameCall) {
    const auto upload = form();
    const auto first = own->upload(upload);
    ASSERT_EQ(first.status, 201) << first.body;
    const auto again = own->upload(upload);
    EXPECT_EQ(again.status, 201) << again.body;
    EXPECT_EQ(call_id_of(again), call_id_of(first));
    EXPECT_EQ(again.header("idempotency-replayed"), "true");

    auto other_agent = upload;
    other_agent.set("agent_identifier", "EMP-1");
    const auto other = own->upload(other_agent);
    EXPECT_EQ(other.status, 201) << other.body;
    EXPECT_NE(call_id_of(other), call_id_of(first));
    EXPECT_THAT(flags_of(other), Contains("duplicate"));

    own->database().sql("UPDATE calls SET created_at = created_at - interval '25 hours'");
    const auto later = own->upload(upload);
    EXPECT_EQ(later.status, 201) << later.body;
    EXPECT_NE(call_id_of(later), call_id_of(first));
    EXPECT_THAT(flags_of(later), Contains("duplicate"));
}

TEST_F(ChosenSettings, ReusedCallLeavesTheIdempotencyKeyFree) {
    const auto upload = form();
    const auto first = own->upload(upload);
    const auto keyed = own->upload(upload, "Idempotency-Key: reuse-1\r\n");
    EXPECT_EQ(call_id_of(keyed), call_id_of(first)) << keyed.body;
    EXPECT_EQ(own->database().count("SELECT count(*) FROM idempotency WHERE key = 'reuse-1'"), 0);
}

TEST_F(ChosenSettings, UnknownCategoryIsRefusedWithNamesLikeIt) {
    const auto reply = own->upload(form().set("issue_category", "Batery Swap Failure"));
    EXPECT_EQ(refusal(reply), "400 issue.unknown");
    EXPECT_EQ(field_faults(reply), (std::vector<std::string>{"issue_category: issue.unknown"}));
    EXPECT_EQ(texts(json_of(reply).at("suggestions")).front(), "Battery Swap Failure");
    EXPECT_EQ(own->upload(form()).status, 201);
}

TEST_F(ChosenSettings, CorrectionObeysTheListOfCategoriesToo) {
    const auto call = call_id_of(own->upload(form()));
    const auto patch = [&](const std::string& category) {
        return own->ask("PATCH /api/calls/" + call,
                        "Content-Type: application/json\r\n",
                        fmt::format(R"({{"issue_category":"{}"}})", category));
    };
    const auto category =
        fmt::format("SELECT primary_issue_category FROM calls WHERE id = '{}'", call);
    const auto before = own->database().sql(category);
    const auto refused = patch("Batery Swap Failure");
    EXPECT_EQ(refusal(refused), "400 issue.unknown");
    EXPECT_EQ(field_faults(refused), (std::vector<std::string>{"issue_category: issue.unknown"}));
    EXPECT_EQ(texts(json_of(refused).at("suggestions")).front(), "Battery Swap Failure");
    EXPECT_EQ(own->database().sql(category), before);
    EXPECT_EQ(patch("battery swap failure").status, 204);
    EXPECT_EQ(own->database().sql(category), std::vector<std::string>{"Battery Swap Failure"});
}

TEST_F(ChosenSettings, ListedOriginIsServedAsIfItWereOurs) {
    const std::string origin = fmt::format("Origin: {}\r\n", listed);
    const auto preflight = own->ask("OPTIONS /ingest/call",
                                    origin + "Access-Control-Request-Method: POST\r\n"
                                             "Access-Control-Request-Headers: idempotency-key\r\n");
    EXPECT_EQ(preflight.status, 204);
    EXPECT_EQ(preflight.header("access-control-allow-origin"), listed);
    EXPECT_THAT(preflight.header("access-control-allow-methods"), HasSubstr("POST"));
    EXPECT_EQ(preflight.header("access-control-allow-headers"), "Idempotency-Key");

    const auto sent = own->upload(form(), origin + "Sec-Fetch-Site: cross-site\r\n");
    EXPECT_EQ(sent.status, 201) << sent.body;
    EXPECT_EQ(sent.header("access-control-allow-origin"), listed);
    EXPECT_EQ(sent.header("access-control-allow-credentials"), "true");
    EXPECT_THAT(sent.header("access-control-expose-headers"), HasSubstr("Location"));
    EXPECT_THAT(sent.header("vary"), HasSubstr("Origin"));
}

TEST_F(ChosenSettings, AListedOriginIsTheLocalAdmin) {
    const auto made =
        own->ask("POST /api/cities",
                 fmt::format("Origin: {}\r\nContent-Type: application/json\r\n", listed),
                 R"({"name":"Nashik","state":"Maharashtra"})");
    EXPECT_EQ(made.status, 201) << made.body;
    EXPECT_EQ(made.header("access-control-allow-origin"), listed);
    EXPECT_EQ(own->database().sql("SELECT principal FROM audit_outbox WHERE action = 'city.create' "
                                  "ORDER BY id DESC LIMIT 1"),
              std::vector<std::string>{"local"});
}

TEST_F(ChosenSettings, OriginsThatAreNotListedStayOutside) {
    for (const char* origin :
         {"https://dashboard.example.evil", "http://dashboard.example", "null"}) {
        const auto header = fmt::format("Origin: {}\r\n", origin);
        const auto sent = own->upload(form(), header);
        EXPECT_EQ(refusal(sent), "403 origin.refused") << origin;
        EXPECT_EQ(sent.header("access-control-allow-origin"), "") << origin;
        const auto asked =
            own->ask("OPTIONS /ingest/call", header + "Access-Control-Request-Method: POST\r\n");
        EXPECT_EQ(asked.header("access-control-allow-methods"), "") << origin;
    }
}

std::string chunk(std::string_view bytes) {
    return fmt::format("{:x}\r\n{}\r\n", bytes.size(), bytes);
}

TEST_F(ChosenSettings, ChunkedBodyIsRefusedWhereItPassesTheLimit) {
    HttpClient client(own->port());
    client.send(own->request(
        "POST /ingest/call", UploadForm::content_type() + "Transfer-Encoding: chunked\r\n", ""));
    client.send(chunk(fmt::format("--{}\r\nContent-Disposition: form-data; name=\"file\"; "
                                  "filename=\"a.wav\"\r\n\r\n",
                                  UploadForm::boundary)));
    // Well above the limit, and no end: only a refusal in the middle can be the answer.
    for (std::size_t sent = 0; sent < 3 * upload_limit; sent += 50'000) {
        if (!client.send(chunk(std::string(50'000, 'x')))) break;
    }
    const auto reply = client.read_reply();
    ASSERT_TRUE(reply);
    EXPECT_EQ(refusal(*reply), "413 body.too_large");
    EXPECT_TRUE(
        eventually([] { return std::filesystem::is_empty(own->data_dir() / "data/spool"); }));
}

TEST_F(ChosenSettings, ChunkedBodyWithinTheLimitIsTaken) {
    const auto whole = form().body();
    HttpClient client(own->port());
    client.send(own->request(
        "POST /ingest/call", UploadForm::content_type() + "Transfer-Encoding: chunked\r\n", ""));
    for (std::size_t at = 0; at < whole.size(); at += 4001)
        client.send(chunk(std::string_view(whole).substr(at, 4001)));
    client.send("0\r\n\r\n");
    const auto reply = client.read_reply();
    ASSERT_TRUE(reply);
    EXPECT_EQ(reply->status, 201) << reply->body;
}

TEST(QueueLimit, UploadsAreRefusedBeforeTheirBodyWhileTheQueueIsFull) {
    SpeechImposter speech;
    WholeServer server(speech, {{"MAX_QUEUE_LENGTH", "2"}}, "serve");
    add_directory(server);
    EXPECT_EQ(server.upload(ApiTest::form()).status, 201);
    EXPECT_EQ(server.upload(ApiTest::form()).status, 201);
    HttpClient client(server.port());
    client.send(server.request(
        "POST /ingest/call", UploadForm::content_type() + "Content-Length: 90000\r\n", ""));
    const auto refused = client.read_reply();
    ASSERT_TRUE(refused);
    EXPECT_EQ(refusal(*refused), "503 queue.full");
    EXPECT_NE(refused->header("retry-after"), "");
    EXPECT_EQ(server.ask("GET /api/agents").status, 200);
    server.database().sql("DELETE FROM jobs WHERE id = (SELECT min(id) FROM jobs)");
    EXPECT_EQ(server.upload(ApiTest::form()).status, 201);
}

TEST_F(ChosenSettings, CursorBelongsToOneList) {
    const auto first = json_of(own->ask("GET /api/agents?limit=1"));
    const std::string cursor(first.at("next_cursor").as_string());
    const auto second = json_of(own->ask("GET /api/agents?limit=1&cursor=" + cursor));
    EXPECT_NE(first.at("data").at(0).at("id"), second.at("data").at(0).at("id"));
    EXPECT_EQ(refusal(own->ask("GET /api/cities?limit=1&cursor=" + cursor)), "400 cursor.invalid");
    auto altered_front = cursor;
    altered_front.front() = altered_front.front() == 'A' ? 'B' : 'A';
    for (const auto& bad : {altered_front, cursor.substr(4), std::string("x")})
        EXPECT_EQ(refusal(own->ask("GET /api/agents?limit=1&cursor=" + bad)), "400 cursor.invalid");
}

} // namespace

} // namespace hs::test
