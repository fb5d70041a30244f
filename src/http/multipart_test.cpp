#include <random>

#include <gtest/gtest.h>

#include "http/multipart.hpp"
#include "http/part_head.hpp"

namespace hs::http {

namespace {

/// What a form came to, as text that two runs can be compared by.
class Recorder final : public MultipartSink {
public:
    std::string text;

    bool is_file(const PartHead& head) const override { return head.filename.has_value(); }

    Result<void> field(const PartHead& head, std::string value) override {
        text += "F[" + head.name + "=" + value + "]";
        return {};
    }

    Result<void> file_begin(const PartHead& head) override {
        text += "B[" + head.name + "," + *head.filename + "]";
        return {};
    }

    Result<void> file_data(std::string_view bytes) override {
        text += bytes;
        return {};
    }

    Result<void> file_end() override {
        text += "E";
        return {};
    }
};

constexpr MultipartLimits small{
    .parts = 3, .field_bytes = 10, .header_bytes = 200, .file_bytes = 20};

std::string outcome(std::string_view body,
                    const std::vector<std::size_t>& cuts,
                    MultipartLimits limits = {},
                    std::string_view boundary = "xyz") {
    Recorder sink;
    MultipartParser parser(boundary, limits, sink);
    std::size_t from = 0;
    Result<void> result;
    for (std::size_t i = 0; i <= cuts.size() && result; ++i) {
        const auto to = i < cuts.size() ? cuts[i] : body.size();
        result = parser.feed(body.substr(from, to - from));
        from = to;
    }
    if (result) result = parser.finish();
    return result ? sink.text : result.error().code;
}

std::string part(const std::string& name, const std::string& value, const std::string& more = "") {
    return "--xyz\r\nContent-Disposition: form-data; name=\"" + name + "\"" + more + "\r\n\r\n" +
           value + "\r\n";
}

const std::string end = "--xyz--\r\n";

} // namespace

TEST(Multipart, Forms) {
    EXPECT_EQ(outcome(part("a", "1") + part("f", "xx", "; filename=\"y.wav\"") + end, {}),
              "F[a=1]B[f,y.wav]xxE");
    EXPECT_EQ(outcome("preamble\r\n" + part("a", "") + end + "epilogue", {}), "F[a=]");
    EXPECT_EQ(outcome(end, {}), "");
    EXPECT_EQ(outcome(part("a", "x\r\n--xy\r\n--\r\n-") + end, {}), "F[a=x\r\n--xy\r\n--\r\n-]");
    EXPECT_EQ(outcome(part("a", "\r\n") + end, {}), "F[a=\r\n]");
    EXPECT_EQ(outcome(part("f", "\r\n--xy", "; filename=\"\"") + end, {}), "B[f,]\r\n--xyE");
}

TEST(Multipart, Refusals) {
    const std::string disposition = "Content-Disposition: form-data; name=\"a\"\r\n";
    const std::vector<std::pair<std::string, std::string>> rows{
        {"", "multipart.malformed"},
        {"xyz", "multipart.malformed"},
        {part("a", "1"), "multipart.malformed"},
        {part("a", "1") + "--xyz", "multipart.malformed"},
        {"--xyz \r\n" + disposition + "\r\n1\r\n" + end, "multipart.malformed"},
        {"--xyzz\r\n" + disposition + "\r\n1\r\n" + end, "multipart.malformed"},
        {"--xyz\r\n\r\n1\r\n" + end, "multipart.malformed"},
        {"--xyz\r\nX: y\r\n\r\n1\r\n" + end, "multipart.malformed"},
        {"--xyz\r\n" + disposition + disposition + "\r\n1\r\n" + end, "multipart.malformed"},
        {"--xyz\r\nContent-Disposition: attachment; name=\"a\"\r\n\r\n1\r\n" + end,
         "multipart.malformed"},
        {"--xyz\r\nContent-Disposition: form-data; name=\"a\r\n\r\n1\r\n" + end,
         "multipart.malformed"},
        {"--xyz\r\nContent-Disposition: form-data; name=a; name=b\r\n\r\n1\r\n" + end,
         "multipart.malformed"},
        {"--xyz\r\nContent-Disposition: form-data\r\n\r\n1\r\n" + end, "multipart.malformed"},
        {"--xyz\r\nContent-Disposition form-data\r\n\r\n1\r\n" + end, "multipart.malformed"},
        {"--xyz\r\n" + disposition + " folded: x\r\n\r\n1\r\n" + end, "multipart.malformed"},
        {"--xyz\r\n" + disposition + "Content-Transfer-Encoding: base64\r\n\r\n1\r\n" + end,
         "multipart.malformed"},
        {part("\xff", "1") + end, "field.encoding"},
        {part("a\tb", "1") + end, "field.encoding"},
    };
    for (const auto& [body, code] : rows)
        EXPECT_EQ(outcome(body, {}), code) << body;
}

TEST(Multipart, LimitsAreExact) {
    EXPECT_EQ(outcome(part("a", std::string(10, 'x')) + end, {}, small), "F[a=xxxxxxxxxx]");
    EXPECT_EQ(outcome(part("a", std::string(11, 'x')) + end, {}, small), "field.too_large");
    const auto file = [](std::size_t n) {
        return part("f", std::string(n, 'x'), "; filename=\"y\"") + end;
    };
    EXPECT_EQ(outcome(file(20), {}, small), "B[f,y]" + std::string(20, 'x') + "E");
    EXPECT_EQ(outcome(file(21), {}, small), "body.too_large");
    EXPECT_EQ(outcome(part("a", "") + part("b", "") + part("c", "") + end, {}, small),
              "F[a=]F[b=]F[c=]");
    EXPECT_EQ(
        outcome(part("a", "") + part("b", "") + part("c", "") + part("d", "") + end, {}, small),
        "body.too_large");
    const auto named = [](std::size_t n) { return part(std::string(n, 'n'), "1") + end; };
    const auto longest =
        small.header_bytes - std::string("Content-Disposition: form-data; name=\"\"").size();
    EXPECT_EQ(outcome(named(longest), {}, small), "F[" + std::string(longest, 'n') + "=1]");
    EXPECT_EQ(outcome(named(longest + 1), {}, small), "field.too_large");
    // Cut anywhere, the end of the headers included.
    const auto body = named(longest);
    for (std::size_t at = 0; at < body.size(); ++at)
        EXPECT_EQ(outcome(body, {at}, small).substr(0, 2), "F[") << at;
}

TEST(Multipart, LargestBodyIsWithinTheComputedLimit) {
    const MultipartLimits limits = small;
    const std::string boundary(70, 'b');
    std::string body;
    for (std::size_t i = 0; i < limits.parts; ++i) {
        const bool file = i == 0;
        std::string head = "Content-Disposition: form-data; name=\"a\"";
        if (file) head += "; filename=\"f\"";
        head += "\r\nX: ";
        head += std::string(limits.header_bytes - head.size(), 'x');
        body += "\r\n--" + boundary + "\r\n" + head + "\r\n\r\n" +
                std::string(file ? limits.file_bytes : limits.field_bytes, 'v');
    }
    body += "\r\n--" + boundary + "--\r\n";
    EXPECT_EQ(outcome(body, {}, limits, boundary).substr(0, 6), "B[a,f]");
    EXPECT_LE(body.size(), multipart_body_limit(limits));
    EXPECT_GE(body.size() + limits.field_bytes, multipart_body_limit(limits)); // and not much below
}

TEST(Multipart, Boundaries) {
    const auto of = [](std::string_view type) {
        const auto boundary = multipart_boundary(type);
        return boundary ? *boundary : boundary.error().code;
    };
    EXPECT_EQ(of("multipart/form-data; boundary=abc"), "abc");
    EXPECT_EQ(of("multipart/form-data; charset=x; BOUNDARY=\"a b:c\""), "a b:c");
    EXPECT_EQ(of("multipart/form-data;boundary=" + std::string(70, 'a')), std::string(70, 'a'));
    for (const std::string& bad : {std::string("multipart/form-data"),
                                   std::string("multipart/form-data; boundary="),
                                   std::string("multipart/form-data; boundary=\"\""),
                                   "multipart/form-data; boundary=" + std::string(71, 'a'),
                                   std::string("multipart/form-data; boundary=\"a \""),
                                   std::string("multipart/form-data; boundary=a@b"),
                                   std::string("multipart/form-data; boundary=a; boundary=b")})
        EXPECT_EQ(of(bad), "multipart.boundary") << bad;
}

TEST(Multipart, FileNames) {
    const auto name_of = [](const std::string& parameters) {
        const auto head = parse_part_head("Content-Disposition: form-data; name=f; " + parameters);
        return head ? head->filename.value_or("none") : head.error().code;
    };
    EXPECT_EQ(name_of("filename=\"a b.wav\""), "a b.wav");
    EXPECT_EQ(name_of("filename=plain.mp3"), "plain.mp3");
    EXPECT_EQ(name_of("filename=\"a\\\"b\""), "a\"b");
    EXPECT_EQ(name_of("filename=\"C:\\calls\\x.wav\""), "C:\\calls\\x.wav");
    EXPECT_EQ(name_of("filename=\"a;b=c\""), "a;b=c");
    EXPECT_EQ(name_of("filename=\"\xe0\xa4\x95.wav\""), "\xe0\xa4\x95.wav");
    EXPECT_EQ(name_of("filename=\"caf\xe9.wav\""), "caf_.wav");
    EXPECT_EQ(name_of("x=y"), "none");
}

// Oracle: however the body is cut, the outcome is that of the uncut body.
TEST(Multipart, CutsNeverMatter) {
    const auto seed = std::random_device{}();
    SCOPED_TRACE("seed " + std::to_string(seed));
    std::mt19937 random(seed);
    const auto below = [&](std::size_t n) { return static_cast<std::size_t>(random() % n); };
    const std::vector<std::string> pieces{"\r\n--xyz",
                                          "--xyz",
                                          "\r\n",
                                          "\r",
                                          "\n",
                                          "-",
                                          "--",
                                          "Content-Disposition: form-data; name=\"a\"",
                                          "; filename=\"b\"",
                                          "\r\n\r\n",
                                          "xy",
                                          "text",
                                          ":",
                                          "\xff"};
    for (int round = 0; round < 3000; ++round) {
        std::string body = part("a", "value") + part("f", "data", "; filename=\"n\"") + end;
        for (std::size_t k = below(4); k > 0; --k)
            body.insert(below(body.size()), pieces[below(pieces.size())]);
        if (below(3) == 0) body.erase(below(body.size()), below(6));
        const auto whole = outcome(body, {});
        std::vector<std::size_t> cuts;
        for (std::size_t at = 0; at < body.size(); at += 1 + below(9))
            cuts.push_back(at);
        ASSERT_EQ(outcome(body, cuts), whole) << body;
        if (!whole.starts_with("F[") && !whole.starts_with("B[")) {
            ASSERT_TRUE(whole.empty() || whole.find('.') != std::string::npos) << whole;
        }
    }
}

} // namespace hs::http
