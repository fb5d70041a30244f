#include "analysis/model/prompt_template.hpp"

#include <algorithm>
#include <array>
#include <charconv>
#include <set>

#include <fmt/format.h>
#include <yaml-cpp/yaml.h>

#include "base/crypto.hpp"
#include "base/files.hpp"
#include "base/text.hpp"

namespace hs::analysis {

namespace {

constexpr std::string_view begin_mark = "{{";
constexpr std::string_view end_mark = "}}";
constexpr std::string_view begin_each = "#each ";
constexpr std::string_view end_each = "/each";

struct Piece {
    enum class Kind { text, variable, each, end } kind = Kind::text;
    std::string_view text; // the words, or the name
};

/// The template as pieces; an error text in `wrong` when it cannot be read.
std::vector<Piece> pieces_of(std::string_view text, std::string& wrong) {
    std::vector<Piece> out;
    while (!text.empty()) {
        const auto at = text.find(begin_mark);
        if (at == std::string_view::npos) {
            out.push_back({Piece::Kind::text, text});
            break;
        }
        if (at > 0) out.push_back({Piece::Kind::text, text.substr(0, at)});
        const auto end = text.find(end_mark, at);
        if (end == std::string_view::npos) {
            wrong = "\"{{\" without \"}}\"";
            break;
        }
        const auto name = trim(text.substr(at + begin_mark.size(), end - at - begin_mark.size()));
        if (name.starts_with(begin_each))
            out.push_back({Piece::Kind::each, trim(name.substr(begin_each.size()))});
        else if (name == end_each)
            out.push_back({Piece::Kind::end, {}});
        else
            out.push_back({Piece::Kind::variable, name});
        text.remove_prefix(end + end_mark.size());
    }
    return out;
}

std::string normalised(std::string_view text) {
    std::string out;
    for (auto line : split(text, '\n')) {
        while (!line.empty() && (line.back() == ' ' || line.back() == '\r' || line.back() == '\t'))
            line.remove_suffix(1);
        out += std::string(line) + "\n";
    }
    while (out.ends_with("\n\n"))
        out.pop_back();
    return nfc(out);
}

struct Parts {
    std::string_view front;
    std::string_view system;
    std::string_view user;
};

std::optional<Parts> parts_of(std::string_view text) {
    constexpr std::string_view fence = "---\n";
    constexpr std::string_view system = "\n---\n## system\n";
    constexpr std::string_view user = "\n## user\n";
    const auto front_end = text.find(system);
    const auto system_end = text.find(user);
    if (!text.starts_with(fence) || front_end == std::string_view::npos ||
        system_end == std::string_view::npos || system_end < front_end + system.size())
        return std::nullopt;
    return Parts{text.substr(fence.size(), front_end - fence.size()),
                 text.substr(front_end + system.size(), system_end - front_end - system.size()),
                 text.substr(system_end + user.size())};
}

class Reader {
public:
    explicit Reader(std::string file) : file_(std::move(file)) {}

    void wrong(const std::string& message) {
        messages_ += (messages_.empty() ? "" : "\n") + file_ + ": " + message;
    }

    [[nodiscard]] const std::string& messages() const { return messages_; }

private:
    std::string file_;
    std::string messages_;
};

void read_front(const YAML::Node& front, PromptTemplate& out, Reader& reader) {
    static const std::set<std::string> known{
        "id", "version", "purpose", "model", "variables", "schema"};
    static const std::set<std::string> purposes{
        "judge", "summary", "monthly", "overall", "change", "daily_ops", "coaching"};
    for (const auto& member : front)
        if (!known.contains(member.first.as<std::string>()))
            reader.wrong("unknown member " + member.first.as<std::string>());
    out.id = front["id"].as<std::string>("");
    out.version = front["version"].as<int>(0);
    out.purpose = front["purpose"].as<std::string>("");
    if (out.id.empty()) reader.wrong("id is missing");
    if (out.version < 1) reader.wrong("version must be a number from 1");
    if (!purposes.contains(out.purpose)) reader.wrong("unknown purpose \"" + out.purpose + "\"");
    const auto model = front["model"];
    if (!model || !model.IsMap()) return reader.wrong("model is missing");
    out.tier = model["tier"].as<std::string>("");
    if (out.tier != "small" && out.tier != "large") reader.wrong("model.tier: small or large");
    out.min_context = model["min_context"].as<int>(0);
    out.temperature = model["temperature"].as<double>(0);
    out.max_output = model["max_output"].as<int>(0);
    if (out.max_output < 1) reader.wrong("model.max_output must be a number from 1");
    if (out.temperature != 0) reader.wrong("model.temperature: only 0 gives the same answer twice");
    for (const auto& name : front["variables"])
        out.variables.push_back(name.as<std::string>(""));
}

void lint_texts(const PromptTemplate& prompt, Reader& reader) {
    std::set<std::string> used;
    for (const auto* text : {&prompt.system, &prompt.user}) {
        std::string wrong;
        bool inside = false;
        for (const auto& piece : pieces_of(*text, wrong)) {
            if (piece.kind == Piece::Kind::each) {
                if (inside) wrong = "a block inside of a block";
                inside = true;
                used.emplace(piece.text);
            } else if (piece.kind == Piece::Kind::end) {
                if (!inside) wrong = "{{/each}} without {{#each}}";
                inside = false;
            } else if (piece.kind == Piece::Kind::variable && !inside) {
                used.emplace(piece.text);
            }
        }
        if (inside) wrong = "{{#each}} without {{/each}}";
        if (!wrong.empty()) reader.wrong(wrong);
    }
    const std::set<std::string> declared(prompt.variables.begin(), prompt.variables.end());
    for (const auto& name : used)
        if (!declared.contains(name)) reader.wrong("variable " + name + " is not declared");
    for (const auto& name : declared)
        if (!used.contains(name)) reader.wrong("variable " + name + " is not used");
}

std::string text_of(const std::map<std::string, std::string>& values, std::string_view name) {
    const auto found = values.find(std::string(name));
    return found == values.end() ? std::string() : found->second;
}

std::string rendered(std::string_view text, const PromptValues& values) {
    std::string out;
    std::string wrong;
    const auto pieces = pieces_of(text, wrong);
    for (std::size_t i = 0; i < pieces.size(); ++i) {
        const auto& piece = pieces[i];
        if (piece.kind == Piece::Kind::text) {
            out += piece.text;
        } else if (piece.kind == Piece::Kind::variable) {
            out += text_of(values.texts, piece.text);
        } else if (piece.kind == Piece::Kind::each) {
            auto end = i;
            while (end < pieces.size() && pieces[end].kind != Piece::Kind::end)
                ++end;
            const auto list = values.lists.find(std::string(piece.text));
            if (list != values.lists.end()) {
                for (const auto& item : list->second)
                    for (auto at = i + 1; at < end; ++at)
                        out += pieces[at].kind == Piece::Kind::variable
                                   ? text_of(item, pieces[at].text)
                                   : std::string(pieces[at].text);
            }
            i = end;
        }
    }
    return out;
}

std::optional<int> version_of(const std::filesystem::path& file) {
    const auto stem = file.stem().string();
    int version = 0;
    const auto [end, error] = std::from_chars(stem.data(), stem.data() + stem.size(), version);
    const bool number = error == std::errc{} && end == stem.data() + stem.size();
    return number && file.extension() == ".md" ? std::optional(version) : std::nullopt;
}

} // namespace

RenderedPrompt PromptTemplate::render(const PromptValues& values) const {
    return {rendered(system, values), rendered(user, values)};
}

std::string schema_name_of(std::string_view text) {
    const auto whole = normalised(text);
    const auto parts = parts_of(whole);
    if (!parts) return {};
    try {
        return YAML::Load(std::string(parts->front))["schema"].as<std::string>("");
    } catch (const YAML::Exception&) {
        return {}; // read_prompt() tells what is wrong
    }
}

Result<PromptTemplate>
read_prompt(std::string_view text, std::string_view schema, const std::string& file) {
    Reader reader(file);
    PromptTemplate out;
    const auto invalid = [&] {
        return fail(ErrorKind::invalid, "prompt.invalid", reader.messages());
    };
    if (!valid_utf8(text)) {
        reader.wrong("no valid UTF-8");
        return invalid();
    }
    const auto whole = normalised(text);
    const auto parts = parts_of(whole);
    if (!parts) {
        reader.wrong("front matter between --- lines, then ## system, then ## user expected");
        return invalid();
    }
    try {
        read_front(YAML::Load(std::string(parts->front)), out, reader);
    } catch (const YAML::Exception& error) {
        reader.wrong(fmt::format("line {}: {}", error.mark.line + 2, error.msg));
        return invalid();
    }
    out.system = trim(parts->system);
    out.user = trim(parts->user);
    lint_texts(out, reader);
    const auto document = parse_json(schema);
    if (!document || !document->is_object()) {
        reader.wrong("its schema is no JSON object");
    } else {
        out.schema = document->get_object();
    }
    if (!reader.messages().empty()) return invalid();
    const auto canonical = canonical_json(out.schema);
    out.schema_hash = sha256_hex(canonical);
    out.content_hash = sha256_hex(whole + canonical);
    return out;
}

Result<PromptTemplate>
load_prompt(const std::filesystem::path& folder, const std::string& id, int version) {
    const auto path = folder / id / fmt::format("{}.md", version);
    TRY(const auto text, read_file(path));
    const auto schema_name = schema_name_of(text);
    std::string schema;
    if (!schema_name.empty() && schema_name.find('/') == std::string::npos) {
        TRY(schema, read_file(folder / "schemas" / (schema_name + ".json")));
    }
    TRY(auto prompt, read_prompt(text, schema, path.string()));
    if (prompt.id == id && prompt.version == version) return prompt;
    return fail(ErrorKind::invalid,
                "prompt.invalid",
                path.string() + ": id and version differ from the file's name");
}

Result<PromptTemplate> load_newest_prompt(const std::filesystem::path& folder,
                                          const std::string& id) {
    int newest = 0;
    std::error_code error;
    for (const auto& entry : std::filesystem::directory_iterator(folder / id, error))
        newest = std::max(newest, version_of(entry.path()).value_or(0));
    if (newest == 0)
        return fail(ErrorKind::not_found, "prompt.missing", "no prompt " + (folder / id).string());
    return load_prompt(folder, id, newest);
}

} // namespace hs::analysis
