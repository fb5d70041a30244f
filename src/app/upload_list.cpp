#include "app/upload_list.hpp"

#include <algorithm>
#include <array>

#include <fcntl.h>
#include <fmt/format.h>
#include <unistd.h>

#include "base/csv.hpp"
#include "base/files.hpp"
#include "base/json.hpp"
#include "base/text.hpp"

namespace hs::app {

namespace fs = std::filesystem;

namespace {

constexpr std::array recording_endings{
    ".mp3", ".wav", ".ogg", ".opus", ".flac", ".m4a", ".mp4", ".webm"};

std::unexpected<Error> bad_manifest(const fs::path& file, std::string_view what) {
    return fail(ErrorKind::invalid, "ingest.manifest", fmt::format("{}: {}", file.string(), what));
}

std::string ending_of(const fs::path& file) {
    return to_lower(file.extension().string());
}

/// The value as a form sends it; nested values as JSON.
std::string field_text(const json::value& value) {
    if (value.is_null()) return {};
    return value.is_string() ? std::string(value.as_string()) : json::serialize(value);
}

void set_field(FormFields& fields, const std::string& name, std::string value) {
    if (value.empty()) return;
    std::erase_if(fields, [&](const auto& field) { return field.first == name; });
    fields.emplace_back(name, std::move(value));
}

void set_fields(FormFields& fields, const json::object& members) {
    for (const auto& [name, value] : members)
        if (name != "file") set_field(fields, name, field_text(value));
}

Result<PlannedUpload>
planned(const fs::path& manifest, const json::object& members, const FormFields& common) {
    const auto* file = members.if_contains("file");
    if (file == nullptr || !file->is_string() || file->as_string().empty())
        return bad_manifest(manifest, "an entry without \"file\"");
    PlannedUpload upload{manifest.parent_path() / std::string(file->as_string()), common};
    set_fields(upload.fields, members);
    return upload;
}

Result<void> add_json(const fs::path& manifest,
                      const std::string& text,
                      const FormFields& common,
                      std::vector<PlannedUpload>& out) {
    const auto document = parse_json(text);
    const auto* entries = document ? document->if_array() : nullptr;
    if (entries == nullptr) return bad_manifest(manifest, "no JSON list");
    for (const auto& entry : *entries) {
        if (!entry.is_object()) return bad_manifest(manifest, "an entry that is no object");
        TRY(auto upload, planned(manifest, entry.as_object(), common));
        out.push_back(std::move(upload));
    }
    return {};
}

Result<void> add_lines(const fs::path& manifest,
                       const std::string& text,
                       const FormFields& common,
                       std::vector<PlannedUpload>& out) {
    int number = 0;
    for (const auto line : split(text, '\n')) {
        ++number;
        if (trim(line).empty()) continue;
        const auto entry = parse_json(trim(line));
        if (!entry || !entry->is_object())
            return bad_manifest(manifest, fmt::format("line {} is no JSON object", number));
        TRY(auto upload, planned(manifest, entry->as_object(), common));
        out.push_back(std::move(upload));
    }
    return {};
}

Result<void> add_csv(const fs::path& manifest,
                     const std::string& text,
                     const FormFields& common,
                     std::vector<PlannedUpload>& out) {
    const auto table = parse_csv(text);
    if (!table) return bad_manifest(manifest, table.error().message);
    for (const auto& row : table->rows) {
        json::object members;
        for (const auto& [name, value] : row)
            members[name] = trim(value);
        TRY(auto upload, planned(manifest, members, common));
        out.push_back(std::move(upload));
    }
    return {};
}

Result<PlannedUpload> with_sidecar(const fs::path& file, const FormFields& common) {
    PlannedUpload upload{file, common};
    const fs::path sidecar = file.string() + ".json";
    std::error_code trouble;
    if (!fs::exists(sidecar, trouble)) return upload;
    TRY(const auto text, read_file(sidecar));
    const auto document = parse_json(text);
    if (!document || !document->is_object()) {
        return fail(ErrorKind::invalid,
                    "ingest.sidecar",
                    fmt::format("{}: no JSON object", sidecar.string()));
    }
    set_fields(upload.fields, document->as_object());
    return upload;
}

Result<void>
add_folder(const fs::path& folder, const FormFields& common, std::vector<PlannedUpload>& out) {
    std::vector<fs::path> files;
    std::error_code trouble;
    for (fs::recursive_directory_iterator at(folder, trouble), end; !trouble && at != end;
         at.increment(trouble)) {
        std::error_code gone;
        const bool recording =
            std::ranges::find(recording_endings, ending_of(at->path())) != recording_endings.end();
        if (recording && at->is_regular_file(gone)) files.push_back(at->path());
    }
    if (trouble) {
        return fail(ErrorKind::unavailable,
                    "file.unreadable",
                    fmt::format("{}: {}", folder.string(), trouble.message()));
    }
    std::ranges::sort(files);
    for (const auto& file : files) {
        TRY(auto upload, with_sidecar(file, common));
        out.push_back(std::move(upload));
    }
    return {};
}

} // namespace

Result<std::vector<PlannedUpload>> plan_uploads(const std::vector<std::string>& operands,
                                                const FormFields& common) {
    std::vector<PlannedUpload> out;
    for (const auto& operand : operands) {
        const fs::path path = operand;
        const auto ending = ending_of(path);
        std::error_code trouble;
        if (fs::is_directory(path, trouble)) {
            TRY_VOID(add_folder(path, common, out));
            continue;
        }
        const bool lines = ending == ".ndjson" || ending == ".jsonl";
        if (ending != ".csv" && ending != ".json" && !lines) {
            out.push_back({path, common});
            continue;
        }
        TRY(const auto text, read_file(path));
        if (ending == ".csv") {
            TRY_VOID(add_csv(path, text, common, out));
        } else if (lines) {
            TRY_VOID(add_lines(path, text, common, out));
        } else {
            TRY_VOID(add_json(path, text, common, out));
        }
    }
    return out;
}

Result<UploadJournal> UploadJournal::open(fs::path file) {
    UploadJournal journal;
    journal.file_ = std::move(file);
    std::error_code trouble;
    if (journal.file_.empty() || !fs::exists(journal.file_, trouble)) return journal;
    TRY(const auto text, read_file(journal.file_));
    for (const auto line : split(text, '\n')) {
        const auto entry = parse_json(line);
        const auto* members = entry ? entry->if_object() : nullptr;
        const auto* key = members != nullptr ? members->if_contains("key") : nullptr;
        if (key != nullptr && key->is_string()) journal.done_.emplace(key->as_string());
    }
    return journal;
}

Result<void> UploadJournal::add(const std::string& key, const std::string& line) {
    done_.insert(key);
    if (file_.empty()) return {};
    const Fd fd(::open(file_.c_str(), O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0600));
    if (!fd)
        return fail(
            ErrorKind::unavailable, "file.unreadable", file_.string() + " cannot be written");
    // In front, too: a run that was killed may have left half a line.
    TRY_VOID(write_all(fd.get(), bytes_of("\n" + line + "\n")));
    if (::fdatasync(fd.get()) != 0)
        return fail(ErrorKind::unavailable, "file.unreadable", file_.string() + " cannot be kept");
    return {};
}

} // namespace hs::app
