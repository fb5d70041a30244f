// Boost.JSON's parser with exact numbers: before Boost 1.83 its own doubles may be off in the last
// place when a number is long, so 333333333.33333329 would be written back as another number.
#include <charconv>
#include <cmath>

#include <boost/json/basic_parser_impl.hpp>

#include "base/json.hpp"

namespace hs {

namespace {

struct Builder {
    static constexpr std::size_t max_object_size = json::object::max_size();
    static constexpr std::size_t max_array_size = json::array::max_size();
    static constexpr std::size_t max_key_size = json::string::max_size();
    static constexpr std::size_t max_string_size = json::string::max_size();

    json::value_stack stack;
    std::string number_start; // earlier pieces of a number the parser hands over in parts

    bool on_document_begin(json::error_code&) { return true; }

    bool on_document_end(json::error_code&) { return true; }

    bool on_object_begin(json::error_code&) { return true; }

    bool on_object_end(std::size_t size, json::error_code&) {
        stack.push_object(size);
        return true;
    }

    bool on_array_begin(json::error_code&) { return true; }

    bool on_array_end(std::size_t size, json::error_code&) {
        stack.push_array(size);
        return true;
    }

    bool on_key_part(json::string_view text, std::size_t, json::error_code&) {
        stack.push_chars(text);
        return true;
    }

    bool on_key(json::string_view text, std::size_t, json::error_code&) {
        stack.push_key(text);
        return true;
    }

    bool on_string_part(json::string_view text, std::size_t, json::error_code&) {
        stack.push_chars(text);
        return true;
    }

    bool on_string(json::string_view text, std::size_t, json::error_code&) {
        stack.push_string(text);
        return true;
    }

    bool on_number_part(json::string_view text, json::error_code&) {
        number_start.append(text.data(), text.size());
        return true;
    }

    bool on_int64(std::int64_t value, json::string_view, json::error_code&) {
        number_start.clear();
        stack.push_int64(value);
        return true;
    }

    bool on_uint64(std::uint64_t value, json::string_view, json::error_code&) {
        number_start.clear();
        stack.push_uint64(value);
        return true;
    }

    bool on_double(double rough, json::string_view text, json::error_code& trouble) {
        number_start.append(text.data(), text.size());
        double exact = 0;
        const auto* end = number_start.data() + number_start.size();
        const auto read = std::from_chars(number_start.data(), end, exact);
        // Out of range is both too large, which no double holds, and too small, which is zero.
        const bool too_large = read.ec == std::errc::result_out_of_range && std::abs(rough) > 1;
        number_start.clear();
        if (too_large || !std::isfinite(exact)) {
            trouble = json::make_error_code(json::error::exponent_overflow);
            return false;
        }
        stack.push_double(exact);
        return true;
    }

    bool on_bool(bool value, json::error_code&) {
        stack.push_bool(value);
        return true;
    }

    bool on_null(json::error_code&) {
        stack.push_null();
        return true;
    }

    bool on_comment_part(json::string_view, json::error_code&) { return true; }

    bool on_comment(json::string_view, json::error_code&) { return true; }
};

} // namespace

Result<json::value> parse_json(std::string_view text) {
    json::parse_options options;
    options.max_depth = 64;
    json::basic_parser<Builder> parser(options);
    auto& stack = parser.handler().stack;
    stack.reset();
    json::error_code trouble;
    const auto used = parser.write_some(false, text.data(), text.size(), trouble);
    if (trouble || used < text.size())
        return fail(ErrorKind::invalid, "json.invalid", "The text is not valid JSON.");
    return stack.release();
}

} // namespace hs
