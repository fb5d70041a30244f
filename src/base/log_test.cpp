#include <gmock/gmock.h>

#include "base/json.hpp"
#include "base/log.hpp"

using namespace hs;

namespace {

class Memory final : public LogSink {
public:
    void write(std::string line) override { lines.push_back(std::move(line)); }

    std::vector<std::string> lines;
};

} // namespace

TEST(Log, WritesOneJsonObjectALine) {
    const auto sink = std::make_shared<Memory>();
    const Log log = Log(sink, LogLevel::info).with({{"request_id", "r1"}});
    log.with({{"job_id", 7}})
        .info("call.transcribed",
              {{"took_ms", 5210}, {"share", 0.5}, {"ok", true}, {"text", "a\n\x1B[2Jb"}});
    ASSERT_EQ(sink->lines.size(), 1u);
    const auto& line = sink->lines[0];
    EXPECT_EQ(line.find('\n'), line.size() - 1);
    EXPECT_THAT(line,
                testing::MatchesRegex(
                    R"(\{"ts":"....-..-..T..:..:..\.......Z","level":"info",)"
                    R"("msg":"call transcribed","event":"call\.transcribed",)"
                    R"("request_id":"r1","job_id":7,"took_ms":5210,"share":0.5,"ok":true,)"
                    R"("text":"a\\n\\u001b\[2Jb"\})"
                    "\n"));
    EXPECT_TRUE(parse_json(line));
}

TEST(Log, LeavesOutWhatIsBelowItsLevel) {
    const auto sink = std::make_shared<Memory>();
    const Log log(sink, LogLevel::warn);
    log.debug("a.b");
    log.info("a.b");
    EXPECT_TRUE(sink->lines.empty());
    log.warn("a.b");
    log.error("a.b");
    EXPECT_EQ(sink->lines.size(), 2u);
}

TEST(Log, ContextStaysWithItsCopy) {
    const auto sink = std::make_shared<Memory>();
    const Log log(sink, LogLevel::debug);
    (void)log.with({{"call_id", "c"}});
    log.debug("x.y", {{"n", 1.0 / 0.0}});
    EXPECT_EQ(sink->lines[0].find("call_id"), std::string::npos);
    EXPECT_NE(sink->lines[0].find(R"("n":null)"), std::string::npos);
}
