// The rules that replies are checked with: each keyword refuses what it must, and says where.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include "app/yaml_json.hpp"
#include "support/json_schema.hpp"

namespace hs::test {

namespace {

using ::testing::Contains;
using ::testing::ElementsAre;
using ::testing::HasSubstr;
using ::testing::IsEmpty;
using ::testing::SizeIs;

const json::value& shared() {
    static const auto document = app::json_of_yaml(R"(
defs:
  Id: {type: string, format: uuid}
  Named: {type: object, required: [name], properties: {name: {type: string}}}
)");
    return document;
}

std::vector<std::string> faults(const std::string& schema, const std::string& value) {
    return JsonSchema(shared()).faults(app::json_of_yaml(schema), parse_json(value).value());
}

struct Case {
    const char* schema;
    const char* good;
    const char* bad;
    const char* complaint;
};

class Keywords : public ::testing::TestWithParam<Case> {};

TEST_P(Keywords, TakesTheGoodAndRefusesTheBad) {
    const auto& param = GetParam();
    EXPECT_THAT(faults(param.schema, param.good), IsEmpty()) << param.good;
    EXPECT_THAT(faults(param.schema, param.bad), ElementsAre(HasSubstr(param.complaint)))
        << param.bad;
}

INSTANTIATE_TEST_SUITE_P(
    All,
    Keywords,
    ::testing::Values(
        Case{"{type: string}", R"("a")", "1", "/: 1 is not of type"},
        Case{"{type: integer}", "3", "3.0", "not of type"},
        Case{"{type: number}", "3", R"("3")", "not of type"},
        Case{"{type: boolean}", "true", "null", "not of type"},
        Case{"{type: [string, 'null']}", "null", "0", "not of type"},
        Case{"{type: 'null'}", "null", "false", "not of type"},
        Case{"{type: object, properties: {a: {type: string}}}",
             R"({"a":"x"})",
             R"({"a":2})",
             "/a: 2 is not of type"},
        Case{"{type: object, required: [a], properties: {a: {}}}",
             R"({"a":null})",
             "{}",
             "member that is missing: a"},
        Case{"{type: object, properties: {a: {}}}",
             R"({"a":1})",
             R"({"a":1,"b":2})",
             "does not name: b"},
        Case{"{type: object, additionalProperties: false}", "{}", R"({"b":2})", "does not name: b"},
        Case{"{type: object, properties: {a: {}}, additionalProperties: {type: string}}",
             R"({"a":1,"b":"x"})",
             R"({"a":1,"b":2})",
             "/b: 2 is not of type"},
        Case{"{enum: [a, 'true', 1]}", R"("true")", "true", "is none of"},
        Case{"{const: success}", R"("success")", R"("error")", "is not"},
        Case{"{type: array, items: {type: integer}}", "[1,2]", "[1,\"2\"]", "/1: "},
        Case{"{minItems: 1}", "[1]", "[]", "fewer items"},
        Case{"{maxItems: 1}", "[1]", "[1,2]", "more items"},
        Case{"{uniqueItems: true}", "[1,2]", "[1,1]", "twice: 1"},
        Case{"{minLength: 2}", R"("ab")", R"("é")", "shorter"},
        Case{"{maxLength: 2}", R"("éé")", R"("abc")", "longer"},
        Case{"{pattern: '^[a-z]+$'}", R"("abc")", R"("a1")", "does not match"},
        Case{"{minimum: 0}", "0", "-0.5", "below"},
        Case{"{maximum: 1}", "1", "1.01", "above"},
        Case{"{format: uuid}",
             R"("01a20376-0273-7d33-9d89-e73b205eecab")",
             R"("01A20376-0273-7d33-9d89-e73b205eecab")",
             "is no uuid"},
        Case{"{format: date-time}",
             R"("2026-11-22T13:33:15.284+00:00")",
             R"("2026-11-22 13:33:15")",
             "is no date-time"},
        Case{"{format: date}", R"("2026-02-28")", R"("2026-13-01")", "is no date"},
        Case{"{format: uri}", R"("http://a/b?c")", R"("/b")", "is no uri"},
        Case{"{$ref: '#/defs/Id'}",
             R"("01a20376-0273-7d33-9d89-e73b205eecab")",
             R"("x")",
             "is no uuid"},
        Case{"{oneOf: [{type: string}, {type: integer}]}",
             "1",
             "true",
             "fits no branch of oneOf; nearest: /: true is not of type"},
        Case{"{oneOf: [{type: integer}, {minimum: 0}]}", "-1", "1", "fits 2 branches"},
        Case{"{anyOf: [{type: string}, {type: 'null'}]}", "null", "1", "fits no branch"},
        Case{"{allOf: [{$ref: '#/defs/Named'}, {properties: {age: {type: integer}}}]}",
             R"({"name":"x","age":3})",
             R"({"name":"x","age":3,"c":1})",
             "does not name: c"},
        Case{"{allOf: [{$ref: '#/defs/Named'}, {properties: {age: {type: integer}}}]}",
             R"({"name":"x"})",
             R"({"age":3})",
             "missing: name"}));

TEST(JsonSchemaRules, NamesOfABranchThatDoesNotHoldDoNotCount) {
    const auto* const schema = "{oneOf: [{required: [a], properties: {a: {}}},"
                               " {required: [b], properties: {b: {}, c: {}}}]}";
    EXPECT_THAT(faults(schema, R"({"b":1,"c":2})"), IsEmpty());
    EXPECT_THAT(faults(schema, R"({"a":1,"c":2})"), ElementsAre(HasSubstr("does not name: c")));
}

TEST(JsonSchemaRules, WhatFailsInsideABranchIsTold) {
    const auto* const schema =
        "{oneOf: [{required: [a, b, c]}, {properties: {d: {type: string}}}]}";
    EXPECT_THAT(faults(schema, R"({"d":1})"), ElementsAre(HasSubstr("/d: 1 is not of type")));
}

TEST(JsonSchemaRules, AllFaultsAreToldWithTheirPlaces) {
    const auto* const schema =
        "{type: array, items: {type: object, required: [id], properties: {id: {type: integer}}}}";
    EXPECT_THAT(faults(schema, R"([{"id":1},{"id":"x"},{"d":1}])"),
                ElementsAre(HasSubstr("/1/id: "), HasSubstr("/2: "), HasSubstr("/2: ")));
}

TEST(JsonSchemaRules, UnknownKeywordIsAFault) {
    EXPECT_THAT(faults("{type: string, nullable: true}", R"("a")"),
                ElementsAre(HasSubstr("not supported: nullable")));
    EXPECT_THAT(faults("{format: hostname}", R"("a")"), ElementsAre(HasSubstr("not supported")));
    EXPECT_THAT(faults("{type: text}", R"("a")"), ElementsAre(HasSubstr("no type")));
    EXPECT_THROW((void)faults("{$ref: '#/defs/Nobody'}", "1"), std::runtime_error);
}

TEST(JsonSchemaRules, UnknownKeywordIsFoundInEveryBranch) {
    const JsonSchema schemas(shared());
    EXPECT_THAT(schemas.unknown_words(app::json_of_yaml(
                    "{anyOf: [{properties: {a: {items: {not: {type: string}}}}}], x-own: 1}")),
                ElementsAre(HasSubstr("not")));
    EXPECT_THAT(schemas.unknown_words(app::json_of_yaml("{additionalProperties: {format: ipv4}}")),
                SizeIs(1));
}

TEST(YamlAsJson, ScalarsKeepTheirKind) {
    EXPECT_EQ(
        json::serialize(app::json_of_yaml("{a: 1, b: '1', c: 1.5, d: true, e: 'true', f: null,"
                                          " g: text, h: \"x\\ny\", i: [], \"j\":\"k\"}")),
        R"({"a":1,"b":"1","c":1.5E0,"d":true,"e":"true","f":null,"g":"text",)"
        R"("h":"x\ny","i":[],"j":"k"})");
    EXPECT_THROW((void)app::json_of_yaml("{a: 1, a: 2}"), std::runtime_error);
}

} // namespace

} // namespace hs::test
