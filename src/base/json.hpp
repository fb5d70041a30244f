/// JSON: Boost.JSON for documents that are read or passed on; JsonWriter for replies.
///
/// Replies are written straight from structs: key order is the order of calls, and numbers follow
/// one rule (docs/reference/http-api): `num` is the shortest decimal that reads back the same and
/// always has a fraction, `integer` never has one.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include <boost/json.hpp>

#include "base/error.hpp"
#include "base/json_text.hpp"

namespace hs {

namespace json = boost::json;

/// Parses one JSON text. Errors: invalid "json.invalid" (depth over 64, trailing bytes, bad UTF-8,
/// numbers beyond a double).
[[nodiscard]] Result<json::value> parse_json(std::string_view text);

/// RFC 8785 canonical form (sorted keys, shortest numbers, no blanks): the input of content hashes.
[[nodiscard]] std::string canonical_json(const json::value& value);

/// Rounds half away from zero to `digits` places, on the decimal that the number is written as:
/// 0.285 becomes 0.29 although the double lies a little below.
[[nodiscard]] double round_half_away(double value, int digits);

class JsonWriter {
public:
    JsonWriter& begin_object();
    JsonWriter& end_object();
    JsonWriter& begin_array();
    JsonWriter& end_array();
    JsonWriter& key(std::string_view name);
    JsonWriter& string(std::string_view text);
    JsonWriter& integer(std::int64_t value);
    JsonWriter& number(double value);             ///< `num`, written as given
    JsonWriter& number(double value, int digits); ///< `num`, rounded half away from zero
    JsonWriter& boolean(bool value);
    JsonWriter& null();
    JsonWriter& raw(std::string_view json);         ///< a finished JSON text, trusted
    JsonWriter& document(const json::value& value); ///< whole document; doubles as `num`

    // Shorthand for key(name) followed by the value.
    JsonWriter& field(std::string_view name, std::string_view text);
    JsonWriter& field(std::string_view name, const char* text);

    JsonWriter& field(std::string_view name, const std::string& text) {
        return field(name, std::string_view(text));
    }

    JsonWriter& field(std::string_view name, const std::optional<std::string>& text);
    JsonWriter& field(std::string_view name, std::int64_t value);
    JsonWriter& field(std::string_view name, int value);
    JsonWriter& field(std::string_view name, double value);
    JsonWriter& field(std::string_view name, bool value);
    JsonWriter& null_field(std::string_view name);

    [[nodiscard]] std::string take(); ///< the text; the writer is empty afterwards

private:
    void separate();

    std::string out_;
    std::vector<bool> has_items_; // one level per open object or array
    bool after_key_ = false;
};

} // namespace hs
