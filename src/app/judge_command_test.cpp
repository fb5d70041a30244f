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

    int run(std::vector<std::string> args,
            const HearRecording& hear = {},
            const AskModels& models = {}) {
        out_.str("");
        args.insert(args.begin(), {"--scorecards", std::string(HS_SOURCE_DIR) + "/scorecards"});
        return run_judge(args, hear, out_, errors_, models);
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

TEST_F(JudgeCommand, TranscriptsOfOtherProgramsAreJudgedAlike) {
    const auto vtt = file("call.bin", R"(WEBVTT

00:00.000 --> 00:03.000
<v Agent>Hello, Swift Volt, how can I help?

00:04.000 --> 00:06.000
<v Customer>Is the mall station open?

00:07.000 --> 00:09.000
<v Agent>Yes, it is open twenty four hours. Anything else?
)");
    const auto analytics = file("job.json", R"({"LanguageCode":"en-IN","Transcript":[
 {"ParticipantRole":"AGENT","BeginOffsetMillis":0,"EndOffsetMillis":3000,"Content":"Hello, Swift Volt, how can I help?"},
 {"ParticipantRole":"CUSTOMER","BeginOffsetMillis":4000,"EndOffsetMillis":6000,"Content":"Is the mall station open?"},
 {"ParticipantRole":"AGENT","BeginOffsetMillis":7000,"EndOffsetMillis":9000,"Content":"Yes, it is open twenty four hours. Anything else?"}]})");
    for (const auto& given : {vtt, analytics}) {
        EXPECT_EQ(run({given}), 0) << out_.str();
        EXPECT_EQ(line().at("answers").as_array().at(0).at("state").as_string(), "pass");
        EXPECT_EQ(line().at("transcript").at("turns").as_array().size(), 3u);
    }
    const auto nonsense = file("bad.vtt", "WEBVTT\n\nx --> y\nhello\n");
    EXPECT_EQ(run({nonsense}), 1);
    EXPECT_EQ(line().at("error").at("code").as_string(), "transcript.invalid");
}

TEST_F(JudgeCommand, HindiHeardByAnEngineIsJudgedInHindi) {
    // As join_speech hands on what deepgram or google write down for a Hindi call.
    const auto heard = file("hindi.json", R"({"language":"hi","transcript":[
 {"speaker":"agent","start":0,"end":3,"text":"नमस्ते, Swift Volt में आपका स्वागत है, मैं आपकी क्या मदद कर सकती हूँ?"},
 {"speaker":"customer","start":4,"end":6,"text":"मेरी battery swap नहीं हो रही है"},
 {"speaker":"agent","start":7,"end":9,"text":"क्या मैं और कोई मदद कर सकती हूँ? धन्यवाद"}]})");
    EXPECT_EQ(run({heard}), 0) << out_.str();
    EXPECT_EQ(line().at("answers").as_array().at(0).at("state").as_string(), "pass");
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

TEST_F(JudgeCommand, ModelsAreAskedOnlyWhenWanted) {
    const auto good = file("call.json", call);
    int asked = 0;
    const AskModels models =
        [&asked](
            const analysis::ModelBrief& brief) -> Result<std::optional<analysis::ModelFindings>> {
        ++asked;
        if (brief.transcript.turns.size() != 3)
            return fail(ErrorKind::internal, "test.brief", "another call");
        analysis::ModelFindings findings;
        findings.use.models.push_back({.provider = "fake", .model = "m", .reported = "m-2"});
        return findings;
    };
    EXPECT_EQ(run({good}, {}, models), 0);
    EXPECT_EQ(run({"--llm", "off", good}, {}, models), 0);
    EXPECT_EQ(asked, 0);
    EXPECT_TRUE(line().at("provenance").at("model").is_null());
    EXPECT_EQ(run({"--llm", "live", good}, {}, models), 0);
    EXPECT_EQ(asked, 1);
    EXPECT_EQ(line().at("provenance").at("model"), "m-2");
    EXPECT_EQ(run({"--llm", "live", good}), 2) << "no models to ask";
    EXPECT_EQ(run({"--llm", "loud", good}, {}, models), 2);
    const AskModels broken =
        [](const analysis::ModelBrief&) -> Result<std::optional<analysis::ModelFindings>> {
        return fail(ErrorKind::unavailable, "model.unavailable", "down");
    };
    EXPECT_EQ(run({"--llm", "live", good}, {}, broken), 1);
    EXPECT_EQ(line().at("error").at("code"), "model.unavailable");
}

TEST(ModelChain, IsReadStepByStep) {
    for (const auto* good : {"",
                             "rules",
                             "openai:small",
                             "openai:small -> openai:large -> rules",
                             "external -> anthropic:claude-x->rules",
                             "openai:llama3.2:3b"})
        EXPECT_EQ(chain_error(good), "") << good;
    for (const auto* bad : {"openai",
                            "rules -> openai:small",
                            "openai:small -> external",
                            "x:y",
                            "openai: -> rules",
                            "->"})
        EXPECT_NE(chain_error(bad), "") << bad;
    Config config;
    config.llm_chain = "openai:small -> anthropic:claude-x -> rules";
    EXPECT_FALSE(make_model_chain(config)) << "small stands for nothing";
    config.llm_model_small = "mini";
    const auto chain = make_model_chain(config);
    ASSERT_TRUE(chain);
    EXPECT_EQ(chain->names(), "openai:mini -> anthropic:claude-x");
    config.llm_chain = "external";
    EXPECT_FALSE(make_model_chain(config)) << "no address";
}

TEST(ModelChain, AKeyForOneServerIsNotSentToAnother) {
    Config config;
    config.llm_chain = "openai:m";
    config.openai_api_key = Secret(std::string("sk-openai"));
    const auto key_of = [](const Config& with) {
        const auto chain = make_model_chain(with);
        for (const auto& header : chain->models.at(0)->prepare({}).http.headers)
            if (header.first == "Authorization") return header.second;
        return std::string();
    };
    EXPECT_EQ(key_of(config), "Bearer sk-openai");
    config.llm_base_url = "https://models.example.com/v1";
    EXPECT_EQ(key_of(config), "");
    config.llm_base_url = "https://api.openai.com.evil.example/v1";
    EXPECT_EQ(key_of(config), "");
    config.llm_api_key = Secret(std::string("own"));
    EXPECT_EQ(key_of(config), "Bearer own");
}

TEST_F(JudgeCommand, SilenceIsAFailure) {
    const auto silent = file("s.json", R"({"transcript":[]})");
    EXPECT_EQ(run({silent}), 1);
    EXPECT_EQ(line().at("error").at("code").as_string(), "no_speech");
}

} // namespace
} // namespace hs::app
