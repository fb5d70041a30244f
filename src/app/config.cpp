#include "app/config.hpp"

#include <algorithm>

#include <fmt/format.h>
#include <unistd.h>

#include "app/settings.hpp"
#include "base/files.hpp"
#include "base/text.hpp"

namespace hs::app {

namespace {

constexpr std::string_view prefix = "HACKSMART_";

struct Given {
    std::string value;
    std::string source;
};

using Values = std::map<std::string, Given>;

const Setting* setting_named(std::string_view name) {
    for (const auto& setting : all_settings()) {
        if (name == setting.name) return &setting;
    }
    return nullptr;
}

/// "KEY=value" lines; blank lines and lines starting with # are skipped, one pair of quotes around
/// a value is removed. Unknown names are left to other programs.
void read_file_values(const std::string& text, Values& values, std::vector<std::string>& mistakes) {
    int number = 0;
    for (const auto raw : split(text, '\n')) {
        ++number;
        auto line = trim(raw);
        if (line.empty() || line.front() == '#') continue;
        if (line.starts_with("export ")) line = trim(line.substr(7));
        const auto equals = line.find('=');
        if (equals == std::string_view::npos) {
            mistakes.push_back(
                fmt::format("configuration file, line {}: expected NAME=value", number));
            continue;
        }
        auto name = std::string(trim(line.substr(0, equals)));
        auto value = trim(line.substr(equals + 1));
        const bool quoted = value.size() >= 2 && value.front() == value.back() &&
                            (value.front() == '"' || value.front() == '\'');
        if (quoted) value = value.substr(1, value.size() - 2);
        if (name.starts_with(prefix)) name.erase(0, prefix.size());
        values[name] = {std::string(value), "file"};
    }
}

void read_environment(const std::map<std::string, std::string>& environment,
                      Values& values,
                      std::vector<std::string>& mistakes) {
    for (const auto& [name, value] : environment) {
        if (setting_named(name) != nullptr) values[name] = {value, "environment"};
    }
    // The prefixed form wins over the plain one.
    for (const auto& [name, value] : environment) {
        if (!name.starts_with(prefix)) continue;
        const auto plain = name.substr(prefix.size());
        if (setting_named(plain) == nullptr) {
            mistakes.push_back(fmt::format("{}: no such setting", name));
        } else {
            values[plain] = {value, "environment"};
        }
    }
}

std::string name_of_flag(std::string_view flag) {
    std::string name;
    for (const char c : flag) {
        if (c == '-') {
            name += '_';
        } else {
            name += c >= 'a' && c <= 'z' ? static_cast<char>(c - 'a' + 'A') : c;
        }
    }
    return name;
}

void read_flags(const std::vector<std::string>& flags,
                Values& values,
                std::vector<std::string>& mistakes) {
    for (std::size_t i = 0; i < flags.size(); ++i) {
        const std::string_view flag = flags[i];
        if (!flag.starts_with("--")) {
            mistakes.push_back(fmt::format("{}: expected --name value", flag));
            continue;
        }
        const auto equals = flag.find('=');
        const auto name =
            name_of_flag(flag.substr(2, equals == std::string_view::npos ? equals : equals - 2));
        if (setting_named(name) == nullptr) {
            mistakes.push_back(fmt::format("{}: no such setting", flag.substr(0, equals)));
            continue;
        }
        if (equals != std::string_view::npos) {
            values[name] = {std::string(flag.substr(equals + 1)), "flag"};
        } else if (i + 1 < flags.size()) {
            values[name] = {flags[++i], "flag"};
        } else {
            mistakes.push_back(fmt::format("{}: a value is missing", flag));
        }
    }
}

std::string shown(const Setting& setting, const std::string& value) {
    return setting.secret && !value.empty() ? "***" : value;
}

} // namespace

Result<LoadedConfig> load_config(const ConfigSources& sources) {
    std::vector<std::string> mistakes;
    Values values;
    if (sources.file) {
        if (auto text = read_file(*sources.file)) {
            read_file_values(*text, values, mistakes);
        } else {
            mistakes.push_back(fmt::format("{}: {}", sources.file->string(), text.error().message));
        }
    }
    read_environment(sources.environment, values, mistakes);
    read_flags(sources.flags, values, mistakes);

    LoadedConfig loaded;
    const Config defaults;
    for (const auto& setting : all_settings()) {
        SettingLine line{.name = setting.name,
                         .value = {},
                         .source = "default",
                         .meaning = setting.meaning,
                         .fallback = setting.show(defaults)};
        if (const auto given = values.find(setting.name); given != values.end()) {
            line.source = given->second.source;
            const auto expected = setting.read(loaded.config, trim(given->second.value));
            if (!expected.empty()) {
                mistakes.push_back(fmt::format("{} = \"{}\" ({}): expected {}",
                                               setting.name,
                                               shown(setting, given->second.value),
                                               line.source,
                                               expected));
            }
        }
        line.value = shown(setting, setting.show(loaded.config));
        loaded.lines.push_back(std::move(line));
    }
    if (const auto home = sources.environment.find("HOME"); home != sources.environment.end())
        loaded.config.home = home->second;
    if (loaded.config.audio_store == "s3" && loaded.config.s3_bucket_name.empty())
        mistakes.emplace_back("AUDIO_STORE = \"s3\": S3_BUCKET_NAME names no bucket");
    if (!mistakes.empty()) {
        return fail(
            ErrorKind::invalid, "config.invalid", fmt::format("{}", fmt::join(mistakes, "\n")));
    }
    return loaded;
}

std::map<std::string, std::string> process_environment() {
    std::map<std::string, std::string> out;
    for (char** entry = environ; entry != nullptr && *entry != nullptr; ++entry) {
        const std::string_view line = *entry;
        const auto equals = line.find('=');
        if (equals != std::string_view::npos) {
            out.emplace(line.substr(0, equals), line.substr(equals + 1));
        }
    }
    return out;
}

std::string settings_table() {
    std::string out = "| variable | default | meaning |\n|---|---|---|\n";
    const Config defaults;
    for (const auto& setting : all_settings()) {
        const auto fallback = setting.show(defaults);
        out += fmt::format("| `{}` | {} | {} |\n",
                           setting.name,
                           fallback.empty() ? "" : "`" + fallback + "`",
                           setting.meaning);
    }
    return out;
}

} // namespace hs::app
