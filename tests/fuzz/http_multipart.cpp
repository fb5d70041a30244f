// Fuzz target: the multipart parser.
//
// Input: one byte that decides how the body is cut, then the body; the boundary is "xyz".
// Oracles: cutting changes nothing; what comes out is no more than went in; limits hold.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "http/multipart.hpp"

namespace {

using namespace hs;
using namespace hs::http;

constexpr MultipartLimits limits{
    .parts = 8, .field_bytes = 64, .header_bytes = 256, .file_bytes = 512};

void require(bool holds, const char* what) {
    if (holds) return;
    std::fprintf(stderr, "broken: %s\n", what);
    std::abort();
}

class Recorder final : public MultipartSink {
public:
    std::string text;
    std::size_t parts = 0;
    std::size_t content = 0;

    bool is_file(const PartHead& head) const override { return head.filename.has_value(); }

    Result<void> field(const PartHead& head, std::string value) override {
        require(!in_file_, "a field inside a file");
        require(value.size() <= limits.field_bytes, "a field above its limit");
        require(!head.name.empty(), "a field without name");
        ++parts;
        content += value.size();
        text += "F" + std::to_string(head.name.size()) + head.name + std::to_string(value.size()) +
                value;
        return {};
    }

    Result<void> file_begin(const PartHead& head) override {
        require(!in_file_, "a file inside a file");
        in_file_ = true;
        ++parts;
        text += "B" + head.name;
        return {};
    }

    Result<void> file_data(std::string_view bytes) override {
        require(in_file_, "data outside a file");
        content += bytes.size();
        text += bytes;
        return {};
    }

    Result<void> file_end() override {
        require(in_file_, "an end without a file");
        in_file_ = false;
        text += "E";
        return {};
    }

private:
    bool in_file_ = false;
};

std::string outcome(std::string_view body, std::size_t step) {
    Recorder sink;
    MultipartParser parser("xyz", limits, sink);
    Result<void> result;
    for (std::size_t at = 0; at < body.size() && result; at += step)
        result = parser.feed(body.substr(at, step));
    if (result) result = parser.finish();
    require(sink.content <= body.size(), "more came out than went in");
    require(sink.parts <= limits.parts, "more parts than the limit");
    require(!result || sink.text.empty() || sink.parts > 0, "content without parts");
    return result ? "ok:" + sink.text : "error:" + result.error().code;
}

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
    if (size == 0) return 0;
    const std::string_view body(reinterpret_cast<const char*>(data + 1), size - 1);
    const auto whole = outcome(body, body.size() + 1);
    require(whole == outcome(body, 1), "byte by byte differs");
    require(whole == outcome(body, 1 + data[0] % 97U), "cut body differs");
    return 0;
}

#include "seeds_main.hpp"
