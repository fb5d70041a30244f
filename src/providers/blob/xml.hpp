/// The little XML that S3 speaks: elements, text, entities. Document types are refused, attributes
/// and comments skipped.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace hs::providers {

struct XmlElement {
    std::string name; // without its namespace
    std::string text;
    std::vector<XmlElement> children;

    [[nodiscard]] const XmlElement* child(std::string_view wanted) const; ///< the first
    [[nodiscard]] std::string child_text(std::string_view wanted) const;  ///< empty without one
};

/// Errors: upstream "storage.reply" for what is no such document.
[[nodiscard]] Result<XmlElement> parse_xml(std::string_view text);

[[nodiscard]] std::string xml_escaped(std::string_view text);

} // namespace hs::providers
