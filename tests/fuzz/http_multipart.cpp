// Fuzz target: the multipart parser. Compiled with -fsanitize=fuzzer it searches; with
// -DHS_FUZZ_SEEDS it is a plain program that runs the files named on its command line (or a few
// built-in seeds) and some thousand random changes of each.
//
// Input: one byte that decides how the body is cut, then the body; the boundary is "xyz".
// Oracles: cutting changes nothing; what comes out is no more than went in; limits hold.
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <iterator>
#include <random>
#include <string>
#include <string_view>
#include <vector>

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

#ifdef HS_FUZZ_SEEDS
namespace {

std::vector<std::string> built_in_seeds() {
    const std::string field = "--xyz\r\nContent-Disposition: form-data; name=\"a\"\r\n\r\n1\r\n";
    const std::string file =
        "--xyz\r\nContent-Disposition: form-data; name=\"f\"; filename=\"n.wav\"\r\n"
        "Content-Type: audio/wav\r\n\r\nRIFF\r\n--xy\r\n";
    return {"\x01" + field + "--xyz--\r\n",
            "\x07" + field + file + "--xyz--\r\n",
            "\x03preamble\r\n" + file + field + "--xyz--epilogue",
            "\x10--xyz--"};
}

std::string read(const char* path) {
    std::ifstream in(path, std::ios::binary);
    return {std::istreambuf_iterator<char>(in), {}};
}

void run(const std::string& input) {
    LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(input.data()), input.size());
}

/// One random change: a byte replaced, removed or doubled, or a piece of syntax put in.
void change(std::string& input, std::mt19937& random) {
    static const std::vector<std::string> pieces{"\r\n--xyz",
                                                 "--",
                                                 "\r\n",
                                                 "\r",
                                                 "\n",
                                                 "\"",
                                                 ";",
                                                 "=",
                                                 "\\",
                                                 "name=",
                                                 "filename=\"",
                                                 "\xff"};
    if (input.empty()) return;
    const auto at = random() % input.size();
    switch (random() % 4) {
    case 0: input[at] = static_cast<char>(random()); break;
    case 1: input.erase(at, 1 + random() % 8); break;
    case 2: input.insert(at, pieces[random() % pieces.size()]); break;
    default: input.insert(at, input.substr(at, 1 + random() % 64)); break;
    }
}

} // namespace

int main(int count, char** arguments) {
    std::vector<std::string> seeds;
    for (int i = 1; i < count; ++i)
        seeds.push_back(read(arguments[i]));
    if (seeds.empty()) seeds = built_in_seeds();
    const auto seed = std::random_device{}();
    std::printf("seed %u\n", seed);
    std::mt19937 random(seed);
    for (const auto& original : seeds) {
        run(original);
        std::string input = original;
        for (int round = 0; round < 5000; ++round) {
            if (round % 10 == 0) input = original;
            change(input, random);
            run(input);
        }
    }
    std::printf("ok\n");
}
#endif
