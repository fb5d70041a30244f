// Which fields an upload takes, and what every bad one is answered with.
#include <array>

#include "api/api_test.hpp"

namespace hs::test {

namespace {

using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::UnorderedElementsAre;
using UploadFields = UploadTest;

std::string agent_of(const std::string& call_id) {
    const auto detail = json_of(UploadTest::server().ask("GET /api/calls/" + call_id));
    return std::string(detail.at("agent").at("agent_id").as_string());
}

TEST_F(UploadFields, AcceptedCallIsQueuedAndDurable) {
    auto upload = form();
    upload.filename = "..\\folder/pickup-0412.wav";
    const auto reply = server().upload(upload);
    ASSERT_EQ(reply.status, 201) << reply.body;
    const auto body = json_of(reply);
    const auto id = call_id_of(reply);
    EXPECT_EQ(reply.header("location"), "/api/calls/" + id);
    EXPECT_EQ(body.at("status"), "success");
    EXPECT_EQ(body.at("message"), "Call ingested successfully and queued for processing");
    EXPECT_EQ(body.at("media_info").at("filename"), "pickup-0412.wav");
    EXPECT_EQ(body.at("media_info").at("duration_seconds"), 2);
    EXPECT_FALSE(body.at("media_info").as_object().contains("flags"));
    EXPECT_TRUE(body.at("processing").at("ai_analysis").is_null());
    EXPECT_EQ(server().database().count("SELECT count(*) FROM media WHERE call_id = '" + id + "'"),
              1);
}

TEST_F(UploadFields, AgentByIdEmployeeIdOrName) {
    std::string dashless = agent_id();
    std::erase(dashless, '-');
    for (const auto& name :
         {agent_id(), dashless, std::string("emp-7"), std::string("  ritika   SHAH ")}) {
        const auto reply = server().upload(form().set("agent_identifier", name));
        ASSERT_EQ(reply.status, 201) << name << reply.body;
        EXPECT_EQ(agent_of(call_id_of(reply)), agent_id()) << name;
    }
}

TEST_F(UploadFields, CityByIdNameOrAlias) {
    const auto cities = get_json("/api/cities").at("data").as_array();
    const auto id = cities.at(0).at("id").as_int64();
    for (const auto& name : {std::to_string(id), std::string("gurugram"), std::string("GURGAON")}) {
        const auto reply = server().upload(form().set("city_identifier", name));
        ASSERT_EQ(reply.status, 201) << name << reply.body;
        const auto detail = get_json("/api/calls/" + call_id_of(reply));
        EXPECT_EQ(detail.at("city").at("city_id"), id) << name;
    }
}

TEST_F(UploadFields, SharedAgentNameIsAmbiguousWithCandidates) {
    const auto reply = server().upload(form().set("agent_identifier", "asha rao"));
    EXPECT_EQ(refusal(reply), "409 agent.ambiguous");
    const auto candidates = json_of(reply).at("candidates").as_array();
    ASSERT_EQ(candidates.size(), 2U);
    std::vector<std::string> employees;
    for (const auto& agent : candidates)
        employees.emplace_back(agent.at("employee_id").as_string());
    EXPECT_THAT(employees, UnorderedElementsAre("EMP-1", "EMP-2"));
}

TEST_F(UploadFields, UnknownNamesComeWithSuggestions) {
    const auto agent = server().upload(form().set("agent_identifier", "Ritika Sah"));
    EXPECT_EQ(refusal(agent), "400 agent.unknown");
    EXPECT_EQ(json_of(agent).at("suggestions").as_array().at(0), "Ritika Shah");
    const auto city = server().upload(form().set("city_identifier", "Gurugrm"));
    EXPECT_EQ(refusal(city), "400 city.unknown");
    EXPECT_EQ(json_of(city).at("suggestions").as_array().at(0), "Gurugram");
}

TEST_F(UploadFields, EveryBadFieldIsNamedInOneReply) {
    auto upload = form();
    upload.file.reset();
    upload.without("agent_identifier").set("city_identifier", "  ");
    upload.set("issue_category", std::string(51, 'x')).set("customer_phone", "12ab");
    upload.set("customer_name", "tab\there").set("call_context", "SOMETIMES");
    upload.set("call_timestamp", "2026-02-03T08:35:12").set("channel_map", "up=agent");
    upload.set("language", "!").set("metadata", "[1]").set("external_id", std::string(129, 'e'));
    const auto reply = server().upload(upload);
    EXPECT_EQ(refusal(reply), "400 request.invalid");
    EXPECT_THAT(field_faults(reply),
                UnorderedElementsAre("file: field.required",
                                     "agent_identifier: field.required",
                                     "city_identifier: field.required",
                                     "issue_category: field.too_long",
                                     "customer_phone: phone.invalid",
                                     "customer_name: field.invalid_text",
                                     "call_context: field.choice",
                                     "call_timestamp: timestamp.offset_missing",
                                     "channel_map: field.choice",
                                     "language: field.invalid_language",
                                     "metadata: json.invalid",
                                     "external_id: field.too_long"));
}

struct BadField {
    const char* name;
    std::string value;
    const char* code;
};

TEST_F(UploadFields, OneBadFieldGivesItsCodeAlone) {
    const std::vector<BadField> cases{
        {"agent_identifier", std::string(151, 'a'), "field.too_long"},
        {"agent_identifier", "bad\xff", "field.invalid_text"},
        {"agent_manual_note", "red\x1b[31m", "field.invalid_text"},
        {"agent_manual_note", std::string("nul\0", 4), "field.invalid_text"},
        {"customer_phone", "+123", "phone.invalid"},
        {"customer_phone", "12345", "phone.invalid"},
        {"call_timestamp", "1999-12-31T23:59:59Z", "field.range"},
        {"call_timestamp", "2999-01-01T00:00:00Z", "field.range"},
        {"call_timestamp", "yesterday", "field.invalid_timestamp"},
        {"metadata", R"({"a":{"b":{"c":{"d":{}}}}})", "field.range"},
        {"metadata", R"({"a":["\u0000"]})", "json.invalid"}, // no database text holds it
        {"metadata", R"({"\u0000":1})", "json.invalid"},
        {"channel_map", "left=agent,right=agent", "field.choice"},
    };
    for (const auto& bad : cases) {
        const auto reply = server().upload(form().set(bad.name, bad.value));
        EXPECT_EQ(refusal(reply), std::string("400 ") + bad.code) << bad.name << " = " << bad.value;
        EXPECT_THAT(field_faults(reply), ElementsAre(std::string(bad.name) + ": " + bad.code));
    }
}

TEST_F(UploadFields, RepeatedFieldAndSecondFileAreRefused) {
    auto twice = form();
    twice.fields.emplace_back("agent_identifier", "EMP-1");
    EXPECT_EQ(refusal(server().upload(twice)), "400 field.repeated");
    auto files = form().body();
    const auto end = files.rfind("--" + std::string(UploadForm::boundary) + "--");
    files.insert(
        end,
        "--" + std::string(UploadForm::boundary) +
            "\r\nContent-Disposition: form-data; name=\"file\"; filename=\"b\"\r\n\r\nx\r\n");
    EXPECT_EQ(refusal(server().ask("POST /ingest/call", UploadForm::content_type(), files)),
              "400 field.repeated");
}

TEST_F(UploadFields, BadValuesOfTheCustomerAreNeverEchoed) {
    const auto reply = server().upload(form().set("customer_phone", "97004x12863"));
    EXPECT_EQ(refusal(reply), "400 phone.invalid");
    EXPECT_THAT(reply.body, ::testing::Not(HasSubstr("97004x")));
}

TEST_F(UploadFields, ExternalIdOnlyOnce) {
    const auto first = server().upload(form().set("external_id", "crm-77"));
    ASSERT_EQ(first.status, 201) << first.body;
    const auto second = server().upload(form().set("external_id", "crm-77"));
    EXPECT_EQ(refusal(second), "409 call.external_id_exists");
    EXPECT_EQ(call_id_of(second), call_id_of(first));
}

TEST_F(UploadFields, SameAudioIsAcceptedAndFlagged) {
    const auto upload = form();
    const auto first = server().upload(upload);
    const auto second = server().upload(upload);
    ASSERT_EQ(second.status, 201) << second.body;
    EXPECT_NE(call_id_of(first), call_id_of(second));
    EXPECT_THAT(second.body, HasSubstr(R"("flags":["duplicate"])"));
}

TEST_F(UploadFields, EmptyOptionalFieldsStayNull) {
    const auto reply = server().upload(form().set("agent_manual_note", " ").set("external_id", ""));
    const auto detail = get_json("/api/calls/" + call_id_of(reply));
    EXPECT_TRUE(detail.at("agent_manual_note").is_null());
    EXPECT_TRUE(detail.at("external_id").is_null());
    EXPECT_TRUE(detail.at("metadata").is_null());
    EXPECT_EQ(detail.at("call_context"), "NEW_ISSUE");
}

} // namespace

} // namespace hs::test
