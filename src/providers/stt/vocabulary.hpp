/// What the embedded engine is told about the words of a call.
#pragma once

#include <filesystem>
#include <string>
#include <vector>

namespace hs::providers {

/// Phrases of a file, one a line, without notes (#); none when it cannot be read, for it only
/// helps.
[[nodiscard]] std::vector<std::string> read_vocabulary(const std::filesystem::path& path);

/// Body of the vocabulary message (sphinx/protocol.hpp). `base`: ways of speaking. `phrases`: the
/// request's; up to 100 are taken as sentences and spotted as they are, more are patterns of rules,
/// which weigh little, and only those that are part of a way of speaking are spotted. The same
/// phrases always give the same text, hence the same model.
[[nodiscard]] std::string vocabulary_message(const std::vector<std::string>& base,
                                             const std::vector<std::string>& phrases);

} // namespace hs::providers
