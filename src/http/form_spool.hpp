/// Takes the parts of a form: fields into memory, files into unnamed spool files, hashed on the
/// way.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>
#include <vector>

#include "base/crypto.hpp"
#include "http/message.hpp"
#include "http/multipart.hpp"

namespace hs::http {

class FormSpool final : public MultipartSink {
public:
    /// `file_fields`: parts that are files even when sent without a file name.
    FormSpool(std::filesystem::path directory, std::vector<std::string> file_fields);

    /// The finished form; leaves the spool empty.
    [[nodiscard]] Form take();

    [[nodiscard]] bool is_file(const PartHead& head) const override;
    Result<void> field(const PartHead& head, std::string value) override;
    Result<void> file_begin(const PartHead& head) override;
    Result<void> file_data(std::string_view bytes) override;
    Result<void> file_end() override;

private:
    std::filesystem::path directory_;
    std::vector<std::string> file_fields_;
    Form form_;
    Hasher hasher_;
};

} // namespace hs::http
