/// Places in a list, opaque to the client, signed so that they cannot be made up.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "base/crypto.hpp"
#include "base/error.hpp"

namespace hs::api {

/// `scope` binds the cursor to route, filter and order.
[[nodiscard]] std::string
make_cursor(const Key256& key, std::string_view scope, const std::vector<std::string>& place);
/// Errors: invalid "cursor.invalid" for a foreign or damaged cursor.
[[nodiscard]] Result<std::vector<std::string>>
read_cursor(const Key256& key, std::string_view scope, std::string_view cursor);

} // namespace hs::api
