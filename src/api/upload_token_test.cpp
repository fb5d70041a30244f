#include <gtest/gtest.h>

#include "api/upload_token.hpp"

using namespace hs;
using namespace hs::api;

namespace {

Key256 key(std::uint8_t first) {
    Key256 out{};
    out[0] = first;
    return out;
}

} // namespace

TEST(UploadToken, ComesBackAndCannotBeBent) {
    const TenantId tenant{Uuid::random()};
    const DirectUpload upload{CallId{Uuid::random()},
                              123456789,
                              sha256(bytes_of("sound")),
                              parse_rfc3339("2026-02-03T10:00:00Z").value()};
    const auto token = upload_token(key(1), tenant, upload);
    const auto read = read_upload_token(key(1), tenant, token);
    ASSERT_TRUE(read);
    EXPECT_EQ(read->id, upload.id);
    EXPECT_EQ(read->size, upload.size);
    EXPECT_EQ(read->sha256, upload.sha256);
    EXPECT_EQ(read->complete_until, upload.complete_until);
    EXPECT_FALSE(read_upload_token(key(2), tenant, token));
    EXPECT_FALSE(read_upload_token(key(1), TenantId{Uuid::random()}, token));
    EXPECT_FALSE(read_upload_token(key(1), tenant, ""));
    EXPECT_FALSE(read_upload_token(key(1), tenant, token.substr(4)));
    for (std::size_t i = 0; i < token.size(); ++i) {
        auto bent = token;
        bent[i] = bent[i] == 'A' ? 'B' : 'A';
        EXPECT_FALSE(read_upload_token(key(1), tenant, bent)) << i;
    }
}
