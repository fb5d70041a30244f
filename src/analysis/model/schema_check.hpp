/// Holds a document against a JSON Schema: the keywords that our own schemas use, and no others.
#pragma once

#include <string>
#include <vector>

#include "base/json.hpp"

namespace hs::analysis {

/// What is wrong, as "path: message" ("answers[2].state: not one of pass, fail, na, unsure"); empty
/// when the document matches; at most `most` lines. A message names no value of the document.
/// Knows type, enum, properties, required, additionalProperties: false, items, minItems, maxItems,
/// minimum, maximum, minLength, maxLength (characters) and $ref to #/$defs.
[[nodiscard]] std::vector<std::string>
schema_errors(const json::object& schema, const json::value& document, std::size_t most = 20);

} // namespace hs::analysis
