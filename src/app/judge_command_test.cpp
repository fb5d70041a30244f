#include <algorithm>
#include <filesystem>
#include <fstream>
#include <sstream>

#include <gtest/gtest.h>
#include <unistd.h>

#include "app/judge_command.hpp"
#include "base/json.hpp"

namespace hs::app {
namespace {

class JudgeCommand : public testing::Test {
protected:
    void SetUp() override {
        folder_ = std::filesystem::temp_directory_path() /
                  ("judge_command_" + std::to_string(::getpid()));
        std::filesystem::create_directories(folder_);
    }

    void TearDown() override { std::filesystem::remove_all(folder_); }

    std::string file(const std::string& name, const std::string& text) {
        std::ofstream(folder_ / name) << text;
        return folder_ / name;
    }

    int run(std::vector<std::string> args, const HearRecording& hear = {}) {
        out_.str("");
        args.insert(args.begin(), {"--scorecards", std::string(HS_SOURCE_DIR) + "/scorecards"});
        return run_judge(args, hear, out_, errors_);
    }

    json::value line() { return *parse_json(out_.str().substr(0, out_.str().find('\n'))); }

    std::filesystem::path folder_;
    std::ostringstream out_;
    std::ostringstream errors_;
};

const std::string call = R"({"language":"en","issue_category":"Station Location","transcript":[
 {"speaker":"agent","start":0,"end":3,"text":"Hello, Swift Volt, how can I help?"},
 {"speaker":"customer","start":4,"end":6,"text":"Is the mall station open?"},
 {"speaker":"agent","start":7,"end":9,"text":"Yes, it is open twenty four hours. Anything else?"}]})";

TEST_F(JudgeCommand, PrintsOneObjectForEachInput) {
    const auto good = file("call.txt", call); // the content decides, not the name
    const auto bad = file("bad.json", "{\"transcript\": 3}");
    EXPECT_EQ(run({good}), 0);
    EXPECT_EQ(line().at("answers").as_array().at(0).at("state").as_string(), "pass");
    EXPECT_EQ(run({good, bad, (folder_ / "absent").string()}), 1);
    const auto text = out_.str();
    EXPECT_EQ(std::count(text.begin(), text.end(), '\n'), 3);
    EXPECT_NE(text.find("\"code\":\"transcript.invalid\""), std::string::npos) << text;
    EXPECT_NE(text.find("\"code\":\"file.missing\""), std::string::npos) << text;
}

TEST_F(JudgeCommand, RefusesWrongUsage) {
    EXPECT_EQ(run({}), 2);
    EXPECT_EQ(run({"--scorecard", "nonsense", "x"}), 2);
    EXPECT_EQ(run({"--unknown", "x"}), 2);
    EXPECT_EQ(run({"--scorecard", "no-such-pack@1", "x"}), 2);
}

TEST_F(JudgeCommand, RecordingsGoThroughTheHook) {
    const auto wav = file("a.json", "RIFF....WAVE");
    EXPECT_EQ(run({wav}), 1);
    const HearRecording hear = [](const std::filesystem::path&) -> Result<analysis::GivenCall> {
        return analysis::read_given_call(*parse_json(call));
    };
    EXPECT_EQ(run({wav}, hear), 0);
    EXPECT_EQ(run({"--facts", wav}, hear), 0);
    EXPECT_EQ(line().at("roles").as_array().size(), 2U);
}

TEST_F(JudgeCommand, SilenceIsAFailure) {
    const auto silent = file("s.json", R"({"transcript":[]})");
    EXPECT_EQ(run({silent}), 1);
    EXPECT_EQ(line().at("error").at("code").as_string(), "no_speech");
}

} // namespace
} // namespace hs::app
