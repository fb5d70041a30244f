#include "http/head_gate.hpp"

namespace hs::http {

namespace {

// The longest method and " HTTP/1.1" beside the target.
constexpr std::size_t max_request_line = max_target_bytes + 32;

std::unexpected<Error> malformed(std::string why) {
    return fail(ErrorKind::invalid, "request.malformed", std::move(why));
}

} // namespace

Result<std::optional<std::string_view>> HeadGate::scan(std::string_view buffer) {
    while (seen_ < buffer.size()) {
        const char c = buffer[seen_++];
        if (c != '\n') {
            TRY_VOID(check(c));
            continue;
        }
        if (!after_cr_) return malformed("A line ends without a carriage return.");
        after_cr_ = false;
        TRY(const bool complete, end_of_line());
        if (complete) return buffer.substr(start_, seen_ - start_);
    }
    return std::nullopt;
}

Result<void> HeadGate::check(char c) {
    if (after_cr_) return malformed("A carriage return stands alone.");
    if (c == '\r') {
        after_cr_ = true;
        return {};
    }
    const auto byte = static_cast<unsigned char>(c);
    const bool first_line = lines_ == 0;
    if ((byte < 0x20 && (c != '\t' || first_line)) || byte == 0x7f || (first_line && byte > 0x7f))
        return malformed("The head holds a control character.");
    if (!first_line && line_length_ == 0 && (c == ' ' || c == '\t'))
        return malformed("A header is folded over two lines.");
    ++line_length_;
    if (first_line) {
        if (line_length_ > max_request_line)
            return fail(ErrorKind::invalid, "path.too_long", "The address is longer than 8 KiB.");
        return {};
    }
    if (++header_bytes_ > max_header_bytes)
        return fail(ErrorKind::invalid, "headers.too_large", "The headers exceed 16 KiB.");
    return {};
}

/// True when the line was the empty one that ends the head.
Result<bool> HeadGate::end_of_line() {
    if (line_length_ == 0) {
        if (lines_ > 0) return true;
        if (start_ != 0) return malformed("The request begins with empty lines.");
        start_ = seen_;
        return false;
    }
    line_length_ = 0;
    if (++lines_ > max_header_count + 1)
        return fail(ErrorKind::invalid, "headers.too_large", "There are more than 100 headers.");
    return false;
}

} // namespace hs::http
