#include <cmath>
#include <limits>
#include <random>
#include <stdexcept>

#include <gtest/gtest.h>

#include "base/json.hpp"

using namespace hs;

TEST(JsonNumber, AlwaysHasAFraction) {
    EXPECT_EQ(json_number(0), "0.0");
    EXPECT_EQ(json_number(-0.0), "0.0");
    EXPECT_EQ(json_number(1), "1.0");
    EXPECT_EQ(json_number(0.77), "0.77");
    EXPECT_EQ(json_number(-12.5), "-12.5");
    EXPECT_EQ(json_number(0.1 + 0.2), "0.30000000000000004");
    EXPECT_EQ(json_number(1e22), "1.0e+22");
    EXPECT_EQ(json_number(1e-9), "1.0e-09");
    EXPECT_THROW((void)json_number(std::numeric_limits<double>::infinity()), std::domain_error);
    EXPECT_THROW((void)json_number(std::numeric_limits<double>::quiet_NaN()), std::domain_error);
}

TEST(JsonNumber, ReadsBackTheSame) {
    const auto seed = std::random_device()();
    SCOPED_TRACE(seed);
    std::mt19937_64 random(seed);
    for (int i = 0; i < 5000; ++i) {
        const double value =
            std::ldexp(static_cast<double>(random()), static_cast<int>(random() % 200) - 150);
        const auto parsed = parse_json(json_number(value));
        ASSERT_TRUE(parsed);
        ASSERT_EQ(parsed->get_double(), value);
    }
}

TEST(RoundHalfAway, WorksOnTheWrittenDecimal) {
    EXPECT_EQ(round_half_away(0.285, 2), 0.29);
    EXPECT_EQ(round_half_away(2.675, 2), 2.68);
    EXPECT_EQ(round_half_away(0.71835, 4), 0.7184);
    EXPECT_EQ(round_half_away(0.71834999, 4), 0.7183);
    EXPECT_EQ(round_half_away(-0.285, 2), -0.29);
    EXPECT_EQ(round_half_away(9.995, 2), 10.0);
    EXPECT_EQ(round_half_away(99.95, 1), 100.0);
    EXPECT_EQ(round_half_away(0.5, 0), 1.0);
    EXPECT_EQ(round_half_away(9.5, 0), 10.0);
    EXPECT_EQ(round_half_away(3, 2), 3.0);
    EXPECT_EQ(json_number(round_half_away(-0.00001, 4)), "0.0");
}

TEST(ParseJson, RefusesBrokenText) {
    EXPECT_TRUE(parse_json(R"({"a":[1,2.5,"x",null,true]})"));
    EXPECT_TRUE(parse_json(std::string(60, '[') + std::string(60, ']')));
    for (const std::string& text : {std::string(),
                                    std::string("{"),
                                    std::string("{} x"),
                                    std::string("\xEF\xBB\xBF{}"),
                                    std::string("\"\xFF\""),
                                    std::string("NaN"),
                                    std::string("[1e999]"),
                                    std::string("{'a':1}"),
                                    std::string(70, '[') + std::string(70, ']')}) {
        const auto parsed = parse_json(text);
        ASSERT_FALSE(parsed) << text;
        EXPECT_EQ(parsed.error().code, "json.invalid");
    }
}

TEST(ParseJson, ReadsNumbersExactly) {
    for (int i = 0; i <= 100000; ++i) {
        const double value = i / 10000.0;
        ASSERT_EQ(parse_json(json_number(value))->get_double(), value);
    }
    EXPECT_EQ(parse_json("1e-999")->get_double(), 0.0);
    EXPECT_EQ(parse_json("123456789012345678901234567890")->get_double(),
              123456789012345678901234567890.0);
    EXPECT_EQ(parse_json("[-7,18446744073709551615]")->at(0).get_int64(), -7);
}

TEST(CanonicalJson, SortsAndShortens) {
    const auto value = parse_json(R"({"b":[1.0,1e21,1e-7,0.000001,333333333.33333329,4.50,-0.0],
        "a":"\u20ac$\u000F\u000aA'\u0042\u0022\u005c\\\"\/", "":{}, "B":null, "10":true})");
    ASSERT_TRUE(value);
    EXPECT_EQ(canonical_json(*value),
              R"({"":{},"10":true,"B":null,"a":"€$\u000f\nA'B\"\\\\\"/",)"
              R"("b":[1,1e+21,1e-7,0.000001,333333333.3333333,4.5,0]})");
}

TEST(CanonicalJson, OrdersKeysByUtf16Units) {
    const auto value = parse_json(R"({"\ufb33":1,"\ud83d\ude00":2,"\u20ac":3})");
    ASSERT_TRUE(value);
    EXPECT_EQ(canonical_json(*value), "{\"€\":3,\"😀\":2,\"\uFB33\":1}");
}

TEST(CanonicalJson, NumbersAsEcmascriptWritesThem) {
    // From the samples of RFC 8785, appendix B.
    const std::pair<const char*, const char*> samples[] = {
        {"9007199254740992", "9007199254740992"},
        {"1e23", "1e+23"},
        {"9.999999999999997e22", "9.999999999999997e+22"},
        {"999999999999999900000", "999999999999999900000"},
        {"5e-324", "5e-324"},
        {"1.7976931348623157e308", "1.7976931348623157e+308"},
        {"-4.35", "-4.35"},
        {"0.0000033333333333333333", "0.0000033333333333333333"},
        {"120", "120"}};
    for (const auto& [given, expected] : samples)
        EXPECT_EQ(canonical_json(parse_json(given).value()), expected);
}

TEST(JsonWriter, KeepsOrderAndSeparators) {
    JsonWriter out;
    out.begin_object()
        .field("status", "success")
        .field("count", 3)
        .field("big", std::int64_t{9007199254740993})
        .field("ratio", 1.0)
        .field("on", true)
        .field("name", std::optional<std::string>())
        .null_field("none")
        .key("list")
        .begin_array()
        .number(0.12345, 4)
        .raw("{}")
        .begin_object()
        .end_object()
        .end_array()
        .field("last", std::string_view("\"\n\x01\x7F"))
        .end_object();
    EXPECT_EQ(out.take(),
              R"({"status":"success","count":3,"big":9007199254740993,"ratio":1.0,"on":true,)"
              R"("name":null,"none":null,"list":[0.1235,{},{}],"last":"\"\n\u0001\u007f"})");
    EXPECT_EQ(out.take(), "");
}

TEST(JsonWriter, WritesDocuments) {
    const auto value = parse_json(R"({"z":[1,2.0,"é",null,{"k":false}],"a":18446744073709551615})");
    JsonWriter out;
    out.begin_array().document(value.value()).integer(7).end_array();
    EXPECT_EQ(out.take(), R"([{"z":[1,2.0,"é",null,{"k":false}],"a":18446744073709551615},7])");
}

TEST(JsonWriter, NeverWritesBrokenUtf8) {
    JsonWriter out;
    out.string("a\xFFz");
    EXPECT_EQ(out.take(), "\"a\uFFFDz\"");
}
