#include "analysis/judging/issue_categories.hpp"

#include "analysis/scorecard/yaml_reader.hpp"
#include "base/files.hpp"
#include "base/text.hpp"

namespace hs::analysis {

namespace {

IssueCategory read_category(YamlReader& in, const YAML::Node& node) {
    in.only_keys(node, {"name", "aliases", "emergency"});
    IssueCategory category;
    in.text(node, "name", category.name);
    in.texts(node, "aliases", category.aliases);
    in.boolean(node, "emergency", category.is_emergency);
    if (category.name.empty()) in.error(node, "S12", "a category needs a name");
    return category;
}

} // namespace

Result<IssueCategories> IssueCategories::load(const std::filesystem::path& file) {
    TRY(const auto text, read_file(file));
    YamlReader in(file.string());
    IssueCategories result;
    try {
        const auto root = YAML::Load(text);
        for (const auto& node : root["categories"]) {
            auto category = read_category(in, node);
            const auto at = result.categories_.size();
            std::vector<std::string> names = category.aliases;
            names.push_back(category.name);
            for (const auto& name : names) {
                if (!result.by_key_.emplace(name_key(name), at).second)
                    in.error(node, "S14", "name \"" + name + "\" is used twice");
            }
            result.categories_.push_back(std::move(category));
        }
    } catch (const YAML::Exception& e) { // the library reports syntax by exception
        in.problems().push_back(
            {Severity::error, "S00", file.string(), e.mark.line + 1, e.mark.column + 1, e.msg});
    }
    if (has_errors(in.problems()))
        return fail(ErrorKind::invalid, "categories.invalid", to_text(in.problems()));
    return result;
}

std::string IssueCategories::canonical(std::string_view name) const {
    const auto found = by_key_.find(name_key(name));
    return found == by_key_.end() ? std::string(trim(name)) : categories_[found->second].name;
}

bool IssueCategories::is_emergency(std::string_view name) const {
    const auto found = by_key_.find(name_key(name));
    return found != by_key_.end() && categories_[found->second].is_emergency;
}

} // namespace hs::analysis
