/// The names an issue category goes by.
#pragma once

#include <filesystem>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.hpp"

namespace hs::analysis {

struct IssueCategory {
    std::string name;
    std::vector<std::string> aliases;
    bool is_emergency = false;
};

class IssueCategories {
public:
    /// Errors: not_found "file.missing", invalid "categories.invalid" with file:line:column.
    [[nodiscard]] static Result<IssueCategories> load(const std::filesystem::path& file);

    /// The category's own name for a name or alias, ignoring case; the given text when unknown.
    [[nodiscard]] std::string canonical(std::string_view name) const;
    [[nodiscard]] bool is_emergency(std::string_view name) const;

    [[nodiscard]] const std::vector<IssueCategory>& all() const { return categories_; }

private:
    std::vector<IssueCategory> categories_;
    std::map<std::string, std::size_t> by_key_;
};

} // namespace hs::analysis
