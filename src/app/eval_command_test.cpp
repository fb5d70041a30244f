#include <filesystem>
#include <fstream>
#include <sstream>
#include <vector>

#include <gtest/gtest.h>
#include <unistd.h>

#include "app/commands.hpp"
#include "app/eval_command.hpp"
#include "base/files.hpp"

namespace hs::app {
namespace {

const std::filesystem::path source = HS_SOURCE_DIR;

class EvalCommand : public testing::Test {
protected:
    void SetUp() override {
        const auto* test = testing::UnitTest::GetInstance()->current_test_info();
        folder = std::filesystem::temp_directory_path() /
                 (std::string("hs_eval_") + test->name() + std::to_string(::getpid()));
        std::filesystem::create_directories(folder);
    }

    void TearDown() override { std::filesystem::remove_all(folder); }

    int run(const std::vector<std::string>& args, const HearWith& hear = {}) {
        out.str({});
        errors.str({});
        return run_eval(args, hear, out, errors);
    }

    std::vector<std::string> corpus(const std::filesystem::path& scorecards) const {
        return {"run",
                "--dataset",
                (source / "tests/data/corpus").string(),
                "--scorecards",
                scorecards.string()};
    }

    std::filesystem::path folder;
    std::ostringstream out;
    std::ostringstream errors;
};

TEST_F(EvalCommand, WrongUsageIsTwo) {
    EXPECT_EQ(run({}), 2);
    EXPECT_EQ(run({"run"}), 2);
    EXPECT_EQ(run({"run", "--dataset"}), 2);
    EXPECT_EQ(run({"run", "--dataset", "/nowhere"}), 2);
    EXPECT_EQ(run({"run", "--dataset", "x", "--transcript", "guess"}), 2);
    EXPECT_EQ(run({"run", "--dataset", "x", "--scorecard", "../x@1"}), 2);
    EXPECT_EQ(run({"diff", "a"}), 2);
    auto args = corpus(source / "scorecards");
    args.insert(args.end(), {"--transcript", "stt:demo"});
    EXPECT_EQ(run(args), 2); // no engine was given
    EXPECT_NE(errors.str().find("eval.no_engine"), std::string::npos);
}

TEST_F(EvalCommand, PrintsTheTableAndKeepsItsOwnBaseline) {
    const auto baseline = (folder / "baseline.json").string();
    auto args = corpus(source / "scorecards");
    args.insert(args.end(), {"--json", baseline});
    ASSERT_EQ(run(args), 0) << errors.str();
    EXPECT_NE(out.str().find("greeting"), std::string::npos);
    EXPECT_NE(out.str().find("all questions hi"), std::string::npos);
    EXPECT_NE(out.str().find("23 calls"), std::string::npos);
    EXPECT_EQ(run({"diff", baseline, baseline}), 0);
    EXPECT_NE(out.str().find("flip rate 0.0000"), std::string::npos);
    args = corpus(source / "scorecards");
    args.insert(args.end(), {"--compare", baseline, "--fail-on-regression"});
    EXPECT_EQ(run(args), 0) << out.str();
}

TEST_F(EvalCommand, ABrokenRuleIsARegression) {
    const auto baseline = (folder / "baseline.json").string();
    auto args = corpus(source / "scorecards");
    args.insert(args.end(), {"--json", baseline});
    ASSERT_EQ(run(args), 0);
    const auto broken = folder / "scorecards";
    std::filesystem::copy(source / "scorecards", broken, std::filesystem::copy_options::recursive);
    const auto file = broken / "battery-swap-support/1.yaml";
    auto text = *read_file(file);
    // The first rule called closing passes for nobody any more.
    const auto rule = text.find("- id: closing");
    ASSERT_NE(rule, std::string::npos);
    const auto pass = text.find("pass:", rule);
    text.insert(pass, "fail: 'true'\n    ");
    std::ofstream(file) << text;
    args = corpus(broken);
    args.insert(args.end(), {"--compare", baseline, "--fail-on-regression"});
    EXPECT_EQ(run(args), 1) << out.str() << errors.str();
    EXPECT_NE(out.str().find("regression: question:closing"), std::string::npos) << out.str();
}

TEST_F(EvalCommand, UnheardRecordingsCountAsOpen) {
    auto args = corpus(source / "scorecards");
    args.insert(args.end(), {"--transcript", "stt:deaf"});
    const auto deaf = [](const std::string&, const std::filesystem::path&) {
        return Result<analysis::GivenCall>(
            fail(ErrorKind::upstream, "stt.failed", "nothing was heard"));
    };
    EXPECT_EQ(run(args, deaf), 0);
    EXPECT_NE(out.str().find("23 recordings could not be written down"), std::string::npos);
}

TEST_F(EvalCommand, RulesOfTheShippedScorecardCompile) {
    const std::vector<std::string> good = {
        "test", (source / "scorecards/battery-swap-support/1.yaml").string()};
    EXPECT_EQ(rules_command(good), 0);
    const auto file = folder / "bad.yaml";
    std::ofstream(file) << "rules: [{id: a, pass: '@gone'}]";
    EXPECT_EQ(rules_command(std::vector<std::string>{"test", file.string()}), 1);
    EXPECT_EQ(rules_command(std::vector<std::string>{}), 2);
}

} // namespace
} // namespace hs::app
