#include "http/form_spool.hpp"

#include <algorithm>

#include "base/text.hpp"

namespace hs::http {

FormSpool::FormSpool(std::filesystem::path directory, std::vector<std::string> file_fields)
    : directory_(std::move(directory)), file_fields_(std::move(file_fields)) {}

Form FormSpool::take() {
    return std::exchange(form_, {});
}

bool FormSpool::is_file(const PartHead& head) const {
    if (head.filename || std::ranges::find(file_fields_, head.name) != file_fields_.end())
        return true;
    return head.content_type && !iequals_ascii(head.content_type->substr(0, 5), "text/") &&
           !iequals_ascii(head.content_type->substr(0, 16), "application/json");
}

Result<void> FormSpool::field(const PartHead& head, std::string value) {
    form_.fields.emplace_back(head.name, std::move(value));
    return {};
}

Result<void> FormSpool::file_begin(const PartHead& head) {
    UploadedFile file;
    file.field = head.name;
    file.filename = head.filename.value_or("");
    TRY(file.fd, open_unnamed(directory_));
    hasher_ = Hasher();
    form_.files.push_back(std::move(file));
    return {};
}

Result<void> FormSpool::file_data(std::string_view bytes) {
    auto& file = form_.files.back();
    hasher_.update(bytes_of(bytes));
    file.size += bytes.size();
    return write_all(file.fd.get(), bytes_of(bytes));
}

Result<void> FormSpool::file_end() {
    form_.files.back().sha256 = hasher_.finish();
    return {};
}

} // namespace hs::http
