#include "analysis/lexicon.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <utility>
#include <vector>

#include <yaml-cpp/yaml.h>

#include "analysis/lexicon_index.hpp"
#include "base/crypto.hpp"
#include "base/files.hpp"
#include "base/text.hpp"

namespace hs::analysis {
namespace {

constexpr std::array<std::pair<std::string_view, MoodCue>, 17> cue_names = {{
    {"none", MoodCue::none},
    {"thanks", MoodCue::thanks},
    {"praise", MoodCue::praise},
    {"satisfied", MoodCue::satisfied},
    {"solved", MoodCue::solved},
    {"accept", MoodCue::accept},
    {"polite", MoodCue::polite},
    {"joy", MoodCue::joy},
    {"complaint", MoodCue::complaint},
    {"unresolved", MoodCue::unresolved},
    {"threat", MoodCue::threat},
    {"wary", MoodCue::wary},
    {"cut_off", MoodCue::cut_off},
    {"progress", MoodCue::progress},
    {"refusal", MoodCue::refusal},
    {"empathy", MoodCue::empathy},
    {"willing", MoodCue::willing},
}};
constexpr std::array<std::pair<std::string_view, EntryKind>, 5> kind_names = {{
    {"weighted", EntryKind::weighted},
    {"intensifier", EntryKind::intensifier},
    {"damper", EntryKind::damper},
    {"contrast", EntryKind::contrast},
    {"function", EntryKind::function},
}};

template <typename Value, std::size_t size>
std::optional<Value> named(const std::array<std::pair<std::string_view, Value>, size>& names,
                           std::string_view name) {
    for (const auto& [known, value] : names)
        if (known == name) return value;
    return std::nullopt;
}

/// "file:line: message" for the writer of the list.
std::unexpected<Error>
bad_entry(const std::string& file, const YAML::Node& node, const std::string& message) {
    return fail(ErrorKind::invalid,
                "lexicon.invalid",
                file + ":" + std::to_string(node.Mark().line + 1) + ": " + message);
}

/// The number at `key`, or `fallback` when it is not given; yaml-cpp's own fallback would hide a
/// value of the wrong type. Throws YAML::Exception.
double number_at(const YAML::Node& node, const char* key, double fallback) {
    const YAML::Node value = node[key];
    return value ? value.as<double>() : fallback;
}

Result<LexiconGroup> read_group(const std::string& file, const YAML::Node& node) {
    if (!node.IsMap() || !node["name"]) return bad_entry(file, node, "a group needs a name");
    LexiconGroup group;
    group.name = node["name"].as<std::string>();
    const auto kind = named(kind_names, node["kind"].as<std::string>("weighted"));
    if (!kind) return bad_entry(file, node, "unknown kind in group " + group.name);
    const auto cue = named(cue_names, node["cue"].as<std::string>("none"));
    if (!cue) return bad_entry(file, node, "unknown cue in group " + group.name);
    group.kind = *kind;
    group.cue = *cue;
    group.weight = number_at(node, "weight", 0.0);
    group.escalation = number_at(node, "escalation", 0.0);
    group.negatable = node["negatable"].as<bool>(true);
    group.fact = node["fact"].as<bool>(false);
    if (group.weight < -4 || group.weight > 4)
        return bad_entry(file, node, "weight outside -4 .. 4 in group " + group.name);
    if (group.escalation < 0 || group.escalation > 1)
        return bad_entry(file, node, "escalation outside 0 .. 1 in group " + group.name);
    return group;
}

Result<void> add_entries(const std::string& file, const YAML::Node& node, Lexicon::Index& index) {
    const int value = static_cast<int>(index.groups.size()) - 1;
    const auto role = node["role"].as<std::string>("any");
    PhraseTable& table = role == "agent"      ? index.agent
                         : role == "farewell" ? index.farewell
                                              : index.mood;
    if (const YAML::Node words = node["words"]) {
        const auto text = words.as<std::string>();
        for (const std::string_view word : split(text, ' ')) {
            if (word.empty()) continue;
            // A word with a hyphen is two tokens.
            std::string pattern(word);
            std::replace(pattern.begin(), pattern.end(), '-', ' ');
            if (!table.add(pattern, value)) return bad_entry(file, words, "bad word " + pattern);
            ++index.words;
        }
    }
    for (const YAML::Node& phrase : node["phrases"]) {
        const auto pattern = phrase.as<std::string>();
        if (!table.add(pattern, value)) return bad_entry(file, phrase, "bad phrase: " + pattern);
        ++index.idioms;
    }
    return {};
}

Result<void> read_lists(const std::string& file, const YAML::Node& root, Lexicon::Index& index) {
    if (const YAML::Node distinct = root["distinct"]) {
        const auto text = distinct.as<std::string>();
        for (const std::string_view word : split(text, ' '))
            if (!word.empty()) {
                index.mood.keep_distinct(word);
                index.farewell.keep_distinct(word);
            }
    }
    if (!root["groups"].IsSequence()) return bad_entry(file, root, "groups: is missing");
    for (const YAML::Node& node : root["groups"]) {
        TRY(auto group, read_group(file, node));
        index.groups.push_back(std::move(group));
        TRY_VOID(add_entries(file, node, index));
    }
    return {};
}

Result<void>
read_file_into(const std::filesystem::path& path, const std::string& text, Lexicon::Index& index) {
    const std::string file = path.filename().string();
    try {
        return read_lists(file, YAML::Load(text), index);
    } catch (const YAML::Exception& error) { // the library's own way to report bad syntax or type
        return fail(ErrorKind::invalid,
                    "lexicon.invalid",
                    file + ":" + std::to_string(error.mark.line + 1) + ": " + error.msg);
    }
}

} // namespace

Lexicon::Lexicon(std::unique_ptr<Index> index) : index_(std::move(index)) {}

Lexicon::Lexicon(Lexicon&&) noexcept = default;
Lexicon& Lexicon::operator=(Lexicon&&) noexcept = default;
Lexicon::~Lexicon() = default;

const std::string& Lexicon::hash() const {
    return index_->hash;
}

std::size_t Lexicon::word_count() const {
    return index_->words;
}

std::size_t Lexicon::idiom_count() const {
    return index_->idioms;
}

Result<Lexicon> Lexicon::load(const std::filesystem::path& folder) {
    std::error_code missing;
    std::vector<std::filesystem::path> files;
    for (const auto& entry : std::filesystem::directory_iterator(folder, missing))
        if (entry.path().extension() == ".yaml") files.push_back(entry.path());
    if (missing || files.empty())
        return fail(ErrorKind::not_found,
                    "lexicon.missing",
                    "no word lists (*.yaml) in " + folder.string());
    std::sort(files.begin(), files.end());
    auto index = std::make_unique<Index>();
    std::string all;
    for (const auto& path : files) {
        TRY(const std::string text, read_file(path));
        TRY_VOID(read_file_into(path, text, *index));
        all += path.filename().string() + '\n' + text;
    }
    index->hash = sha256_hex(all);
    return Lexicon(std::move(index));
}

} // namespace hs::analysis
