/// Judgements as they are stored: JSON that an older version or the reference may have written.
#pragma once

#include <string>
#include <string_view>

#include "base/json.hpp"

namespace hs::api {

// Members that may be missing or of another type: 0, "" and an empty list then.
[[nodiscard]] double number_of(const json::object& object, std::string_view name);
[[nodiscard]] std::string text_of(const json::object& object, std::string_view name);
[[nodiscard]] const json::array& list_of(const json::object& object, std::string_view name);
/// Null for a text that is empty or no JSON.
[[nodiscard]] json::value stored_json(const std::string& text);

// The shapes of http-api 1.1 and 3.11 as the next value: known members first, in order, times and
// scores with a fraction; others follow as they are.
void write_deviations(JsonWriter& out, const std::string& stored);
void write_issue_analysis(JsonWriter& out, const std::string& stored);
void write_resolution_analysis(JsonWriter& out, const std::string& stored);
void write_sentiment_trajectory(JsonWriter& out, const std::string& stored);

} // namespace hs::api
