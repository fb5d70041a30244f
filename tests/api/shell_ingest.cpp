// `hacksmart ingest`: manifests and folders sent to a running program, ended and begun again.
#include <fstream>

#include "api/api_test.hpp"

namespace hs::test {

namespace {

using ::testing::HasSubstr;

class ShellIngest : public ApiTest {
protected:
    ShellIngest() : own(speech, {}, "serve") { add_directory(own); }

    void write(const std::string& name, const std::string& text) {
        std::ofstream(own.data_dir() / name, std::ios::binary) << text;
    }

    WholeServer::CommandResult ingest(std::vector<std::string> operands) {
        operands.insert(operands.begin(), {"ingest", "--server", "http://" + own.host()});
        return own.run(std::move(operands));
    }

    [[nodiscard]] std::int64_t calls() const {
        return own.database().count("SELECT count(*) FROM calls");
    }

    SpeechImposter speech;
    WholeServer own;
};

TEST_F(ShellIngest, AManifestIsUploadedOnceAndTakenUpAgain) {
    for (const auto* name : {"a.wav", "b.wav", "c.wav"})
        write(name, *form().file);
    const std::string head = "file,agent_identifier,customer_name\n";
    write("calls.csv",
          head + "a.wav,EMP-7,Zebulon\nb.wav,Nobody,\nc.wav,EMP-7,\nmissing.wav,EMP-7,\n");
    const std::vector<std::string> wanted{"--city",
                                          "Gurugram",
                                          "--issue",
                                          "Payment",
                                          "--parallel",
                                          "3",
                                          "--resume",
                                          own.data_dir() / "done",
                                          own.data_dir() / "calls.csv"};
    const auto first = ingest(wanted);
    EXPECT_EQ(first.status, 1) << first.output;
    EXPECT_THAT(first.output, HasSubstr("agent.unknown"));
    EXPECT_THAT(first.output, HasSubstr("missing.wav"));
    EXPECT_EQ(calls(), 2);
    write("missing.wav", *form().file);
    write("calls.csv",
          head + "a.wav,EMP-7,Zebulon\nb.wav,EMP-1,\nc.wav,EMP-7,\nmissing.wav,EMP-7,\n");
    const auto second = ingest(wanted);
    EXPECT_EQ(second.status, 0) << second.output;
    EXPECT_THAT(second.output, HasSubstr("2 of 4 were uploaded before"));
    EXPECT_EQ(calls(), 4);
    const auto agents = own.database().count(
        "SELECT count(DISTINCT agent_id) FROM calls WHERE agent_id IS NOT NULL");
    EXPECT_EQ(agents, 2);
    // Without its memory the server's own keys keep calls from doubling.
    std::filesystem::remove(own.data_dir() / "done");
    EXPECT_EQ(ingest(wanted).status, 0);
    EXPECT_EQ(calls(), 4);
}

TEST_F(ShellIngest, AFolderTakesFieldsFromBesideItsRecordings) {
    std::filesystem::create_directories(own.data_dir() / "calls/march");
    write("calls/march/x.wav", *form().file);
    write("calls/march/x.wav.json",
          R"({"agent_identifier":"EMP-7","city_identifier":"Gurgaon","issue_category":"Payment"})");
    const auto sent = ingest({own.data_dir() / "calls"});
    EXPECT_EQ(sent.status, 0) << sent.output;
    EXPECT_EQ(own.database().count("SELECT count(*) FROM calls WHERE agent_id IS NOT NULL"), 1);
}

} // namespace

} // namespace hs::test
