#include <array>
#include <cstdlib>

#include <fcntl.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include "base/files.hpp"

using namespace hs;

namespace {

class Files : public testing::Test {
protected:
    void SetUp() override {
        std::string name = (std::filesystem::temp_directory_path() / "files.XXXXXX").string();
        ASSERT_NE(::mkdtemp(name.data()), nullptr);
        folder = name;
    }

    void TearDown() override { std::filesystem::remove_all(folder); }

    std::filesystem::path folder;
};

} // namespace

TEST_F(Files, UnnamedFileLeavesNoName) {
    const auto fd = open_unnamed(folder);
    ASSERT_TRUE(fd);
    ASSERT_TRUE(write_all(fd->get(), bytes_of("hello")));
    EXPECT_EQ(file_size(fd->get()), 5u);
    std::array<std::uint8_t, 3> part{};
    EXPECT_TRUE(read_exactly(fd->get(), 2, part));
    EXPECT_EQ(part[0], 'l');
    EXPECT_FALSE(read_exactly(fd->get(), 3, part)) << "only two bytes left";
    EXPECT_TRUE(std::filesystem::is_empty(folder));
}

TEST_F(Files, MissingFolderIsUnavailable) {
    const auto fd = open_unnamed(folder / "no");
    ASSERT_FALSE(fd);
    EXPECT_EQ(fd.error().code, "storage.unavailable");
    EXPECT_EQ(fd.error().message.find(folder.string()), std::string::npos) << "no paths in errors";
}

TEST_F(Files, FullDiskIsSaid) {
    const Fd full(::open("/dev/full", O_WRONLY));
    ASSERT_TRUE(full);
    const auto written = write_all(full.get(), bytes_of("x"));
    ASSERT_FALSE(written);
    EXPECT_EQ(written.error().code, "storage.full");
}

TEST_F(Files, DurableWriteReplacesWithoutTraces) {
    const auto path = folder / "state";
    ASSERT_TRUE(write_file_durably(path, "one"));
    ASSERT_TRUE(write_file_durably(path, "two"));
    EXPECT_EQ(read_file(path), "two");
    struct ::stat facts{};
    ASSERT_EQ(::stat(path.c_str(), &facts), 0);
    EXPECT_EQ(facts.st_mode & 0777, 0600u);
    EXPECT_EQ(std::distance(std::filesystem::directory_iterator(folder), {}), 1);
}

TEST_F(Files, ReadTellsMissingFromUnreadable) {
    EXPECT_EQ(read_file(folder / "no").error().code, "file.missing");
    EXPECT_EQ(read_file(folder).error().code, "file.unreadable");
}

TEST_F(Files, DescriptorsHaveOneOwner) {
    Fd a(::open("/dev/null", O_RDONLY));
    const int number = a.get();
    Fd b = std::move(a);
    EXPECT_EQ(b.get(), number);
    b = Fd(::open("/dev/null", O_RDONLY));
    EXPECT_EQ(::fcntl(number, F_GETFD), -1) << "the first one was closed";
    b.reset();
    EXPECT_FALSE(b);
}
