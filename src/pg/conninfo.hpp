/// Connection strings: URL or keyword form in, keyword form out.
#pragma once

#include <string>
#include <utility>
#include <vector>

namespace hs::pg {

using ConnSettings = std::vector<std::pair<std::string, std::string>>;

/// `url` with `forced` settings replaced, in keyword form. A malformed url is given back as it is:
/// connecting with it reports the fault.
[[nodiscard]] std::string conninfo_with(const std::string& url, const ConnSettings& forced);

/// What every connection of ours wants unless `url` says otherwise: keepalives, so that a dead
/// peer is noticed within a minute, and our name in pg_stat_activity.
[[nodiscard]] std::string conninfo_with_defaults(const std::string& url);

/// One setting of `url`, empty when unset.
[[nodiscard]] std::string conninfo_get(const std::string& url, const std::string& keyword);

} // namespace hs::pg
