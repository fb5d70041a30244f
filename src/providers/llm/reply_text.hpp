/// Small forms that all model adapters share.
#pragma once

#include <string>
#include <string_view>

#include "base/json.hpp"
#include "providers/json_members.hpp"

namespace hs::providers {

/// The reply without what models put around it: a thinking block, one code fence, blanks.
[[nodiscard]] std::string unwrapped(std::string_view text);

/// The schema with the keywords that structured-output engines refuse left out (lengths, counts,
/// ranges); a reply is held against the full schema afterwards anyway.
[[nodiscard]] json::object portable_schema(const json::object& schema);

/// The sentence that asks for the schema where the server does not enforce it.
[[nodiscard]] std::string schema_instruction(const json::object& schema);

} // namespace hs::providers
