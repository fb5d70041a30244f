// Commands run beside a program that is up, on the private PostgreSQL that it keeps; and what the
// sweeper clears away.
#include <chrono>
#include <fstream>

#include "api/api_test.hpp"

namespace hs::test {

namespace {

using ::testing::HasSubstr;
namespace fs = std::filesystem;

class BesideTheProgram : public ApiTest {
protected:
    BesideTheProgram() : own(speech, {{"DATABASE_URL", ""}}) { add_directory(own); }

    SpeechImposter speech;
    WholeServer own;
};

TEST_F(BesideTheProgram, AdminCommandsUseItsDatabase) {
    const auto sent = own.upload(form());
    ASSERT_EQ(sent.status, 201) << sent.body;
    ASSERT_NE(own.settled(call_id_of(sent)), "");

    const auto fsck = own.run({"fsck"});
    EXPECT_EQ(fsck.status, 0) << fsck.output;
    EXPECT_THAT(fsck.output, HasSubstr("1 calls, "));
    const auto doctor = own.run({"queue", "doctor"});
    EXPECT_EQ(doctor.status, 0) << doctor.output;
    const auto migrated = own.run({"migrate"});
    EXPECT_EQ(migrated.status, 0) << migrated.output;

    const auto file = own.data_dir() / "agents.csv";
    std::ofstream(file) << "name,employee_id,languages\nMeera Nair,EMP-40,English;Hindi\n";
    const auto imported = own.run({"directory", "import", file.string()});
    EXPECT_EQ(imported.status, 0) << imported.output;
    EXPECT_THAT(imported.output, HasSubstr("1 added"));
    EXPECT_THAT(own.ask("GET /api/agents").body, HasSubstr("EMP-40"));

    EXPECT_EQ(own.ask("GET /readyz").status, 200) << "the program's database was stopped";
    EXPECT_EQ(own.log().find("postgres.restarted"), std::string::npos);
}

TEST_F(BesideTheProgram, ASecondServerIsStillRefused) {
    const auto second = own.run({"work"});
    EXPECT_EQ(second.status, 1);
    EXPECT_THAT(second.output, HasSubstr("is in use by process"));
}

TEST_F(BesideTheProgram, RunningUploadsAreNotTakenForOrphans) {
    const auto fsck = own.run({"fsck", "--repair", "--all-orphans"});
    EXPECT_EQ(fsck.status, 2);
    EXPECT_THAT(fsck.output, HasSubstr("stop"));
}

TEST_F(BesideTheProgram, CommandsStartTheDatabaseWhenNothingRuns) {
    own.kill();
    const auto doctor = own.run({"queue", "doctor"});
    EXPECT_EQ(doctor.status, 0) << doctor.output;
    own.start();
    EXPECT_EQ(own.ask("GET /readyz").status, 200);
}

TEST(Sweeper, RemovesHalfWrittenObjectsOfYesterday) {
    SpeechImposter speech;
    WholeServer own(speech, {{"RESCUE_EVERY_MS", "200"}});
    add_directory(own);
    const auto folder = own.data_dir() / "data/objects/t/left";
    fs::create_directories(folder);
    const auto plant = [&](const std::string& name, std::chrono::hours age) {
        const auto file = folder / name;
        std::ofstream(file) << "half";
        fs::last_write_time(file, fs::file_time_type::clock::now() - age);
        return file;
    };
    const auto old = plant(".tmp-old", std::chrono::hours(25));
    const auto young = plant(".tmp-young", std::chrono::hours(23));
    own.database().sql("UPDATE leader SET duties = duties - 'sweep'");
    EXPECT_TRUE(eventually([&] { return !fs::exists(old); })) << own.log();
    EXPECT_TRUE(fs::exists(young)) << "somebody may still be writing it";
}

} // namespace

} // namespace hs::test
