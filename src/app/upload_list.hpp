/// What `hacksmart ingest` uploads: files, folders and manifests, each recording with its fields.
#pragma once

#include <filesystem>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "base/error.hpp"

namespace hs::app {

using FormFields = std::vector<std::pair<std::string, std::string>>;

struct PlannedUpload {
    std::filesystem::path file;
    FormFields fields; // those of the command line, replaced by the recording's own
};

/// Every recording that `operands` name, in order.
///
/// A folder gives all recordings below it (by their endings), each with the fields of
/// "<file>.json" beside it, when there is one. A manifest (.csv with a header, .json with a list,
/// .ndjson or .jsonl) names the recording in its column "file", relative to the manifest; the
/// other columns are fields, empty ones are absent.
/// Errors: invalid "ingest.manifest", "ingest.sidecar"; those of reading files.
[[nodiscard]] Result<std::vector<PlannedUpload>>
plan_uploads(const std::vector<std::string>& operands, const FormFields& common);

/// What has been uploaded so far, kept in a file so that a run can be ended and begun again.
class UploadJournal {
public:
    /// Reads what `file` holds; an empty path keeps nothing. A half-written last line is ignored.
    [[nodiscard]] static Result<UploadJournal> open(std::filesystem::path file);

    [[nodiscard]] bool holds(const std::string& key) const { return done_.contains(key); }

    /// On the disk when it returns. Errors: those of writing.
    [[nodiscard]] Result<void> add(const std::string& key, const std::string& line);

private:
    std::filesystem::path file_;
    std::set<std::string> done_;
};

} // namespace hs::app
