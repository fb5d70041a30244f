/// Pieces of canonical JSON (RFC 8785), for writers that know the order of their members.
///
/// canonical_json() of base/json.hpp takes any document; whoever hashes a large struct writes it
/// with these and makes no document first.
#pragma once

#include <cstdint>
#include <string>
#include <string_view>

namespace hs {

void append_canonical_string(std::string& out, std::string_view text); ///< with its quotes
void append_canonical_number(std::string& out, double value);
void append_canonical_number(std::string& out, std::int64_t value); ///< as the double nearest to it

} // namespace hs
