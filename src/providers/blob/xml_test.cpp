#include <random>
#include <string>
#include <vector>

#include <gtest/gtest.h>

#include "providers/blob/xml.hpp"

using namespace hs::providers;

TEST(Xml, ReadsWhatStoresSend) {
    const auto read = parse_xml(R"(<?xml version="1.0" encoding="UTF-8"?>
<!-- a listing -->
<ListBucketResult xmlns="http://s3.amazonaws.com/doc/2006-03-01/"><Name>b</Name><Prefix/>
  <Contents><Key>a &amp; b&#x0A;&#233;</Key><Size>3</Size></Contents>
  <Contents><Key><![CDATA[<c>]]></Key><!-- x --></Contents><s3:IsTruncated>false</s3:IsTruncated>
</ListBucketResult>
)");
    ASSERT_TRUE(read);
    EXPECT_EQ(read->name, "ListBucketResult");
    ASSERT_EQ(read->children.size(), 5U);
    EXPECT_EQ(read->child_text("Prefix"), "");
    EXPECT_EQ(read->children[2].child_text("Key"), "a & b\n\u00e9");
    EXPECT_EQ(read->children[3].child_text("Key"), "<c>");
    EXPECT_EQ(read->child_text("IsTruncated"), "false");
    EXPECT_EQ(read->child("Missing"), nullptr);
}

TEST(Xml, RefusesWhatIsNone) {
    std::string deep;
    for (int i = 0; i < 100; ++i)
        deep += "<a>";
    const std::vector<std::string> broken{"",
                                          "text",
                                          "<a>",
                                          "<a></b>",
                                          "<a><b></a></b>",
                                          "<!DOCTYPE a [<!ENTITY x \"y\">]><a>&x;</a>",
                                          "<a>&x;</a>",
                                          "<a>&#xD800;</a>",
                                          "<a>&#0;</a>",
                                          "<a/><b/>",
                                          "<a>&amp</a>",
                                          "<a>\xff</a>",
                                          deep};
    for (const auto& text : broken)
        EXPECT_FALSE(parse_xml(text)) << text;
}

TEST(Xml, EscapedTextComesBack) {
    const std::string text = "a<b>&\"c' \u0905";
    EXPECT_EQ(parse_xml("<k>" + xml_escaped(text) + "</k>")->text, text);
}

TEST(Xml, NothingBreaksTheReader) {
    const auto seed = std::random_device()();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    const std::string whole = "<?xml?><a x='1'><b>t&lt;&#65;</b><!-- c --><![CDATA[d]]></a>";
    for (int i = 0; i < 3000; ++i) {
        auto text = whole;
        for (unsigned changes = random() % 4 + 1; changes > 0; --changes)
            text[random() % text.size()] = static_cast<char>(whole[random() % whole.size()]);
        static_cast<void>(parse_xml(text.substr(0, random() % (text.size() + 1))));
        const auto read = parse_xml(text);
        EXPECT_TRUE(!read || !read->name.empty()) << text;
    }
}
