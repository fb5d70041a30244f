/// Checks values against the part of JSON Schema 2020-12 that api/openapi.yaml uses.
///
/// Stricter than the standard in three points, because replies are what is checked:
///   - an object whose members are named (`properties`) has no others, unless it says
///     `additionalProperties`; names from all branches of allOf, anyOf, oneOf and $ref count;
///   - a number with a fraction, even .0, is no integer;
///   - a keyword or format that is not known here is a fault, never overlooked.
#pragma once

#include <string>
#include <vector>

#include "base/json.hpp"

namespace hs::test {

class JsonSchema {
public:
    using Faults = std::vector<std::string>;

    /// `document` is where "#/…" references lead; it must outlive this.
    explicit JsonSchema(const json::value& document) : document_(document) {}

    /// One line for everything that is wrong, each with the place: "/data/0/id: …".
    [[nodiscard]] Faults faults(const json::value& schema, const json::value& value) const;

    /// What a schema says that these rules do not know, in all its branches.
    [[nodiscard]] Faults unknown_words(const json::value& schema) const;

    /// Follows "#/a/b"; throws std::runtime_error when nothing is there.
    [[nodiscard]] const json::value& resolved(const json::value& schema) const;

private:
    const json::value& document_;
};

} // namespace hs::test
