#include "http/gzip.hpp"

#include <array>
#include <stdexcept>

#include <zlib.h>

#include "base/text.hpp"

namespace hs::http {

namespace {

constexpr std::size_t least_bytes = 1024;
constexpr int level = 5;             // JSON gains little above it
constexpr int gzip_window = 15 + 16; // zlib's way to ask for the gzip wrapper

/// "0", "0.0", …: the client refuses the coding.
bool is_zero_weight(std::string_view parameters) {
    for (const auto piece : split(parameters, ';')) {
        auto text = trim(piece);
        if (text.size() < 2 || (text[0] != 'q' && text[0] != 'Q') || text[1] != '=') continue;
        return text.substr(2).find_first_not_of("0.") == std::string_view::npos;
    }
    return false;
}

} // namespace

bool accepts_gzip(std::string_view accept_encoding) {
    bool any = false;
    for (const auto piece : split(accept_encoding, ',')) {
        const auto coding = trim(piece.substr(0, piece.find(';')));
        const auto mark = piece.find(';');
        const bool refused =
            mark != std::string_view::npos && is_zero_weight(piece.substr(mark + 1));
        if (iequals_ascii(coding, "gzip") || iequals_ascii(coding, "x-gzip")) return !refused;
        if (coding == "*") any = !refused;
    }
    return any;
}

bool is_compressible(const Response& response) {
    if (response.stream || response.body.size() <= least_bytes) return false;
    const std::string_view type = response.content_type;
    for (const auto& header : response.headers)
        if (iequals_ascii(header.first, "content-encoding")) return false;
    return type.starts_with("text/") || type.find("json") != std::string_view::npos ||
           type.find("javascript") != std::string_view::npos ||
           type.find("yaml") != std::string_view::npos || type.starts_with("image/svg");
}

std::string gzip(std::string_view text) {
    z_stream stream{};
    if (deflateInit2(&stream, level, Z_DEFLATED, gzip_window, 8, Z_DEFAULT_STRATEGY) != Z_OK)
        throw std::runtime_error("zlib has no memory");
    std::string out(deflateBound(&stream, text.size()), '\0');
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(text.data())); // zlib only reads it
    stream.avail_in = static_cast<uInt>(text.size());
    stream.next_out = reinterpret_cast<Bytef*>(out.data());
    stream.avail_out = static_cast<uInt>(out.size());
    const int status = deflate(&stream, Z_FINISH);
    out.resize(stream.total_out);
    deflateEnd(&stream);
    if (status != Z_STREAM_END) throw std::runtime_error("zlib did not finish");
    return out;
}

} // namespace hs::http
