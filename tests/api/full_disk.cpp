// no room for the spool or the store. Needs the right to mount a tiny file system.
#include <fstream>

#include <fmt/format.h>
#include <sys/mount.h>

#include "api/api_test.hpp"

namespace hs::test {

namespace {

namespace fs = std::filesystem;

/// A file system of `size` on a folder of its own.
class TinyDisk {
public:
    explicit TinyDisk(const std::string& size) {
        std::string name = fs::temp_directory_path() / "hs-disk-XXXXXX";
        if (::mkdtemp(name.data()) == nullptr) throw std::runtime_error("mkdtemp failed");
        folder_ = name;
        mounted_ = ::mount("tmpfs", name.c_str(), "tmpfs", 0, ("size=" + size).c_str()) == 0;
    }

    ~TinyDisk() {
        if (mounted_) ::umount2(folder_.c_str(), MNT_DETACH);
        std::error_code ignored;
        fs::remove_all(folder_, ignored);
    }

    TinyDisk(const TinyDisk&) = delete;
    TinyDisk& operator=(const TinyDisk&) = delete;

    [[nodiscard]] bool mounted() const { return mounted_; }

    [[nodiscard]] const fs::path& folder() const { return folder_; }

    /// Leaves `left` bytes free.
    void fill(std::uintmax_t left) const {
        std::ofstream file(folder_ / "ballast", std::ios::binary);
        const std::string block(4096, 'x');
        while (fs::space(folder_).available > left && file.write(block.data(), 4096).flush()) {
        }
    }

    void free() const { fs::remove(folder_ / "ballast"); }

private:
    fs::path folder_;
    bool mounted_ = false;
};

/// Recordings and half-written files; sidecars of refused uploads wait for the sweeper.
std::size_t recordings(const fs::path& folder) {
    std::size_t files = 0;
    for (const auto& entry : fs::recursive_directory_iterator(folder))
        files += entry.is_regular_file() && entry.path().extension() != ".form" ? 1 : 0;
    return files;
}

class FullDisk : public ApiTest {
protected:
    FullDisk() : disk("4m") {}

    void SetUp() override {
        if (!disk.mounted()) GTEST_SKIP() << "this test needs the right to mount";
        // A form holds 64 KB: with so low a limit the early look at the free space lets it in.
        own = std::make_unique<WholeServer>(
            speech,
            WholeServer::Settings{{"DATA_DIR", data().string()}, {"MAX_UPLOAD_BYTES", "65000"}},
            "serve");
        add_directory(*own);
    }

    [[nodiscard]] fs::path data() const { return disk.folder() / "data"; }

    void expect_nothing_left() const {
        EXPECT_EQ(recordings(data() / "objects"), 0U);
        EXPECT_TRUE(fs::is_empty(data() / "spool"));
        EXPECT_EQ(own->database().count("SELECT count(*) FROM calls"), 0);
    }

    TinyDisk disk;
    SpeechImposter speech;
    std::unique_ptr<WholeServer> own;
};

TEST_F(FullDisk, StoreWithoutRoom) {
    const auto upload = form();
    const auto* key = "Idempotency-Key: full-1\r\n";
    disk.fill(135'000); // for the spool file, and not for a copy of it
    EXPECT_EQ(refusal(own->upload(upload, key)), "503 storage.full");
    expect_nothing_left();
    disk.free();
    EXPECT_EQ(own->upload(upload, key).status, 201) << "without a restart, under the same key";
}

TEST_F(FullDisk, SpoolWithoutRoom) {
    const auto upload = form();
    const auto body = upload.body();
    HttpClient client(own->port());
    client.send(
        own->request("POST /ingest/call",
                     UploadForm::content_type() +
                         fmt::format("Expect: 100-continue\r\nContent-Length: {}\r\n", body.size()),
                     ""));
    ASSERT_EQ(client.read_reply(true)->status, 100);
    disk.fill(16'384); // after the early look
    client.send(body);
    const auto reply = client.read_reply();
    ASSERT_TRUE(reply);
    EXPECT_EQ(refusal(*reply), "503 storage.full");
    expect_nothing_left();
    disk.free();
    EXPECT_EQ(own->upload(upload).status, 201);
}

TEST_F(FullDisk, RefusedBeforeTheBody) {
    disk.fill(16'384);
    const auto early = own->upload(form());
    EXPECT_EQ(refusal(early), "503 storage.full");
    EXPECT_NE(early.header("retry-after"), "");
    expect_nothing_left();
}

} // namespace

} // namespace hs::test
