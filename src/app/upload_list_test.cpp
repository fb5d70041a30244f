#include <fstream>

#include <gmock/gmock.h>
#include <unistd.h>

#include "app/upload_list.hpp"

namespace hs::app {
namespace {

using testing::ElementsAre;
using testing::Pair;

class UploadList : public testing::Test {
protected:
    void SetUp() override {
        folder_ =
            std::filesystem::temp_directory_path() / ("upload_list_" + std::to_string(::getpid()));
        std::filesystem::create_directories(folder_ / "deeper");
    }

    void TearDown() override { std::filesystem::remove_all(folder_); }

    std::string file(const std::string& name, const std::string& text = "sound") {
        std::ofstream(folder_ / name) << text;
        return folder_ / name;
    }

    std::vector<PlannedUpload> plan(const std::string& operand) {
        auto planned = plan_uploads({operand}, common_);
        EXPECT_TRUE(planned) << planned.error().message;
        return planned ? *std::move(planned) : std::vector<PlannedUpload>();
    }

    std::string refusal(const std::string& operand) {
        const auto planned = plan_uploads({operand}, common_);
        return planned ? "none" : planned.error().code;
    }

    std::filesystem::path folder_;
    FormFields common_{{"city_identifier", "Pune"}, {"agent_identifier", "EMP-1"}};
};

TEST_F(UploadList, FilesHaveTheCommonFields) {
    const auto planned = plan("some/where.mp3");
    ASSERT_EQ(planned.size(), 1U);
    EXPECT_EQ(planned[0].file, "some/where.mp3");
    EXPECT_EQ(planned[0].fields, common_);
}

TEST_F(UploadList, FoldersGiveRecordingsWithTheirSidecars) {
    const auto second = file("b.wav");
    const auto first = file("a.MP3");
    const auto third = file("deeper/c.opus");
    file("notes.txt");
    file("b.wav.json", R"({"agent_identifier":"EMP-2","metadata":{"q":1},"customer_name":null})");
    const auto planned = plan(folder_);
    ASSERT_EQ(planned.size(), 3U);
    EXPECT_EQ(planned[0].file, first);
    EXPECT_EQ(planned[1].file, second);
    EXPECT_EQ(planned[2].file, third);
    EXPECT_THAT(planned[1].fields,
                ElementsAre(Pair("city_identifier", "Pune"),
                            Pair("agent_identifier", "EMP-2"),
                            Pair("metadata", R"({"q":1})")));
    file("b.wav.json", "[]");
    EXPECT_EQ(refusal(folder_), "ingest.sidecar");
}

TEST_F(UploadList, ManifestsNameFilesBesideThem) {
    const auto csv = file("m.csv",
                          "File, agent_identifier,issue_category\n"
                          "x.mp3,EMP-9,\"Battery, Swap\"\ndeeper/y.mp3,,Payment\n");
    const auto planned = plan(csv);
    ASSERT_EQ(planned.size(), 2U);
    EXPECT_EQ(planned[0].file, folder_ / "x.mp3");
    EXPECT_THAT(planned[0].fields,
                ElementsAre(Pair("city_identifier", "Pune"),
                            Pair("agent_identifier", "EMP-9"),
                            Pair("issue_category", "Battery, Swap")));
    EXPECT_EQ(planned[1].file, folder_ / "deeper/y.mp3");
    EXPECT_THAT(planned[1].fields,
                ElementsAre(Pair("city_identifier", "Pune"),
                            Pair("agent_identifier", "EMP-1"),
                            Pair("issue_category", "Payment")));
    const auto list = file("m.json", R"([{"file":"x.mp3","external_id":7},{"file":"/z.mp3"}])");
    EXPECT_EQ(plan(list)[0].fields.back(),
              (std::pair<std::string, std::string>("external_id", "7")));
    EXPECT_EQ(plan(list)[1].file, "/z.mp3");
    EXPECT_EQ(plan(file("m.ndjson", "{\"file\":\"x.mp3\"}\n\n{\"file\":\"y.mp3\"}\n")).size(), 2U);
}

TEST_F(UploadList, OddManifestsAreRefusedWhole) {
    EXPECT_EQ(refusal(file("a.csv", "agent\nEMP-1\n")), "ingest.manifest");
    EXPECT_EQ(refusal(file("b.csv", "file,agent\nx.mp3\n")), "ingest.manifest");
    EXPECT_EQ(refusal(file("c.json", "{}")), "ingest.manifest");
    EXPECT_EQ(refusal(file("d.json", R"([{"file":""}])")), "ingest.manifest");
    EXPECT_EQ(refusal(file("e.ndjson", "{\"file\":\"x\"}\nno\n")), "ingest.manifest");
    EXPECT_EQ(refusal(folder_ / "missing.csv"), "file.missing");
}

TEST_F(UploadList, TheJournalOutlivesTheRunAndHalfALine) {
    const auto where = folder_ / "done";
    auto journal = UploadJournal::open(where).value();
    EXPECT_FALSE(journal.holds("k1"));
    ASSERT_TRUE(journal.add("k1", R"({"key":"k1"})"));
    EXPECT_TRUE(journal.holds("k1"));
    std::ofstream(where, std::ios::app) << "{\"key\":\"k2";
    auto again = UploadJournal::open(where).value();
    EXPECT_TRUE(again.holds("k1"));
    EXPECT_FALSE(again.holds("k2"));
    ASSERT_TRUE(again.add("k3", R"({"key":"k3"})"));
    EXPECT_TRUE(UploadJournal::open(where)->holds("k3"));
    EXPECT_FALSE(UploadJournal::open("")->holds("k1"));
}

} // namespace
} // namespace hs::app
