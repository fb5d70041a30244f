#include <gtest/gtest.h>

#include "api/json_members.hpp"
#include "base/json.hpp"

namespace hs::api {
namespace {

TEST(JsonMembers, KeepTheirBytesAndTheirOrder) {
    const std::string row = R"({"a":0.0,"b":"x","c":{"d":[1,{"a":2}],"e":null},"f":[],"g":true})";
    EXPECT_EQ(only_members(row, {"g", "a", "c"}),
              R"({"a":0.0,"c":{"d":[1,{"a":2}],"e":null},"g":true})");
    EXPECT_EQ(only_members(row, {"f"}), R"({"f":[]})");
    EXPECT_EQ(only_members(row, {"d", "e"}), "{}") << "members of members are not members";
    EXPECT_EQ(only_members(row, {"a", "b", "c", "f", "g"}), row);
    EXPECT_EQ(only_members("{}", {"a"}), "{}");
}

TEST(JsonMembers, SignsInTextsAreText) {
    for (const std::string text : {"},{", "\"", "\\", "\\\"", "a\\\\\",\"b\":1", "[{,]}", ""}) {
        JsonWriter json;
        json.begin_object().field("first", text).key("list").begin_array().string(text).end_array();
        json.field("b", "x").field("last", text).end_object();
        const auto row = json.take();
        const auto kept = parse_json(only_members(row, {"last", "b", "list"}));
        ASSERT_TRUE(kept) << row;
        EXPECT_EQ(kept->as_object().size(), 3U) << row;
        EXPECT_EQ(kept->at("last"), json::string(text)) << row;
        EXPECT_EQ(kept->at("b"), "x") << row;
        EXPECT_EQ(kept->at("list").at(0), json::string(text)) << row;
    }
}

} // namespace
} // namespace hs::api
