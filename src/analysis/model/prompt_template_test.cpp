#include <gmock/gmock.h>

#include "analysis/model/model_answer.hpp"
#include "analysis/model/model_test_support.hpp"
#include "analysis/model/prompt_template.hpp"
#include "analysis/model/schema_check.hpp"

namespace hs::analysis {
namespace {

using ::testing::HasSubstr;
using ::testing::Not;

std::string file(const std::string& variables, const std::string& user) {
    return "---\nid: x\nversion: 2\npurpose: judge\nmodel: {tier: small, min_context: 1, "
           "temperature: 0, max_output: 10}\nvariables: [" +
           variables + "]\nschema: s\n---\n## system\nYou judge.\n## user\n" + user + "\n";
}

std::string error_of(const std::string& content) {
    const auto read = read_prompt(content, "{}", "x/2.md");
    return read ? "" : read.error().message;
}

TEST(PromptTemplate, ShippedPromptsAreSound) {
    const auto prompt = load_newest_prompt(test::source_dir + "/prompts", "sop-judge");
    ASSERT_TRUE(prompt) << prompt.error().message;
    EXPECT_EQ(prompt->purpose, "judge");
    EXPECT_EQ(prompt->content_hash.size(), 64U);
    EXPECT_TRUE(schema_errors(prompt->schema, test::reply()).empty());
}

TEST(PromptTemplate, LintNamesWhatIsMissingAndWhatIsNotUsed) {
    EXPECT_EQ(error_of(file("a", "{{a}}")), "");
    EXPECT_THAT(error_of(file("", "{{a}}")), HasSubstr("x/2.md: variable a is not declared"));
    EXPECT_THAT(error_of(file("a, b", "{{a}}")), HasSubstr("variable b is not used"));
    EXPECT_THAT(error_of(file("a", "{{#each a}}{{b}}")), HasSubstr("without {{/each}}"));
    EXPECT_THAT(error_of(file("a", "{{a}}{{/each}}")), HasSubstr("without {{#each}}"));
    EXPECT_THAT(error_of(file("a", "{{a")), HasSubstr("without \"}}\""));
    EXPECT_THAT(error_of("no front matter"), HasSubstr("front matter"));
    EXPECT_THAT(error_of("---\nid: [\n---\n## system\n\n## user\n\n"), HasSubstr("line "));
    auto hot = file("a", "{{a}}");
    hot.replace(hot.find("temperature: 0"), 14, "temperature: 1");
    EXPECT_THAT(error_of(hot), HasSubstr("temperature"));
}

TEST(PromptTemplate, ValuesAreNeverReadAgain) {
    const auto prompt =
        read_prompt(file("a, list", "{{a}}|{{#each list}}<{{v}}>{{/each}}"), "{}", "x");
    ASSERT_TRUE(prompt) << prompt.error().message;
    PromptValues values;
    values.texts["a"] = "{{list}} {{#each list}}";
    values.lists["list"] = {{{"v", "1"}}, {{"v", "{{a}}"}}};
    const auto out = prompt->render(values);
    EXPECT_EQ(out.user, "{{list}} {{#each list}}|<1><{{a}}>");
    EXPECT_EQ(out.system, "You judge.");
}

TEST(PromptTemplate, TheHashIsOfTheContentNotOfItsBlanks) {
    const auto hash = [](const std::string& content, const std::string& schema) {
        return read_prompt(content, schema, "x")->content_hash;
    };
    const auto plain = file("a", "{{a}} b");
    const auto blanks = file("a", "{{a}} b  \r\n\n");
    EXPECT_EQ(hash(plain, "{}"), hash(blanks, "{ }"));
    EXPECT_NE(hash(plain, "{}"), hash(file("a", "{{a}} c"), "{}"));
    EXPECT_NE(hash(plain, "{}"), hash(plain, R"({"type":"object"})"));
}

std::vector<std::string> complaints_about(const json::object& document) {
    return schema_errors(test::prompt()->schema, document);
}

TEST(SchemaCheck, NamesThePathAndNoValue) {
    using ::testing::ElementsAre;
    EXPECT_TRUE(complaints_about(test::reply({test::answer("q", "pass", 0.5)})).empty());
    auto state = test::reply({test::answer("q", "maybe", 0.5)});
    EXPECT_THAT(complaints_about(state),
                ElementsAre("answers[0].state: not one of pass, fail, na, unsure"));
    auto high = test::reply({test::answer("q", "pass", 1.5)});
    EXPECT_THAT(complaints_about(high), ElementsAre("answers[0].confidence: is above 1"));
    auto empty = test::reply({test::answer("q", "pass", 1, {test::quote(0, "")})});
    EXPECT_THAT(complaints_about(empty),
                ElementsAre("answers[0].evidence[0].turn: is below 1",
                            "answers[0].evidence[0].quote: is empty"));
    auto missing = test::reply();
    missing.erase("insights");
    EXPECT_THAT(complaints_about(missing), ElementsAre("insights: is missing"));
    auto more = test::reply();
    more["score"] = 1;
    EXPECT_THAT(complaints_about(more),
                ElementsAre("the answer: has a member that the schema does not know"));
    auto type = test::reply();
    type["answers"] = "secret words";
    EXPECT_THAT(complaints_about(type), ElementsAre("answers: must be array"));
    auto value = test::reply({test::answer("q", "pass", 1)});
    value["answers"].as_array()[0].as_object()["value"] = true;
    EXPECT_THAT(complaints_about(value),
                ElementsAre("answers[0].value: must be string or number or array or null"));
}

TEST(SchemaCheck, BoundsWhatItLists) {
    json::array many;
    for (int i = 0; i < 200; ++i)
        many.push_back(test::answer("q", "maybe", 7));
    auto document = test::reply();
    document["answers"] = many;
    EXPECT_EQ(complaints_about(document).size(), 20U);
    std::vector<std::string> complaints;
    EXPECT_FALSE(checked_claims(test::prompt()->schema, "{\"answers\":", complaints));
    EXPECT_THAT(complaints.at(0), HasSubstr("is no JSON"));
    complaints.clear();
    EXPECT_FALSE(checked_claims(test::prompt()->schema, "[1e999]", complaints));
    EXPECT_FALSE(complaints.empty());
}

} // namespace
} // namespace hs::analysis
