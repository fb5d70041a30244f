#include <set>

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "api/api_test.hpp"
#include "app/yaml_json.hpp"
#include "base/files.hpp"

namespace hs::test {

namespace {

using testing::HasSubstr;

TEST(Documentation, TheContractIsServedAsItStands) {
    const auto& server = UploadTest::server();
    const auto yaml = server.ask("GET /openapi.yaml");
    EXPECT_EQ(yaml.status, 200);
    EXPECT_EQ(yaml.body, read_file(HS_SOURCE_DIR "/api/openapi.yaml").value());
    const auto as_json = server.ask("GET /openapi.json");
    EXPECT_EQ(parse_json(as_json.body).value(), app::json_of_yaml(yaml.body));
}

TEST(Documentation, ThePageShowsEveryOperationAndSchema) {
    const auto& server = UploadTest::server();
    const auto page = server.ask("GET /docs");
    ASSERT_EQ(page.status, 200);
    const auto document = parse_json(server.ask("GET /openapi.json").body).value();
    for (const auto& path : document.at("paths").as_object())
        for (const auto& method : path.value().as_object()) {
            const std::string id(method.value().at("operationId").as_string());
            EXPECT_THAT(page.body, HasSubstr("<section id=\"" + id + "\">"));
            EXPECT_THAT(page.body, HasSubstr("href=\"#" + id + "\""));
        }
    for (const auto& schema : document.at("components").at("schemas").as_object())
        EXPECT_THAT(page.body, HasSubstr("id=\"schema-" + std::string(schema.key()) + "\""));
    EXPECT_EQ(page.body.find("<script"), std::string::npos);
    EXPECT_EQ(server.ask("GET /redoc").body, page.body);
    EXPECT_EQ(server.ask("GET /docs/reference.css").header("content-type"),
              "text/css; charset=utf-8");
}

} // namespace

} // namespace hs::test
