#include <gmock/gmock.h>

#include "providers/blob/s3_lifecycle.hpp"
#include "providers/blob/store_fixture_for_test.hpp"
#include "providers/blob/xml.hpp"

using namespace hs;
using namespace hs::providers;
using testing::HasSubstr;
using testing::Not;

TEST(S3Lifecycle, KeepsForeignRulesAndReplacesOurs) {
    S3Bench bench;
    ASSERT_EQ(read_lifecycle(*bench.client, bench.clock).value(), "");
    const std::string foreign =
        "<LifecycleConfiguration><Rule><ID>logs</ID><Filter><Prefix>a&amp;b/</Prefix></Filter>"
        "<Status>Enabled</Status><Expiration><Days>3</Days></Expiration></Rule>"
        "</LifecycleConfiguration>";
    ASSERT_TRUE(write_lifecycle(*bench.client, foreign, bench.clock));
    S3Lifecycle rules;
    rules.transition_days = 30;
    rules.storage_class = "GLACIER_IR";
    rules.expiry_days = 180;
    const auto once =
        lifecycle_document(rules, "p/", read_lifecycle(*bench.client, bench.clock).value());
    ASSERT_TRUE(once);
    ASSERT_TRUE(write_lifecycle(*bench.client, *once, bench.clock));
    EXPECT_THAT(*once, HasSubstr("<ID>logs</ID><Filter><Prefix>a&amp;b/</Prefix>"));
    EXPECT_THAT(*once,
                HasSubstr("<Prefix>p/t/</Prefix></Filter><Status>Enabled</Status>"
                          "<Transition><Days>30</Days>"
                          "<StorageClass>GLACIER_IR</StorageClass></Transition>"
                          "<Expiration><Days>180</Days></Expiration>"));
    EXPECT_THAT(*once, HasSubstr("<DaysAfterInitiation>1</DaysAfterInitiation>"));
    EXPECT_THAT(*once, HasSubstr("<Prefix>p/quarantine/</Prefix>"));
    EXPECT_EQ(parse_xml(*once)->children.size(), 6U);
    rules = {};
    const auto twice =
        lifecycle_document(rules, "p/", read_lifecycle(*bench.client, bench.clock).value());
    EXPECT_EQ(parse_xml(*twice)->children.size(), 5U) << "ours once, and none for recordings";
    EXPECT_THAT(*twice, Not(HasSubstr("GLACIER_IR")));
    EXPECT_EQ(lifecycle_document(rules, "", "<html></html>").error().code, "storage.reply");
}
