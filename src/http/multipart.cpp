#include "http/multipart.hpp"

#include <algorithm>

#include "base/text.hpp"
#include "http/part_head.hpp"

namespace hs::http {

namespace {

constexpr std::size_t max_boundary = 70; // RFC 2046

std::unexpected<Error> malformed(std::string why) {
    return fail(ErrorKind::invalid, "multipart.malformed", std::move(why));
}

bool is_boundary_char(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9') ||
           std::string_view("'()+_,-./:=? ").find(c) != std::string_view::npos;
}

} // namespace

Result<std::string> multipart_boundary(std::string_view content_type) {
    auto boundary = header_parameter(content_type, "boundary");
    const bool valid = boundary && *boundary && !(*boundary)->empty() &&
                       (*boundary)->size() <= max_boundary && (*boundary)->back() != ' ' &&
                       std::ranges::all_of(**boundary, is_boundary_char);
    if (!valid)
        return fail(ErrorKind::invalid,
                    "multipart.boundary",
                    "The form's Content-Type has no valid boundary.");
    return std::move(**boundary);
}

std::uint64_t multipart_body_limit(const MultipartLimits& limits) {
    // delimiter "\r\n--" boundary "\r\n", headers with their empty line, content
    const std::uint64_t delimiter = 4 + max_boundary + 2;
    const std::uint64_t part = delimiter + limits.header_bytes + 4 + limits.field_bytes;
    return limits.file_bytes + limits.parts * part + delimiter + 2;
}

MultipartParser::MultipartParser(std::string_view boundary,
                                 MultipartLimits limits,
                                 MultipartSink& sink)
    : delimiter_("\r\n--"), limits_(limits), sink_(sink) {
    delimiter_ += boundary;
}

Result<void> MultipartParser::feed(std::string_view bytes) {
    pending_ += bytes;
    while (true) {
        TRY(const bool more, step());
        if (!more) return {};
    }
}

Result<void> MultipartParser::finish() const {
    if (state_ != State::epilogue) return malformed("The form ends before its last boundary.");
    return {};
}

/// Takes one thing off the front of `pending_`; false when it needs more bytes.
Result<bool> MultipartParser::step() {
    switch (state_) {
    case State::preamble: return skip_preamble();
    case State::after_boundary: return after_boundary();
    case State::headers: return read_headers();
    case State::content: return read_content();
    case State::epilogue: pending_.clear(); return false;
    }
    return false;
}

Result<bool> MultipartParser::skip_preamble() {
    const auto at = pending_.find(delimiter_);
    if (at == std::string::npos) {
        if (pending_.size() >= delimiter_.size())
            pending_.erase(0, pending_.size() - delimiter_.size() + 1);
        return false;
    }
    pending_.erase(0, at + delimiter_.size());
    state_ = State::after_boundary;
    return true;
}

Result<bool> MultipartParser::after_boundary() {
    if (pending_.size() < 2) return false;
    const auto two = std::string_view(pending_).substr(0, 2);
    if (two == "--") {
        state_ = State::epilogue;
        return true;
    }
    if (two != "\r\n") return malformed("A boundary is followed by something else.");
    if (++parts_ > limits_.parts)
        return fail(ErrorKind::too_large, "body.too_large", "The form has too many parts.");
    pending_.erase(0, 2);
    state_ = State::headers;
    return true;
}

Result<bool> MultipartParser::read_headers() {
    const auto end = pending_.find("\r\n\r\n");
    // Without the end, up to three of its bytes may be there already.
    const auto least = end == std::string::npos
                           ? pending_.size() - std::min<std::size_t>(pending_.size(), 3)
                           : end;
    if (least > limits_.header_bytes)
        return fail(ErrorKind::too_large, "field.too_large", "The headers of a part are too long.");
    if (end == std::string::npos) return false;
    TRY(head_, parse_part_head(std::string_view(pending_).substr(0, end)));
    pending_.erase(0, end + 4);
    in_file_ = sink_.is_file(head_);
    value_.clear();
    if (in_file_) TRY_VOID(sink_.file_begin(head_));
    state_ = State::content;
    return true;
}

Result<bool> MultipartParser::read_content() {
    const auto at = pending_.find(delimiter_);
    if (at == std::string::npos) {
        // The last bytes may be the beginning of a delimiter.
        const auto safe = pending_.size() - std::min(pending_.size(), delimiter_.size() - 1);
        TRY_VOID(take(std::string_view(pending_).substr(0, safe)));
        pending_.erase(0, safe);
        return false;
    }
    TRY_VOID(take(std::string_view(pending_).substr(0, at)));
    TRY_VOID(end_part());
    pending_.erase(0, at + delimiter_.size());
    state_ = State::after_boundary;
    return true;
}

Result<void> MultipartParser::take(std::string_view bytes) {
    if (bytes.empty()) return {};
    if (in_file_) {
        file_bytes_ += bytes.size();
        if (file_bytes_ > limits_.file_bytes)
            return fail(ErrorKind::too_large, "body.too_large", "The file is too large.");
        return sink_.file_data(bytes);
    }
    if (value_.size() + bytes.size() > limits_.field_bytes)
        return fail(ErrorKind::too_large, "field.too_large", "A field of the form is too long.");
    value_ += bytes;
    return {};
}

Result<void> MultipartParser::end_part() {
    if (in_file_) return sink_.file_end();
    return sink_.field(head_, std::move(value_));
}

} // namespace hs::http
